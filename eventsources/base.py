"""The contract of an EventSource: one class per type, entered = ready, `run` until cancelled, left = nothing remains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar, runtime_checkable

from config.model import Model

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from config.credentials import Secrets
    from eventsources.http.server import HttpListeners

S = TypeVar("S", bound=Model)


class Emit(Protocol):
    """Hands an event to the bus. Returns once the event is stored (True), was stored before (False: a redelivery) or is
    dropped by the EventSource's own filter (False). Raises BusFull or BusClosed; then the sender must be told that it was
    not taken."""

    def __call__(self, event: Event, /) -> Awaitable[bool]: ...

    def batch(self, events: Sequence[Event], /) -> Awaitable[Sequence[bool]]:
        """The same for several events that become durable together, with one answer each; none is promised if it raises."""


class Notes(Protocol):
    """What a source keeps over restarts, under its own name."""

    async def recall(self) -> bytes | None: ...

    async def remember(self, value: bytes, /) -> None: ...


def system_now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTest:
    """A condition on a JSON value: the text at a gjson path matches a regular expression (RE2, found anywhere in it), or does
    not. What is no text counts as an empty one; it never holds where the path leads nowhere.

    at: where in the block it stands.
    """

    at: FieldPath
    path: str
    pattern: str
    matches: bool = True


def anything(value: Any) -> bool:
    """There are no conditions."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """Everything a source is given by the runtime.

    source and event are the CloudEvent's `source` and `subject`; `http` is shared by all HTTP-fed sources; `holds` says
    whether a JSON value passes all of the adapter's `tests`.
    """

    source: str
    event: str
    namespace: str
    values: Secrets
    notes: Notes
    http: HttpListeners
    now: Callable[[], datetime] = field(default=system_now)
    holds: Callable[[Any], bool] = field(default=anything)


class EventSource(ABC, Generic[S]):
    """One event of one EventSource: `spec.<type>.<event>`.

    Subclasses give `kind` (the key under `spec`), `event_type` (the CloudEvent's type, if it differs) and `Settings`, the model
    of their own block. `run` returns only when cancelled; whatever it raises is retried by the runtime with backoff.
    """

    kind: ClassVar[str]
    event_type: ClassVar[str] = ""
    Settings: ClassVar[type[Model]]

    def __init__(self, settings: S, context: SourceContext) -> None:
        self.settings = settings
        self.context = context

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        """What validation of single fields cannot see: (field path, what, fix) of each fault. A `what` that begins with
        `warning: ` is one."""
        return []

    @classmethod
    def tests(cls, settings: Any) -> Sequence[TextTest]:
        """Conditions in the block that are compiled before the source is made, which then has them as `context.holds`."""
        return ()

    @classmethod
    def describe(cls, settings: Any, host: str) -> str:
        """Where events come from, in a few words for start-up (`http://127.0.0.1:12000/github`); `host` is the address
        that webhooks listen on."""
        return ""

    @classmethod
    def wrap(cls, settings: Any, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The data of the event that a delivery of this payload becomes; for events that a user makes by hand. Nothing is
        authenticated. Raises EventyardError if such a delivery would be refused for what it holds."""
        return body

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    @abstractmethod
    async def run(self, emit: Emit) -> None:
        """Emit events until cancelled; acknowledge upstream only after `emit` returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Something that happened upstream and did not arrive.

    id: what it is known by there. at: when. what: what it is, in a few words. stored: True if it is on the bus now, False if
    it was there already or the EventSource's filter dropped it, None if it was not fetched. problem: why it cannot become an
    event, "" if it can.
    """

    id: str
    at: datetime
    what: str
    stored: bool | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What came of catching up: how many things that happened upstream were looked at, those that had not arrived (oldest
    first), and what could not be looked at or fetched and is still to be caught up with."""

    looked: int = 0
    missed: Sequence[Missed] = ()
    problems: Sequence[str] = ()


@runtime_checkable
class CatchesUp(Protocol):
    """An EventSource that can ask upstream for what did not arrive while it was away."""

    def cannot_catch_up(self) -> str:
        """Why this one cannot; "" if it can."""

    async def catch_up(self, emit: Emit, since: datetime | None, dry_run: bool) -> CaughtUp:
        """Fetch and emit what did not arrive, as if it had; `dry_run` only looks. `since` None goes back to where everything
        is known. For a source that was entered; raises BusClosed."""
