"""Connections to MQTT brokers that all firings of a trigger share: made when first needed, and anew after they were lost."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from bus.mqtt.client import MqttClient
from bus.mqtt.settings import BrokerSettings, Options
from config.errors import Temporary
from triggers.base import Spawn

LINKS: Final = 16
"""Connections at most, where parameters choose the broker; the one not used for the longest time is closed first."""


class _Link:
    """One connection, or the attempt to make one. `opened` is the client or why there is none."""

    def __init__(self, options: Options, spawn: Spawn) -> None:
        self._client = MqttClient(options)
        self.opened: asyncio.Future[MqttClient | Temporary] = asyncio.get_running_loop().create_future()
        self._end = Temporary("the connection was closed", where=self._client.where)
        self.task = spawn(self._hold(), name=f"mqtt:{options.address}")
        self.task.add_done_callback(self._ended)

    @property
    def is_usable(self) -> bool:
        """Whether it serves, or is about to."""
        return not self.task.done() and not self._client.is_lost

    def close(self) -> None:
        """Take leave of the broker."""
        self.task.cancel()

    async def _hold(self) -> None:
        # What escaped here would end the program.
        try:
            async with self._client:
                self.opened.set_result(self._client)
                await self._client.until_lost()
        except Temporary as error:
            self._end = error
        except Exception as error:
            self._end = Temporary(f"{type(error).__name__}: {error}", where=self._client.where)

    def _ended(self, task: asyncio.Task[None]) -> None:
        # A task that is cancelled at once has not even begun.
        if not self.opened.done():
            self.opened.set_result(self._end)


class Links:
    """The connections of a trigger, by what the manifest says of them, each held by a task of the runtime: a trigger may be
    entered in one task and left in another."""

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._links: OrderedDict[BrokerSettings, _Link] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Close them all; none is open any more when this returns."""
        for link in self._links.values():
            link.close()
        self._links.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def client(self, broker: BrokerSettings, options: Callable[[], Options]) -> MqttClient:
        """A connected client, `options` being asked only if a connection has to be made; those who ask together share one
        attempt. Raises Temporary, and what `options` raises."""
        link = self._links.get(broker)
        if link is None or not link.is_usable:
            link = self._links[broker] = _Link(options(), self._spawn)
            self._tasks.add(link.task)
            link.task.add_done_callback(self._tasks.discard)
        self._links.move_to_end(broker)
        while len(self._links) > LINKS:
            self._links.popitem(last=False)[1].close()
        opened = await asyncio.shield(link.opened)
        if isinstance(opened, Temporary):
            raise Temporary(opened.what, where=opened.where, fix=opened.fix)
        return opened
