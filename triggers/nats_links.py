"""Connections to NATS that all firings of a trigger share: made when first needed, and anew after they were lost."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from bus.nats.connection import Connection
from config.errors import Permanent, Temporary
from config.model import NATSAuth, TLSConfig

LINKS: Final = 16
"""Connections at most, where parameters choose the server; the one not used for the longest time is closed first."""

Key: TypeAlias = tuple[str, TLSConfig | None, NATSAuth | None]
"""What a manifest says of a connection."""

_Opening: TypeAlias = "asyncio.Future[Temporary | Permanent | None]"


class Links:
    """The connections of a trigger. Those who ask for one while it is being made get it, or learn why there is none, all at
    once, so that nobody overtakes."""

    def __init__(self) -> None:
        self._links: OrderedDict[Key, Connection] = OrderedDict()
        self._openings: dict[Key, _Opening] = {}

    async def get(self, key: Key, connect: Callable[[], Awaitable[Connection]]) -> Connection:
        """A connection that is not lost. Raises what `connect` raises."""
        while True:
            link = self._links.get(key)
            if link is not None and not link.reason:
                self._links.move_to_end(key)
                return link
            opening = self._openings.get(key)
            if opening is None:
                return await self._open(key, connect)
            # Whoever makes it may be cancelled; then it is for the next one to try.
            failure = await asyncio.shield(opening)
            if failure is not None:
                raise type(failure)(failure.what, where=failure.where, fix=failure.fix)

    async def close(self) -> None:
        """Close them all."""
        while self._links:
            await self._links.popitem()[1].close()

    async def _open(self, key: Key, connect: Callable[[], Awaitable[Connection]]) -> Connection:
        opening = self._openings[key] = asyncio.get_running_loop().create_future()
        failure: Temporary | Permanent | None = None
        try:
            if (former := self._links.pop(key, None)) is not None:
                await former.close()
            link = self._links[key] = await connect()
        except (Temporary, Permanent) as error:
            failure = error
            raise
        finally:
            del self._openings[key]
            opening.set_result(failure)
        while len(self._links) > LINKS:
            await self._links.popitem(last=False)[1].close()
        return link
