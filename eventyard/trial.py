"""Events through one Sensor, with nothing fired and nothing stored: what it decides, and what it would send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from bus.base import Delivery, Firing
from bus.event import Event, now_text
from config.errors import EventyardError
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret
from eventyard.actions import render
from eventyard.plan import SensorPlan, TriggerPlan
from eventyard.views import decision_view, event_view
from sensors.decision import Decision
from sensors.step import step
from triggers.base import TriggerContext


class Request(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What one firing would send, secrets left out, or why that cannot be rendered; `documents` is what it would do to the
    objects of a cluster, each with its verb."""

    trigger: str
    kind: str
    key: str
    request: Mapping[str, Any] = {}
    documents: Sequence[Mapping[str, Any]] = ()
    error: str = ""
    fix: str = ""


class Tried(msgspec.Struct, kw_only=True):
    """What one event came to. `missing` is, by trigger, the dependencies that are still waited for."""

    event: Mapping[str, Any]
    size: int
    decision: Decision
    requests: Sequence[Request]
    missing: Mapping[str, Sequence[str]]


def run_trial(plan: SensorPlan, events: Sequence[Event], now: datetime | None = None) -> list[Tried]:
    """Evaluate events one after another, beginning with nothing held, as the running Sensor would."""
    now = now or datetime.now(UTC)
    at = now_text(lambda: now)
    state: dict[str, Delivery] = {}
    tried = []
    for position, event in enumerate(events, 1):
        result = step(plan.rule, state, Delivery(position, event), now, at, explain=True)
        for entry, held in result.changes.items():
            if held is None:
                state.pop(entry, None)
            else:
                state[entry] = held
        requests = [_render(plan, firing) for firing in result.firings]
        missing = {
            trigger.name: [name for name, there in trigger.terms.items() if not there]
            for trigger in result.decision.triggers
            if trigger.verdict == "waiting"
        }
        tried.append(
            Tried(
                event=event_view(event, data=False),
                size=event.size,
                decision=result.decision,
                requests=requests,
                missing=missing,
            )
        )
    return tried


def tried_view(tried: Tried) -> dict[str, Any]:
    """The same as JSON-able values."""
    view: dict[str, Any] = msgspec.to_builtins(tried)
    return {**view, "decision": decision_view(tried.decision)}


def fires(tried: Sequence[Tried]) -> bool:
    """Whether something would be sent."""
    return any(not request.error for each in tried for request in each.requests)


def _render(plan: SensorPlan, firing: Firing) -> Request:
    trigger = next(each for each in plan.triggers if each.name == firing.name)
    request = Request(trigger=trigger.name.trigger, kind=trigger.kind, key=firing.key)
    try:
        adapter = trigger.make(trigger.settings, _context(plan, trigger))
        rendered = render(trigger, adapter, firing)
        request.request = rendered.view()
        if trigger.make.cluster:
            documents = asyncio.run(adapter.documents(rendered, firing.key))
            request.documents = [{"verb": each.verb, "object": each.body} for each in documents]
    except EventyardError as error:
        request.error, request.fix = str(error), error.fix
    except Exception as error:  # as the dispatcher, for which what an adapter raises is never the end
        request.error = f"{type(error).__name__}: {error}"
    return request


def _context(plan: SensorPlan, trigger: TriggerPlan) -> TriggerContext:
    return TriggerContext(
        sensor=plan.name,
        namespace=plan.namespace,
        trigger=trigger.name.trigger,
        secrets=_NoSecrets(),
        policy=trigger.manifest.policy,
    )


class _NoSecrets:
    """Rendering needs no secrets; whoever asks for one all the same is told that there are none here."""

    def secret(self, selector: SecretKeySelector, /) -> Secret:
        self._refuse()

    def config_map(self, selector: ConfigMapKeySelector, /) -> str:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise EventyardError("secrets are not looked up in a trial")
