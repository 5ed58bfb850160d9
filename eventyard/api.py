"""The HTTP API of a running instance, under /api/v1; the command line is its first user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import orjson
from aiohttp import web

from config.errors import BusFull, EventyardError
from eventyard.archive import Archive, NotFound
from eventyard.catch_up import CatchUpRequest, catch_up
from eventyard.given import Given, read_cloudevent
from eventyard.openapi import openapi
from eventyard.plan import SourcePlan
from eventyard.runtime import Runtime

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


NOTHING = msgspec.Raw()


class SendRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A test event, filed under `source/event` of a running EventSource.

    It is given as a whole CloudEvent, as the event's data, or as the payload of a delivery (base64) with its headers, of
    which the EventSource makes the data. Without any of these the data is an empty object.
    """

    source: str
    event: str
    namespace: str = ""
    cloudevent: msgspec.Raw = NOTHING
    data: msgspec.Raw = NOTHING
    payload: bytes | None = None
    headers: dict[str, str] = {}


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
    except NotFound as error:
        return json_response({"error": error.what, "fix": error.fix}, 404)
    except EventyardError as error:
        return json_response({"error": error.what, "fix": error.fix}, 400)


class API:
    """Routes over one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._archive = Archive(runtime.bus.history, runtime.bus.dead_letters)

    def routes(self) -> list[web.RouteDef]:
        """All routes."""
        return [
            web.get("/api/v1/openapi.json", self.openapi),
            web.get("/api/v1/status", self.status),
            web.get("/api/v1/events", self.events),
            web.post("/api/v1/events", self.send),
            web.get("/api/v1/events/{id}", self.event),
            web.get("/api/v1/events/{id}/explain", self.explain),
            web.get("/api/v1/dead-letters", self.dead_letters),
            web.get("/api/v1/dead-letters/{id}", self.dead_letter),
            web.post("/api/v1/dead-letters/retry", self.retry),
            web.post("/api/v1/dead-letters/drop", self.drop),
            web.post("/api/v1/sources/catch-up", self.catch_up),
        ]

    async def openapi(self, request: web.Request) -> web.Response:
        """What there is to ask, for machines."""
        return json_response(openapi())

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
        return json_response(await self._archive.events(request.query))

    async def event(self, request: web.Request) -> web.Response:
        """Every event that the id means, with its data."""
        return json_response(await self._archive.event(request.match_info["id"]))

    async def explain(self, request: web.Request) -> web.Response:
        """Why it did or did not fire."""
        return json_response(await self._archive.explain(request.match_info["id"]))

    async def send(self, request: web.Request) -> web.Response:
        """Publish a test event."""
        wanted = msgspec.json.decode(await request.read(), type=SendRequest)
        plan = self._source(wanted)
        event = _given(wanted).placed(plan.source, plan.event, plan.event_type, plan.make, plan.settings)
        (stored,) = await self._runtime.bus.publish([event], plan.scope)
        return json_response({"id": event.id, "stored": stored})

    def _source(self, wanted: SendRequest) -> SourcePlan:
        plans = [source.plan for source in self._runtime.sources.values()]
        for plan in plans:
            if (plan.source, plan.event) == (wanted.source, wanted.event) and wanted.namespace in ("", plan.namespace):
                return plan
        known = ", ".join(f"{plan.source}/{plan.event}" for plan in plans[:10])
        raise EventyardError(
            f"no EventSource '{wanted.source}/{wanted.event}' runs here", fix=f"there are {known}" if known else ""
        )

    async def dead_letters(self, request: web.Request) -> web.Response:
        """What was given up, newest first."""
        return json_response(await self._archive.dead_letters(request.query))

    async def dead_letter(self, request: web.Request) -> web.Response:
        """One of them, with its events."""
        return json_response(await self._archive.dead_letter(request.match_info["id"]))

    async def retry(self, request: web.Request) -> web.Response:
        """Fire them again."""
        wanted = msgspec.json.decode(await request.read(), type=Ids)
        names = await self._runtime.bus.dead_letters.retry(wanted.ids)
        self._runtime.dispatcher.wake(set(names))
        return json_response({"retried": len(names)})

    async def catch_up(self, request: web.Request) -> web.Response:
        """Have sources fetch what did not arrive."""
        wanted = msgspec.json.decode(await request.read(), type=CatchUpRequest)
        done = await catch_up(list(self._runtime.sources.values()), wanted)
        return json_response(msgspec.to_builtins(done))

    async def drop(self, request: web.Request) -> web.Response:
        """Delete them."""
        wanted = msgspec.json.decode(await request.read(), type=Ids)
        return json_response({"dropped": await self._runtime.bus.dead_letters.drop(wanted.ids)})


def _given(wanted: SendRequest) -> Given:
    """The event of a request. Raises EventyardError."""
    if sum((bool(wanted.cloudevent), bool(wanted.data), wanted.payload is not None)) > 1:
        raise EventyardError("the event is given twice", fix="give one of cloudevent, data and payload")
    if wanted.cloudevent:
        return Given(cloudevent=read_cloudevent(bytes(wanted.cloudevent)))
    if wanted.payload is not None:
        return Given(data=wanted.payload, raw=True, headers=wanted.headers)
    return Given(data=bytes(wanted.data) or b"{}")
