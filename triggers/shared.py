"""What several triggers of a process use together, such as a client of one cluster: made by the first, closed by the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Part:
    """A thing in use: by how many."""

    manager: AbstractAsyncContextManager[Any]
    opened: Any = None
    users: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Shared:
    """Things by a key that says all there is to know for making them."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, _Part] = {}

    @asynccontextmanager
    async def use(self, key: Hashable, make: Callable[[], AbstractAsyncContextManager[T]]) -> AsyncIterator[T]:
        """The thing of that key, entered. It must bear being left in another task than it was entered in."""
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = _Part(make())
        part.users += 1
        try:
            async with part.lock:
                if part.opened is None:
                    part.opened = await part.manager.__aenter__()
            yield part.opened
        finally:
            part.users -= 1
            if part.users == 0:
                del self._parts[key]
                if part.opened is not None:
                    await part.manager.__aexit__(None, None, None)
