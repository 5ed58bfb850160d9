"""The HTTP API of a running instance, under /api/v1; the command line is its first user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson
from aiohttp import web

from bus.base import DeadLetter, EventQuery
from bus.event import Event
from config.errors import BusFull, EventyardError
from eventyard.explain import event_view, explain, explained_view
from eventyard.runtime import Runtime

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE_MOST = 1000


class SendRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A test event: `source/event` it is filed under, its data as JSON, and optional CloudEvents attributes."""

    source: str
    event: str
    data: msgspec.Raw
    id: str = ""
    type: str = ""
    datacontenttype: str = "application/json"
    namespace: str = ""


class Ids(msgspec.Struct, forbid_unknown_fields=True):
    """Dead letters by id."""

    ids: list[int]


def json_response(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


@web.middleware
async def readable_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as JSON: what, and how to fix it."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return json_response({"error": error.text or error.reason}, error.status)
    except msgspec.MsgspecError as error:
        return json_response({"error": str(error)}, 400)
    except BusFull as error:
        return json_response({"error": error.what, "fix": error.fix}, 503)
    except EventyardError as error:
        return json_response({"error": error.what, "fix": error.fix}, 400)


class API:
    """Routes over one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/api/v1/status", self.status),
            web.get("/api/v1/events", self.events),
            web.post("/api/v1/events", self.send),
            web.get("/api/v1/events/{id}", self.event),
            web.get("/api/v1/events/{id}/explain", self.explain),
            web.get("/api/v1/dead-letters", self.dead_letters),
            web.get("/api/v1/dead-letters/{id}", self.dead_letter),
            web.post("/api/v1/dead-letters/retry", self.retry),
            web.post("/api/v1/dead-letters/drop", self.drop),
        ]

    async def status(self, request: web.Request) -> web.Response:
        """What runs and how it is doing."""
        runtime = self._runtime
        stats = await runtime.bus.stats()
        return json_response(
            {
                "problems": runtime.problems(),
                "sources": [
                    {
                        "source": source.plan.source,
                        "event": source.plan.event,
                        "type": source.plan.kind,
                        "ready": source.ready.is_set(),
                        "problem": str(source.problem) if source.problem is not None else "",
                    }
                    for source in runtime.sources.values()
                ],
                "sensors": [
                    {
                        "sensor": name,
                        "listens": [f"{subject.source}/{subject.event}" for subject in running.plan.subjects],
                        "triggers": [trigger.name.trigger for trigger in running.plan.triggers],
                        "waiting": running.sensor.waiting(),
                        "lag": stats.lag.get(name, 0),
                    }
                    for name, running in runtime.sensors.items()
                ],
                "unfinished": {str(name): count for name, count in stats.outbox.items()},
                "deadLetters": stats.dead,
                "position": stats.head,
                "bytes": stats.bytes,
            }
        )

    async def events(self, request: web.Request) -> web.Response:
        """Newest first, with the verdict of each Sensor."""
        history = self._runtime.bus.history
        query = event_query(dict(request.query))
        deliveries = await history.events(query)
        verdicts = await history.verdicts([delivery.position for delivery in deliveries])
        return json_response(
            [
                {
                    "position": delivery.position,
                    **event_view(delivery.event, data=False),
                    "size": delivery.event.size,
                    "verdicts": dict(verdicts.get(delivery.position, ())),
                }
                for delivery in deliveries
            ]
        )

    async def event(self, request: web.Request) -> web.Response:
        """Every event that the id means, with its data."""
        found = await self._runtime.bus.history.find(request.match_info["id"])
        if not found:
            raise web.HTTPNotFound(text=f"no event '{request.match_info['id']}'")
        return json_response([{"position": each.position, **event_view(each.event)} for each in found])

    async def explain(self, request: web.Request) -> web.Response:
        """Why it did or did not fire."""
        found = await explain(self._runtime.bus.history, request.match_info["id"])
        if not found:
            raise web.HTTPNotFound(text=f"no event '{request.match_info['id']}'")
        return json_response([explained_view(each) for each in found])

    async def send(self, request: web.Request) -> web.Response:
        """Publish a test event."""
        wanted = msgspec.json.decode(await request.read(), type=SendRequest)
        sources = [
            source.plan
            for source in self._runtime.sources.values()
            if (source.plan.source, source.plan.event) == (wanted.source, wanted.event)
            and wanted.namespace in ("", source.plan.namespace)
        ]
        if not sources:
            raise EventyardError(
                f"no EventSource '{wanted.source}/{wanted.event}' runs here",
                fix="see GET /api/v1/status for those that do",
            )
        plan = sources[0]
        event = Event.new(
            id=wanted.id,
            source=plan.source,
            subject=plan.event,
            type=wanted.type or plan.make.event_type or plan.kind,
            datacontenttype=wanted.datacontenttype,
            data=bytes(wanted.data),
        )
        (stored,) = await self._runtime.bus.publish([event], plan.scope)
        return json_response({"id": event.id, "stored": stored})

    async def dead_letters(self, request: web.Request) -> web.Response:
        """What was given up, newest first."""
        letters = await self._runtime.bus.dead_letters.list(
            limit=_number(request.query.get("limit"), 100),
            before=_number(request.query.get("before"), 0),
            sensor=request.query.get("sensor", ""),
        )
        return json_response([letter_view(letter, events=False) for letter in letters])

    async def dead_letter(self, request: web.Request) -> web.Response:
        """One of them, with its events."""
        letter = await self._runtime.bus.dead_letters.get(_number(request.match_info["id"], 0))
        if letter is None:
            raise web.HTTPNotFound(text=f"no dead letter {request.match_info['id']}")
        return json_response(letter_view(letter))

    async def retry(self, request: web.Request) -> web.Response:
        """Fire them again."""
        wanted = msgspec.json.decode(await request.read(), type=Ids)
        names = await self._runtime.bus.dead_letters.retry(wanted.ids)
        self._runtime.dispatcher.wake(set(names))
        return json_response({"retried": len(names)})

    async def drop(self, request: web.Request) -> web.Response:
        """Delete them."""
        wanted = msgspec.json.decode(await request.read(), type=Ids)
        return json_response({"dropped": await self._runtime.bus.dead_letters.drop(wanted.ids)})


def event_query(given: dict[str, str]) -> EventQuery:
    """Query parameters (or command line options) as a query. Raises EventyardError."""
    unknown = given.keys() - {"limit", "before", "source", "subject", "type", "since", "until"}
    if unknown:
        raise EventyardError(f"unknown parameter '{sorted(unknown)[0]}'")
    texts = {name: given.get(name, "") for name in ("source", "subject", "type", "since", "until")}
    return EventQuery(
        limit=min(_number(given.get("limit"), 50), PAGE_MOST), before=_number(given.get("before"), 0), **texts
    )


def letter_view(letter: DeadLetter, *, events: bool = True) -> dict[str, Any]:
    """A dead letter as JSON-able values."""
    firing = letter.firing
    view: dict[str, Any] = {
        "id": letter.id,
        "at": letter.at,
        "sensor": firing.name.sensor,
        "trigger": firing.name.trigger,
        "key": firing.key,
        "reason": firing.reason,
        "rendered": firing.rendered,
        "attempts": msgspec.to_builtins(firing.attempts),
        "events": {name: event.id for name, event in firing.events.items()},
    }
    if events:
        view["events"] = {name: event_view(event) for name, event in firing.events.items()}
    return view


def _number(text: str | None, default: int) -> int:
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise EventyardError(f"'{text}' is no number") from None
