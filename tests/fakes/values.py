"""What a trigger is given, in small: events seen through parameters, Secrets out of a dict."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from bus.event import Event
from config.errors import EventyardError, Permanent
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret
from config.sensor import ParameterSource, TriggerParameter, TriggerPolicy
from triggers.base import TriggerContext


def event(data: Any, *, subject: str = "push", kind: str = "application/json") -> Event:
    """An event whose data is JSON, or bytes as they are."""
    return Event(
        id="4a7f00c1",
        source="forge",
        type="webhook",
        subject=subject,
        time="2026-03-14T15:09:26Z",
        datacontenttype=kind,
        data=data if isinstance(data, bytes) else orjson.dumps(data),
    )


class FakeValues:
    """Knows `value` and dotted `dataKey`s, and `dest`s that are dotted names."""

    def __init__(self, **events: Event) -> None:
        self.events: Mapping[str, Event] = events

    def text(self, source: ParameterSource, /) -> str | None:
        found = self._find(source)
        return found if found is None or isinstance(found, str) else orjson.dumps(found).decode()

    def payload(self, parameters: Sequence[TriggerParameter], /) -> bytes:
        body: dict[str, Any] = {}
        for parameter in parameters:
            assert parameter.src is not None
            if not parameter.dest:
                return (self.text(parameter.src) or "").encode()
            body[parameter.dest] = self._find(parameter.src)
        return orjson.dumps(body)

    def apply(self, target: Mapping[str, Any], parameters: Sequence[TriggerParameter], /) -> dict[str, Any]:
        changed = copy.deepcopy(dict(target))
        for parameter in parameters:
            assert parameter.src is not None
            *parents, last = parameter.dest.split(".")
            place = changed
            for name in parents:
                place = place.setdefault(name, {})
            place[last] = self._find(parameter.src) if parameter.src.use_raw_data else self.text(parameter.src)
        return changed

    def _find(self, source: ParameterSource) -> Any:
        if source.dependency_name not in self.events or not source.data_key:
            return source.value
        found = self.events[source.dependency_name].json()
        for name in source.data_key.split("."):
            if not isinstance(found, dict) or name not in found:
                if source.value is None:
                    raise Permanent(f"'{source.data_key}' is not in the event")
                return source.value
            found = found[name]
        return found


class FakeSecrets:
    """Secrets and ConfigMaps by `name/key`."""

    def __init__(self, **values: str) -> None:
        self._values = values

    def secret(self, selector: SecretKeySelector, /) -> Secret:
        return Secret(self._look_up(selector))

    def config_map(self, selector: ConfigMapKeySelector, /) -> str:
        return self._look_up(selector)

    def _look_up(self, selector: SecretKeySelector | ConfigMapKeySelector) -> str:
        if selector.key not in self._values:
            raise EventyardError(f"Secret '{selector.name}' has no key '{selector.key}'")
        return self._values[selector.key]


def context(policy: TriggerPolicy | None = None, /, **secrets: str) -> TriggerContext:
    """The context of a trigger `announce` of the Sensor `deploy`; Secrets by key."""
    return TriggerContext(
        sensor="deploy", namespace="default", trigger="announce", secrets=FakeSecrets(**secrets), policy=policy
    )
