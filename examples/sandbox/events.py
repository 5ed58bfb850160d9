"""Sends one event of each kind into the sandbox, and shows what came out at the other end of each trigger."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial

import aiohttp
import ways_in
import ways_out
from addresses import OPS

PATIENCE = float(os.environ.get("PATIENCE", "60"))
"""Seconds until all of it has to have happened; the clock ticks every ten."""

SENT = {
    "webhook": ways_in.webhook,
    "github": ways_in.github,
    "kafka": ways_in.kafka,
    "nats": ways_in.nats_subject,
    "mqtt": ways_in.mqtt,
}
"""How an event gets to each source; the calendar needs nobody."""

WAYS: tuple[tuple[str, str, Callable[[], AbstractAsyncContextManager[AsyncIterator[str]]]], ...] = (
    ("webhook", "kafka", ways_out.kafka),
    ("kafka", "nats", ways_out.nats_subject),
    ("nats", "mqtt", ways_out.mqtt),
    ("mqtt", "awsLambda", ways_out.aws_lambda),
    ("github", "http, log", partial(ways_out.log, "targets", "announcements")),
    ("github", "slack, log", partial(ways_out.log, "targets", "slack")),
    ("calendar", "log", partial(ways_out.log, "clock", "ticks")),
)
"""Event source, triggers, and where their effect can be seen."""


async def until_ready() -> None:
    """Every source is bound or connected."""
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"http://{OPS}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.2)


async def main() -> int:
    """Send, watch, write a line for each way; an exit code."""
    run = uuid.uuid4().hex[:8]
    missing = [f"{source:<9} -> {triggers:<11}" for source, triggers, _ in WAYS]

    async def show(way: str, source: str, texts: AsyncIterator[str]) -> None:
        async for text in texts:
            if run in text or source == "calendar":
                print(way, text, flush=True)
                missing.remove(way)
                return

    try:
        async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
            await until_ready()
            opened = [await stack.enter_async_context(out()) for _, _, out in WAYS]
            async with asyncio.TaskGroup() as group:
                for way, (source, _, _), texts in zip(list(missing), WAYS, opened, strict=True):
                    group.create_task(show(way, source, texts))
                for source, send in SENT.items():
                    group.create_task(send(f"{run}-{source}"))
    except TimeoutError:
        for way in missing:
            print(way, f"nothing after {PATIENCE:g} s", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
