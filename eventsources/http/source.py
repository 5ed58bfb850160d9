"""What all sources have in common that are fed by HTTP: a mounted route, the bearer token, and an answer that is given
only after the bus has the events.

An adapter says where it listens and makes events of a request.
"""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from math import ceil
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from bus.event import Event
from config.errors import BusFull, EventyardError
from config.model import Model, SecretKeySelector
from eventsources.base import Emit, EventSource, SourceContext
from eventsources.http.request import INACTIVE, SUCCESS, Answer, Refused, Request, collect_headers
from eventsources.http.route import Route, WebhookContext

_log = logging.getLogger("eventyard.eventsources")

S = TypeVar("S", bound=Model)
P = ParamSpec("P")
R = TypeVar("R")

TAKEOVER: Final = 10.0
"""Seconds that a request which comes between being bound and running is kept waiting."""

IN_THREAD: Final = 64 << 10
"""Bytes of a body beyond which work on it that is slow is done beside the event loop."""

_NOT_HANDLED: Final = Answer(500, "internal error")
_NOT_RECORDED: Final = Answer(500, "failed to record event")
_NOT_YET: Final = Answer(503, "not ready yet", (("Retry-After", "1"),))
_NO_TOKEN: Final = Answer(500, "Error loading auth token")
_NO_BEARER: Final = Answer(401, "Invalid Authorization Header")
_WRONG_TOKEN: Final = Answer(401, "Invalid Auth token")


async def beside_loop(work: Callable[Concatenate[bytes, P], R], body: bytes, *more: P.args, **named: P.kwargs) -> R:
    """Do work that takes long for a long body, then in a thread, so that others are served meanwhile."""
    if len(body) > IN_THREAD:
        return await asyncio.to_thread(work, body, *more, **named)
    return work(body, *more, **named)


def written_headers(headers: Mapping[str, str]) -> dict[str, list[str]]:
    """Headers that a user wrote, as they go into an event."""
    return collect_headers((name.encode("utf-8", "replace"), value.encode()) for name, value in headers.items())


def would_refuse(refused: Refused) -> EventyardError:
    """For a payload that a user gave: what its sender would have been answered."""
    return EventyardError(f"such a delivery would be answered with {refused.answer.status}: {refused.answer.text}")


class HttpSource(EventSource[S]):
    """A source that others call. Entered = its path is served; while `run` runs, requests become events.

    Subclasses give `webhook`, where to listen, and `events`.
    """

    def __init__(self, settings: S, context: SourceContext) -> None:
        super().__init__(settings, context)
        self._emit: Emit | None = None
        self._begun = asyncio.Event()
        self._mount = AsyncExitStack()
        self.accepted = SUCCESS
        """What a sender is told whose event was recorded."""

    @property
    def name(self) -> str:
        """`namespace/EventSource/event`."""
        return f"{self.context.namespace}/{self.context.source}/{self.context.event}"

    @property
    @abstractmethod
    def webhook(self) -> WebhookContext:
        """Where to listen."""

    @abstractmethod
    async def events(self, request: Request) -> Sequence[Event]:
        """The events in a request. Raises Refused with what is answered instead."""

    async def __aenter__(self) -> Self:
        context = self.context
        self._route = Route(
            owner=self.name,
            context=self.webhook,
            values=context.values,
            handle=self._handle,
        )
        await self._mount.enter_async_context(context.http.mount(self._route))
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._begun.set()  # nobody has to wait any longer
        await self._mount.aclose()

    async def run(self, emit: Emit) -> None:
        self._emit = emit
        self._begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._emit = None

    @property
    def ended(self) -> bool:
        """It ran, and no later version of it has taken over its path."""
        return self._begun.is_set() and not self.context.http.is_succeeded(self._route)

    def secret(self, selector: SecretKeySelector) -> str:
        """A Secret's text as it is now. Raises EventyardError if there is none or it is empty."""
        value = self.context.values.secret(selector).reveal()
        if not value:
            raise EventyardError(f"the Secret {selector.name}/{selector.key} is empty", fix="give it a value")
        return value

    async def _handle(self, request: Request) -> Answer:
        if self.webhook.auth_secret is not None:
            self._authorize(request, self.webhook.auth_secret)
        emit = self._emit
        if emit is None:
            emit = await self._awaited()
        try:
            events = await self.events(request)
        except EventyardError as error:
            _log.error("%s: a request could not be handled: %s", self.name, error)
            return _NOT_HANDLED
        try:
            for event in events:
                await emit(event)
        except BusFull as full:
            return Answer(503, full.what, (("Retry-After", str(max(ceil(full.retry_after), 1))),))
        except Exception as error:
            known = isinstance(error, EventyardError)
            _log.error("%s: an event could not be recorded: %s", self.name, error, exc_info=None if known else error)
            return _NOT_RECORDED
        return self.accepted

    def _authorize(self, request: Request, selector: SecretKeySelector) -> None:
        """Compare the bearer token, which is looked up anew so that it may change. Raises Refused."""
        try:
            token = self.context.values.secret(selector)
        except EventyardError as error:
            _log.error("%s: %s", self.name, error)
            raise Refused(_NO_TOKEN) from None
        given = request.header("Authorization")
        if not given.startswith("Bearer "):
            raise Refused(_NO_BEARER)
        if not token or not token.matches(given.removeprefix("Bearer ")):
            raise Refused(_WRONG_TOKEN)

    async def _awaited(self) -> Emit:
        """`emit`, once `run` has it; a source that ran and does not any more is inactive. Raises Refused."""
        if self._begun.is_set():
            raise Refused(INACTIVE)
        try:
            async with asyncio.timeout(TAKEOVER):
                await self._begun.wait()
        except TimeoutError:
            raise Refused(_NOT_YET) from None
        if self._emit is None:
            raise Refused(_NOT_YET)
        return self._emit
