"""What the triggers of the sandbox have sent: each an open connection that gives texts, later ones included."""

import asyncio
import json
import os
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import aiomqtt
import nats
from addresses import AWS, KAFKA, MQTT, NATS, OPS
from aiokafka import AIOKafkaConsumer

TOKEN = os.environ.get("EVENTYARD_OPS_TOKEN", "")
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
POLL = 0.2
"""Seconds between two questions to what can only be asked."""


@asynccontextmanager
async def kafka() -> AsyncIterator[AsyncIterator[str]]:
    """The records of a topic, from its beginning."""
    async with AIOKafkaConsumer("sandbox-out", bootstrap_servers=KAFKA, auto_offset_reset="earliest") as consumer:
        yield (record.value.decode() async for record in consumer)


@asynccontextmanager
async def nats_subject() -> AsyncIterator[AsyncIterator[str]]:
    """The messages of a subject from now on."""
    client = await nats.connect(f"nats://{NATS}")
    try:
        subscription = await client.subscribe("sandbox.out")
        await client.flush()
        yield (message.data.decode() async for message in subscription.messages)
    finally:
        await client.close()


@asynccontextmanager
async def mqtt() -> AsyncIterator[AsyncIterator[str]]:
    """The messages of a topic from now on."""
    host, _, port = MQTT.partition(":")
    async with aiomqtt.Client(host, int(port)) as client:
        await client.subscribe("sandbox/out", qos=1)
        yield (bytes(message.payload).decode() async for message in client.messages)


@asynccontextmanager
async def aws_lambda() -> AsyncIterator[AsyncIterator[str]]:
    """What the function was given: the AWS stand-in records what it is asked."""
    async with aiohttp.ClientSession(f"http://{AWS}", raise_for_status=True) as http:
        for command in ("reset", "start"):
            async with http.post(f"/moto-api/recorder/{command}-recording"):
                pass

        async def payloads() -> AsyncIterator[str]:
            while True:
                async with http.get("/moto-api/recorder/download-recording") as answer:
                    lines = (await answer.text()).splitlines()
                for request in map(json.loads, lines):
                    if "/functions/sandbox/invocations" in request["url"]:
                        body = request["body"]
                        yield b64decode(body).decode() if request["body_encoded"] else body
                await asyncio.sleep(POLL)

        yield payloads()


@asynccontextmanager
async def log(source: str, event: str) -> AsyncIterator[AsyncIterator[str]]:
    """The events of one kind that the log trigger has written: eventyard's own history says so."""
    async with aiohttp.ClientSession(f"http://{OPS}", headers=AUTHORIZED, raise_for_status=True) as http:

        async def ask(path: str, **parameters: str) -> Any:
            async with http.get(f"/api/v1/events{path}", params=parameters) as answer:
                return await answer.json()

        async def written() -> AsyncIterator[str]:
            while True:
                for each in await ask("", source=source, subject=event):
                    (explained,) = await ask(f"/{each['id']}/explain")
                    if "fired" in [decision["verdict"] for decision in explained["decisions"]]:
                        (whole,) = await ask(f"/{each['id']}")
                        yield json.dumps(whole["data"].get("body", whole["data"]))
                await asyncio.sleep(POLL)

        yield written()
