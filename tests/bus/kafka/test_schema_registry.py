"""A registry that speaks Confluent's API, played by a small server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from aiohttp import web

from bus.kafka.avro import Mismatch
from bus.kafka.schema_registry import SchemaRegistry, SchemaRegistrySettings
from config.errors import Temporary
from config.model import BasicAuth, SecretKeySelector
from tests.fakes.values import FakeSecrets
from tests.servers.server import free_port

TEXT = '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}'
WIRE = b"\x00\x00\x00\x00\x07\x04hi"


@dataclass
class FakeRegistry:
    """Answers by id; a number is a status. With `login` it wants to see that."""

    schemas: dict[int, Any] = field(default_factory=dict)
    login: str = ""
    asked: list[int] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        if self.login and request.headers.get("Authorization") != self.login:
            return web.Response(status=401)
        id = int(request.match_info["id"])
        self.asked.append(id)
        found = self.schemas.get(id, 404)
        if isinstance(found, int):
            return web.json_response({"error_code": found * 100 + 3, "message": "no"}, status=found)
        return web.Response(body=found if isinstance(found, bytes) else orjson.dumps(found))


@asynccontextmanager
async def registry(made: FakeRegistry) -> AsyncIterator[FakeRegistry]:
    """It listens."""
    app = web.Application()
    app.router.add_get("/schemas/ids/{id}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.url = f"http://127.0.0.1:{port}"
    try:
        yield made
    finally:
        await runner.cleanup()


def client(url: str, auth: BasicAuth | None = None) -> SchemaRegistry:
    """A client with two Secrets."""
    settings = SchemaRegistrySettings(url=url, auth=auth)
    return SchemaRegistry(settings, FakeSecrets(user="ada", password="pw", wrong="no"))


def login(password: str) -> BasicAuth:
    selectors = (SecretKeySelector(name="s", key=key) for key in ("user", password))
    user, word = selectors
    return BasicAuth(username=user, password=word)


async def test_messages_are_read_and_written_and_a_schema_is_asked_for_once() -> None:
    async with registry(FakeRegistry({7: {"schema": TEXT}})) as server, client(server.url + "/") as made:
        for _ in range(3):
            assert await made.read(WIRE) == b'{"a":"hi"}'
            assert await made.write(7, b'{"a": "hi"}') == WIRE
        assert server.asked == [7]


async def test_a_login() -> None:
    wanted = "Basic YWRhOnB3"
    async with registry(FakeRegistry({7: {"schema": TEXT}}, wanted)) as server:
        async with client(server.url, login("password")) as made:
            assert await made.read(WIRE) == b'{"a":"hi"}'
        async with client(server.url, login("wrong")) as made:
            with pytest.raises(Temporary, match="refused the login") as error:
                await made.read(WIRE)
    assert error.value.where == f"{server.url}/schemas/ids/7"
    assert "schemaRegistry.auth" in error.value.fix


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "it is not in the wire format"),
        (b"\x00\x00\x00", "it is not in the wire format"),
        (b"\x01\x00\x00\x00\x07\x04hi", "it is not in the wire format"),
        (b"\x00\x00\x00\x00\x07\x04h", "it does not fit its schema"),
        (b"\x00\x00\x00\x00\x08\x04hi", "has no schema 8"),
        (b"\x00\x00\x00\x00\x01\x04hi", "it is a schema of type PROTOBUF"),
        (b"\x00\x00\x00\x00\x02\x04hi", "it refers to other schemas"),
        (b"\x00\x00\x00\x00\x03\x04hi", "it is no Avro schema"),
        (b"\x00\x00\x00\x00\x04\x04hi", "the registry's answer is none"),
    ],
)
async def test_messages_that_cannot_be_read(message: bytes, said: str) -> None:
    schemas = {
        7: {"schema": TEXT},
        1: {"schema": "x", "schemaType": "PROTOBUF"},
        2: {"schema": TEXT, "references": [{}]},
        3: {"schema": "{"},
        4: b"<html>",
    }
    async with registry(FakeRegistry(schemas)) as server, client(server.url) as made:
        with pytest.raises(Mismatch, match=said):
            await made.read(message)


async def test_a_registry_that_is_unwell_or_away() -> None:
    async with registry(FakeRegistry({7: 500})) as server, client(server.url) as made:
        with pytest.raises(Temporary, match="the schema registry answered 500"):
            await made.read(WIRE)
        server.schemas[7] = {"schema": TEXT}
        assert await made.read(WIRE) == b'{"a":"hi"}'
    async with client(server.url) as made:
        with pytest.raises(Temporary, match="no answer from the schema registry"):
            await made.read(WIRE)


def test_the_address_has_to_be_one() -> None:
    assert SchemaRegistrySettings(url="http://r:8081").check() == []
    ((path, *_),) = SchemaRegistrySettings(url="r:8081").check()
    assert path == "schemaRegistry.url"
