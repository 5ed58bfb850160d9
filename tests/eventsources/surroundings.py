"""What a source is given by the runtime, made for tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from multidict import CIMultiDict

from bus.event import Event
from config.errors import EventyardError
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret
from eventsources.base import SourceContext
from eventsources.http.request import Limits, Load, Request
from eventsources.http.server import HttpListeners

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
class Emitting:
    """An `emit` made of a function for one event."""

    function: Callable[[Event], Awaitable[bool]]

    def __call__(self, event: Event, /) -> Awaitable[bool]:
        return self.function(event)

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        return [await self(event) for event in events]


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

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        return [await self(event) for event in events]


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


@dataclass
class _Head:
    """The head of a request, as the parser gives it."""

    raw_headers: tuple[tuple[bytes, bytes], ...]
    headers: CIMultiDict[str]
    method: str = "POST"
    path: str = "/hook"
    should_close: bool = False
    version: tuple[int, int] = (1, 1)


@dataclass
class _Body:
    """A body that came whole."""

    body: bytes

    def is_eof(self) -> bool:
        return True

    def read_nowait(self) -> bytes:
        return self.body


def unsent_request(headers: Sequence[tuple[str, str]], body: bytes) -> Request:
    """A POST as a source sees it, without a server."""
    raw = tuple((name.encode(), value.encode()) for name, value in headers)
    head: Any = _Head(raw, CIMultiDict(headers))
    content: Any = _Body(body)
    writer: Any = None
    return Request(head, content, writer, Load(Limits()))
