"""What a source is given by the runtime, made for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bus.event import Event
from config.errors import EventyardError
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret
from eventsources.base import SourceContext
from eventsources.http_server import HttpListeners

NOW = datetime(2026, 11, 23, 21, 14, 3, tzinfo=UTC)


@dataclass
class FixedValues:
    """Secrets by `name/key`."""

    secrets: dict[str, str] = field(default_factory=dict)

    def secret(self, selector: SecretKeySelector, /) -> Secret:
        found = self.secrets.get(f"{selector.name}/{selector.key}")
        if found is None:
            raise EventyardError(f"there is no Secret {selector.name}/{selector.key}")
        return Secret(found)

    def config_map(self, selector: ConfigMapKeySelector, /) -> str:
        raise EventyardError(f"there is no ConfigMap {selector.name}/{selector.key}")


@dataclass
class NoNotes:
    """Forgets."""

    value: bytes | None = None

    async def recall(self) -> bytes | None:
        return self.value

    async def remember(self, value: bytes, /) -> None:
        self.value = value


@dataclass
class Collector:
    """An `emit` that keeps the events; `fail` is raised in place of keeping one, `stored` is its answer."""

    events: list[Event] = field(default_factory=list)
    fail: Exception | None = None
    stored: bool = True

    async def __call__(self, event: Event, /) -> bool:
        if self.fail is not None:
            raise self.fail
        self.events.append(event)
        return self.stored


def make_context(
    http: HttpListeners,
    secrets: Mapping[str, str] | None = None,
    *,
    source: str = "hooks",
    event: str = "example",
    now: Callable[[], datetime] = lambda: NOW,
) -> SourceContext:
    """The surroundings of a source."""
    return SourceContext(
        source=source,
        event=event,
        namespace="default",
        values=FixedValues(dict(secrets or {})),
        notes=NoNotes(),
        http=http,
        now=now,
    )
