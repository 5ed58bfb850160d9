"""Recorded requests of the webhook and github sources: sent to ours, byte for byte, over a real socket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson

from bus.event import Event
from config.block import Block, Marks
from config.decode import decode_block
from config.errors import BusClosed, EventyardError, Fault
from eventsources.github.adapter import GitHub
from eventsources.http.server import HttpListeners
from eventsources.http.source import HttpSource
from eventsources.webhook import Webhook
from tests.eventsources.raw_http import ask, request
from tests.eventsources.surroundings import Collector, make_context

Case = dict[str, Any]
_REFUSED: Final = {"decodeError", "startError"}


async def answer_webhook(case: Case) -> Case:
    """What a request to a webhook comes to, or `decodeError`, `startError`."""
    return await _answer(Webhook, case["webhook"], case)


async def answer_github(case: Case) -> Case:
    """The same for the github source."""
    block = dict(case["github"])
    faults = [what for _, what, _ in _check(GitHub, block) if not what.startswith("warning: ")]
    if faults:
        return {"decodeError": faults[0]}
    return await _answer(GitHub, {**block, "webhook": {**block["webhook"], "port": "0"}}, case)


def _settings(adapter: type[HttpSource[Any]], block: Case) -> Any:
    faults: list[Fault] = []
    settings = decode_block(
        adapter.Settings, Block(type=adapter.kind, name="e", value=block, path=(), marks=Marks("", {})), faults
    )
    if settings is None:
        raise EventyardError(str(faults[0]))
    return settings


def _check(adapter: type[HttpSource[Any]], block: Case) -> list[tuple[str, str, str]]:
    try:
        return adapter.check(_settings(adapter, block))
    except EventyardError as error:
        return [("", error.what, "")]


async def _answer(adapter: type[HttpSource[Any]], block: Case, case: Case) -> Case:
    http = HttpListeners()
    # A volume's file has a last line break that is no part of the Secret.
    secrets = {name: text.removesuffix("\n") for name, text in case.get("secrets", {}).items()}
    emit = Collector(fail=BusClosed("down") if case.get("dispatch") == "error" else None)
    source = adapter(_settings(adapter, {**block, "port": "0"}), make_context(http, secrets))
    sent = case["request"]
    data = request(sent["method"], sent["target"], sent.get("headers", ()), _body(sent))
    try:
        async with source, asyncio.TaskGroup() as group:
            running = group.create_task(source.run(emit))
            await asyncio.sleep(0)
            if case.get("inactive"):
                running.cancel()
                await asyncio.wait([running])
            try:
                reply = await ask(http.port("0"), data)
            except (EOFError, ConnectionError):
                return {"connectionClosed": True}
            finally:
                running.cancel()
    except EventyardError as error:
        return {"startError": str(error)}
    return {
        "status": reply.status,
        "body": reply.body,
        "contentType": reply.headers.get("content-type", ""),
        "location": reply.headers.get("location"),
        "published": [_data(event) for event in emit.events],
    }


def _body(sent: Case) -> bytes | None:
    if "body" in sent:
        return str(sent["body"]).encode()
    if "body_b64" in sent:
        return base64.b64decode(sent["body_b64"])
    if (fill := sent.get("bodyFill")) is not None:
        return str(fill["prefix"] + fill["unit"] * fill["count"] + fill["suffix"]).encode()
    return None


def _data(event: Event) -> Any:
    assert event.data is not None
    try:
        return event.data.decode()
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(event.data).decode()}


def agrees(want: Case, got: Case) -> bool:
    """Whether the sender is told the same and the same is published. A crash there is any error here."""
    if _REFUSED & want.keys():
        return bool(_REFUSED & got.keys())
    if "connectionClosed" in want:
        return "connectionClosed" in got or got.get("status", 0) >= 400
    return (
        "status" in got
        and all(want.get(name) == got[name] for name in ("status", "body", "contentType", "location"))
        and list(map(_value, want["published"])) == list(map(_value, got["published"]))
    )


def _value(data: Any) -> Any:
    return orjson.loads(data) if isinstance(data, str) else data


Answers = dict[str, tuple[Callable[[Case], Awaitable[Case]], Callable[[Case, Case], bool]]]
ANSWERS: Final[Answers] = {"webhook-http": (answer_webhook, agrees), "github-http": (answer_github, agrees)}
