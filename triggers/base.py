"""The contract of a trigger: `render` says what would be sent, purely; `fire` sends it and says how it went."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar

from config.model import Model
from triggers.shared import Shared

if TYPE_CHECKING:
    from bus.event import Event
    from config.credentials import Secrets
    from config.sensor import ParameterSource, TriggerParameter, TriggerPolicy

S = TypeVar("S", bound=Model)
R = TypeVar("R", bound="Rendered")


class Values(Protocol):
    """The events of one firing, seen through the parameters of a manifest. Raises Permanent if one cannot be resolved."""

    @property
    def events(self) -> Mapping[str, Event]:
        """By dependency name."""

    def text(self, source: ParameterSource, /) -> str | None:
        """One value as text; None = its dependency takes no part in this firing and there is no default."""

    def payload(self, parameters: Sequence[TriggerParameter], /) -> bytes:
        """The request body that a `payload` list builds."""

    def apply(self, target: Mapping[str, Any], parameters: Sequence[TriggerParameter], /) -> dict[str, Any]:
        """A copy of a JSON object with parameters written into it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a firing would send. Adapters add the fields they need to send it."""

    def show(self, limit: int = 1024) -> str:
        """One readable line for a person, secrets left out, cut to about `limit` characters."""
        raise TypeError(f"{type(self).__name__} must say what it is")

    def view(self) -> dict[str, Any]:
        """The same whole, as JSON-able values, secrets left out."""
        return {"text": self.show(1 << 20)}


@dataclass(frozen=True, slots=True)
class Document:
    """What a firing does to one object of a cluster: the verb (`create`, `patch`, `delete`), and the object or the patch,
    with enough of `apiVersion`, `kind` and `metadata` to know what it is about."""

    verb: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A success. `status` is the protocol's code (0 if it has none), `answer` what came back, cut to a limit.

    `started` is what goes on now and can be awaited, as JSON-able values that the trigger's `result` understands.
    """

    status: int = 0
    answer: str = ""
    started: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How that ended: `phase` in the words of what was started (`Succeeded`, `Degraded`), whether that is a success, why,
    and the object as it was then."""

    phase: str
    ok: bool
    message: str = ""
    object: Mapping[str, Any] = field(default_factory=dict)


class Spawn(Protocol):
    """Starts a task that lives on after the call; whoever starts one ends it on leaving. What it raises ends the program."""

    def __call__(self, work: Coroutine[Any, Any, None], /, *, name: str) -> asyncio.Task[None]: ...


def _no_tasks(work: Coroutine[Any, Any, None], /, *, name: str) -> asyncio.Task[None]:
    work.close()
    raise TypeError(f"there is nothing here for {name} to run in")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerContext:
    """Everything a trigger is given by the runtime."""

    sensor: str
    namespace: str
    trigger: str
    secrets: Secrets
    policy: TriggerPolicy | None = None
    log_format: str = "text"
    spawn: Spawn = _no_tasks
    shared: Shared = field(default_factory=Shared)


class Trigger(ABC, Generic[S, R]):
    """One trigger of one Sensor. Entered = its client is usable; left = nothing remains.

    Subclasses give `kind` (the key in the trigger template) and `Settings`, the model of their own block. One with `awaits`
    starts what takes its time, and has `result`; one with `cluster` acts on objects of a cluster, and has `documents`.
    """

    kind: ClassVar[str]
    awaits: ClassVar[bool] = False
    cluster: ClassVar[bool] = False
    Settings: ClassVar[type[Model]]

    def __init__(self, settings: S, context: TriggerContext) -> None:
        self.settings = settings
        self.context = context

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        """What validation of single fields cannot see: (field path, what, fix) of each fault. A `what` that begins with
        `warning: ` is one."""
        return []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    @abstractmethod
    def render(self, settings: S, values: Values) -> R:
        """What to send for these events. `settings` are this trigger's, or, where template-level parameters changed
        them, those of this firing. Pure. Raises Permanent."""

    @abstractmethod
    async def fire(self, request: R, key: str) -> Outcome:
        """Send it, with the idempotency key. Raises Temporary (may pass) or Permanent (will not)."""

    def missing(self) -> str:
        """What this machine lacks for firing, in words (`a kubeconfig`); empty = nothing. Only looks, connects to nothing."""
        return ""

    async def documents(self, request: R, key: str) -> Sequence[Document]:
        """What `fire` would do to the objects of a cluster; needs none, and need not be entered. Raises as `fire` does."""
        raise TypeError(f"{type(self).__name__} acts on no cluster")

    async def result(self, started: Mapping[str, Any]) -> Result:
        """Wait, however long, until what `fire` started has ended. Called again with the same after a restart.

        Raises Temporary (it is called again) or Permanent (nothing will ever be known of it).
        """
        raise TypeError(f"{type(self).__name__} starts nothing that can be awaited")
