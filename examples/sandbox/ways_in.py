"""One event of each kind: how each of them is sent to the sandbox."""

import hashlib
import hmac
import json
import uuid

import aiohttp
import aiomqtt
import nats
from addresses import HOOKS, KAFKA, MQTT, NATS
from aiokafka import AIOKafkaProducer

SECRET = b"sandbox-secret"
"""As in manifests/secret.yaml: what GitHub would sign with."""


async def post(endpoint: str, body: bytes, headers: dict[str, str]) -> None:
    """Answered with 2xx once the event is on eventyard's disk; anything else is an error."""
    async with (
        aiohttp.ClientSession(raise_for_status=True) as http,
        http.post(f"http://{HOOKS}/{endpoint}", data=body, headers=headers),
    ):
        pass


async def webhook(order: str) -> None:
    """A plain POST."""
    await post("orders", json.dumps({"order": order}).encode(), {"Content-Type": "application/json"})


async def github(order: str) -> None:
    """A push, signed as GitHub signs it."""
    push = {
        "ref": "refs/heads/main",
        "after": order,
        "repository": {"full_name": "acme/shop"},
        "pusher": {"name": "ada"},
    }
    body = json.dumps(push).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={hmac.new(SECRET, body, hashlib.sha256).hexdigest()}",
    }
    await post("github", body, headers)


async def kafka(order: str) -> None:
    """A record."""
    async with AIOKafkaProducer(bootstrap_servers=KAFKA) as producer:
        await producer.send_and_wait("sandbox-in", json.dumps({"order": order}).encode())


async def nats_subject(order: str) -> None:
    """A message of core NATS."""
    client = await nats.connect(f"nats://{NATS}")
    await client.publish("sandbox.in", json.dumps({"order": order}).encode())
    await client.drain()


async def mqtt(order: str) -> None:
    """A message that the broker acknowledges."""
    host, _, port = MQTT.partition(":")
    async with aiomqtt.Client(host, int(port)) as client:
        await client.publish("sandbox/in", json.dumps({"order": order}), qos=1)
