"""Schemas of Kafka's messages from a registry that speaks Confluent's HTTP API, and Avro by them.

A message in Confluent's wire format is a zero byte, the id of its schema in four bytes (big-endian) and the value in Avro's
binary encoding. A schema never changes under its id, so each is asked for once.
"""

from __future__ import annotations

import asyncio
import struct
from base64 import b64encode
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import msgspec
from pydantic import Field

from bus.kafka.avro import Mismatch, from_json, parse_schema, to_json
from config.credentials import Secrets, text_of
from config.errors import Temporary
from config.model import BasicAuth, Int32, Model

if TYPE_CHECKING:
    from fastavro.types import Schema

PATIENCE: Final = 5.0
"""Seconds for an answer of the registry."""

MOST: Final = 1000
"""Schemas that are kept; a topic has few."""

_HEAD: Final = struct.Struct(">bI")
_ACCEPT: Final = "application/vnd.schemaregistry.v1+json, application/json"


class _Answer(msgspec.Struct):
    schema: str
    kind: str = msgspec.field(name="schemaType", default="AVRO")
    references: list[msgspec.Raw] = []


_decode: Final = msgspec.json.Decoder(_Answer).decode


class SchemaRegistrySettings(Model):
    """`schemaRegistry`: where schemas lie."""

    url: str = Field(default="", description="Address of the registry, http or https.")
    schema_id: Int32 = Field(default=0, description="The schema to write with; what is read says its own.")
    auth: BasicAuth | None = Field(default=None, description="User and password of the registry.")

    def check(self) -> list[tuple[str, str, str]]:
        """Faults: (field path, what, fix)."""
        if not self.url.startswith(("http://", "https://")):
            return [("schemaRegistry.url", "is no address of a registry", "write http://host:port")]
        return []


class SchemaRegistry:
    """A client, usable once entered."""

    def __init__(self, settings: SchemaRegistrySettings, secrets: Secrets) -> None:
        self._url = settings.url.rstrip("/")
        self._auth, self._secrets = settings.auth, secrets
        self._schemas: dict[int, Schema | Mismatch] = {}
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()

    async def schema(self, id: int) -> Schema:
        """The schema of an id. Raises Mismatch if the registry has none of it that can be used, Temporary if it does not
        say."""
        async with self._lock:
            if (known := self._schemas.get(id)) is None:
                known = await self._fetch(id)
                if len(self._schemas) < MOST:
                    self._schemas[id] = known
        if isinstance(known, Mismatch):
            raise known
        return known

    async def read(self, message: bytes) -> bytes:
        """The value of a message as JSON, in Avro's own JSON encoding (a union's value that is not null is an object with
        its type as key). Raises Mismatch or Temporary."""
        if len(message) < _HEAD.size or message[0]:
            raise Mismatch("it is not in the wire format of a schema registry, which begins with a zero byte")
        _, id = _HEAD.unpack_from(message)
        return to_json(await self.schema(id), message[_HEAD.size :])

    async def write(self, id: int, value: bytes) -> bytes:
        """A message whose value is this JSON. Raises Mismatch or Temporary."""
        return _HEAD.pack(0, id) + from_json(await self.schema(id), value)

    async def _fetch(self, id: int) -> Schema | Mismatch:
        where = f"{self._url}/schemas/ids/{id}"
        headers = {"Accept": _ACCEPT}
        if self._auth is not None:
            login = ":".join(text_of(self._secrets, each) for each in (self._auth.username, self._auth.password))
            headers["Authorization"] = f"Basic {b64encode(login.encode('utf-8', 'surrogateescape')).decode()}"
        try:
            async with self._session.get(where, headers=headers) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = str(error) or "it does not answer"
            raise Temporary(
                f"no answer from the schema registry: {reason}", where=where, fix="see whether it runs"
            ) from None
        if status in (401, 403):
            raise Temporary(
                f"the schema registry refused the login ({status})", where=where, fix="check schemaRegistry.auth"
            )
        if status == 404:
            return Mismatch(
                f"the schema registry has no schema {id}", where=where, fix="register it, or correct schemaId"
            )
        if status != 200:
            raise Temporary(f"the schema registry answered {status}", where=where, fix="see the registry's log")
        return _parsed(body, where)


def _parsed(body: bytes, where: str) -> Schema | Mismatch:
    try:
        answer = _decode(body)
        if answer.kind != "AVRO":
            return Mismatch(f"it is a schema of type {answer.kind}, and only AVRO is known", where=where)
        if answer.references:
            return Mismatch(
                "it refers to other schemas, which is not known here", where=where, fix="write them into it"
            )
        return parse_schema(answer.schema)
    except msgspec.MsgspecError as error:
        return Mismatch(f"the registry's answer is none: {error}", where=where, fix="correct schemaRegistry.url")
    except Mismatch as error:
        return Mismatch(error.what, where=where)
