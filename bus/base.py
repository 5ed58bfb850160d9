"""The bus contract that every backend keeps: events are durable before `publish` returns, *evaluation happens once,
firing at least once*.

A Subscription hands a Sensor its events in order, beginning after the last committed position. What evaluating them
changes (the position, half-met conditions, firings that are not finished, decision records) is one `Progress` and
becomes durable together. A crash before that repeats the evaluation from the same state, so it comes to the same
firings with the same keys; a crash after it loses nothing, because unfinished firings are in the outbox.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Self

import msgspec

from bus.event import Event

DEFAULT_SCOPE = "default/default"


class Subject(NamedTuple):
    """What events are filed under: the EventSource's name, the event's name in it, and the scope
    (`namespace/eventBusName`) within which EventSources and Sensors see each other."""

    source: str
    event: str
    scope: str = DEFAULT_SCOPE


class Delivery(msgspec.Struct, frozen=True):
    """An event at its position in the log. Positions grow, gaps are allowed."""

    position: int
    event: Event


class TriggerName(NamedTuple):
    """A trigger is known by its Sensor (`namespace/name`) and its own name."""

    sensor: str
    trigger: str

    def __str__(self) -> str:
        return f"{self.sensor}/{self.trigger}"


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """One try at a firing.

    at: RFC 3339; duration: seconds; status: the protocol's status code, 0 if there was no answer; answer: what came
    back, cut to a limit; error: why it counts as failed, empty on success; retry_in: seconds until the next try; count:
    how many tries this one stands for, where many are summed up; fix: what would help, where that is known.
    """

    at: str
    duration: float = 0.0
    status: int = 0
    answer: str = ""
    error: str = ""
    retry_in: float | None = None
    count: int = 1
    fix: str = ""


class Firing(msgspec.Struct, kw_only=True, eq=False):
    """Conditions that were met and the action that has to follow, exactly as the evaluator decided it.

    `key` is the idempotency key, equal for every repetition. `events` maps dependency names to the events that take
    part; `position` is that of the event which completed the conditions. `status` moves ready -> waiting (for the next
    try) -> fired | dead; `due` is Unix seconds (0 = at once); `id` orders the outbox and is 0 outside of it. `stored`
    says that the outbox has it, or will once a commit that was handed over is durable. A dead firing with a `follower` is
    no dead letter: the follower, of the trigger that is meant for this, takes its place in the outbox.

    The dispatcher changes a firing while a commit of it may be under way, so a backend takes what it needs of it before
    it first awaits.
    """

    key: str
    name: TriggerName
    position: int
    events: Mapping[str, Event]
    status: str = "ready"
    due: float = 0.0
    attempts: list[Attempt] = []
    rendered: str = ""
    reason: str = ""
    id: int = 0
    stored: bool = False
    follower: Firing | None = None


class Record(msgspec.Struct, frozen=True):
    """A decision record as the history keeps it: which event, which Sensor, the verdict in one word, and the record."""

    position: int
    sensor: str
    verdict: str
    body: bytes


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a firing after its decision record was written; joined to the record by trigger and key."""

    sensor: str
    trigger: str
    key: str
    status: str
    due: float = 0.0
    attempts: Sequence[Attempt] = ()
    rendered: str = ""
    reason: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that evaluating deliveries up to and including `position` changed.

    state: half-met conditions by name, None = no longer held. firings: those not fired yet (ready, waiting or dead).
    """

    position: int
    state: Mapping[str, Delivery | None] = {}
    firings: Sequence[Firing] = ()
    records: Sequence[Record] = ()


class Subscription(ABC):
    """One Sensor's place in the log; an async context manager."""

    @property
    @abstractmethod
    def state(self) -> Mapping[str, Delivery]:
        """The half-met conditions as of the committed position; read once after opening."""

    @abstractmethod
    async def next(self, limit: int = 256) -> Sequence[Delivery]:
        """Wait for events of the subscribed subjects; 1 to `limit` of them, in order, none twice."""

    @abstractmethod
    async def commit(self, progress: Progress) -> None:
        """Return once all of `progress` is durable. Raises BusFull or BusClosed; then nothing of it is, and the caller
        commits it again."""

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None: ...


class Outbox(ABC):
    """Firings that outlive the commit of their event. Calls take effect in the order they are made."""

    @abstractmethod
    async def ready(self, name: TriggerName, *, after: int, limit: int) -> Sequence[Firing]:
        """Never attempted firings with an id above `after`, in order."""

    @abstractmethod
    async def due(self, name: TriggerName, *, now: float, limit: int) -> Sequence[Firing]:
        """Firings that wait for another try and whose time has come, earliest first."""

    @abstractmethod
    async def next_due(self, name: TriggerName) -> float | None:
        """When the earliest waiting firing is due (Unix seconds), or None."""

    @abstractmethod
    async def settle(self, firings: Sequence[Firing]) -> None:
        """Make durable what became of stored firings, known by name and key: `fired` ones leave, `waiting` ones are kept
        with their `due` and `attempts`, `dead` ones move to the dead letters (also if they had left before, as one that is
        tried at most once has). The history gets a report of each.
        Raises BusFull or BusClosed; then nothing changed, and the caller settles them again."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A firing that was given up: why, when (RFC 3339), what was rendered, every answer, and its events whole."""

    id: int
    at: str
    firing: Firing


class DeadLetters(ABC):
    """The dead-letter queue."""

    @abstractmethod
    async def list(self, *, limit: int = 100, before: int = 0, sensor: str = "") -> Sequence[DeadLetter]:
        """Newest first; `before` is the id of the last one seen."""

    @abstractmethod
    async def get(self, id: int) -> DeadLetter | None: ...

    @abstractmethod
    async def retry(self, ids: Sequence[int]) -> Sequence[TriggerName]:
        """Put them back into the outbox, due at once and with all their tries before them: past attempts are kept with a
        count of 0. Returns the triggers concerned."""

    @abstractmethod
    async def drop(self, ids: Sequence[int]) -> int:
        """Delete them; returns how many there were."""


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: newest first, below position `before`; text fields empty = any; `since`/`until` RFC 3339, both included,
    by the time at which the bus took them."""

    limit: int = 50
    before: int = 0
    source: str = ""
    subject: str = ""
    type: str = ""
    since: str = ""
    until: str = ""


class History(ABC):
    """What happened and why; readable while the instance runs and after it stopped."""

    @abstractmethod
    async def events(self, query: EventQuery) -> Sequence[Delivery]: ...

    @abstractmethod
    async def find(self, id: str) -> Sequence[Delivery]:
        """Events whose id is `id`, begins with it, or has it between colons; the newest 10 at most."""

    @abstractmethod
    async def records(self, position: int) -> Sequence[Record]:
        """The decision records of one event, one per Sensor."""

    @abstractmethod
    async def reports(self, position: int) -> Sequence[Report]:
        """What became later of the firings that this event completed, the latest word for each."""

    @abstractmethod
    async def verdicts(self, positions: Sequence[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        """(sensor, verdict) pairs for each of these positions."""


class BusStats(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes for metrics: `lag` is unevaluated events by consumer, `outbox` unfinished firings by trigger,
    `oldest_unfinished` Unix seconds or None, bytes on disk, head position."""

    head: int = 0
    bytes: int = 0
    lag: Mapping[str, int] = {}
    outbox: Mapping[TriggerName, int] = {}
    dead: int = 0
    oldest_unfinished: float | None = None


class Bus(ABC):
    """A durable, ordered log of events; an async context manager that is ready once entered."""

    outbox: Outbox
    dead_letters: DeadLetters
    history: History

    @abstractmethod
    async def publish(self, events: Sequence[Event], scope: str = DEFAULT_SCOPE) -> Sequence[bool]:
        """Return once all events are durable: True for each stored, False for each that is already there (same source,
        subject and id within the deduplication window). Raises BusFull (come back later) or BusClosed; then none is
        promised, and publishing again is safe."""

    @abstractmethod
    def subscribe(self, consumer: str, subjects: Collection[Subject]) -> Subscription:
        """A Sensor's subscription under a durable name. A new name begins with the events published after it is first
        opened; a known one continues where its last commit was, with these subjects. One opener at a time."""

    @abstractmethod
    async def forget(self, consumer: str) -> None:
        """A Sensor is gone for good: drop its position and state (its outbox and history stay)."""

    @abstractmethod
    async def recall(self, name: str) -> bytes | None:
        """A small note that is kept over restarts: an EventSource's last tick, what a trigger waits for."""

    @abstractmethod
    async def recollect(self, prefix: str) -> Mapping[str, bytes]:
        """All notes whose names begin so, by name."""

    @abstractmethod
    async def remember(self, name: str, value: bytes | None) -> None:
        """Durable when it returns; None = forget it."""

    @abstractmethod
    async def stats(self) -> BusStats: ...

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None: ...
