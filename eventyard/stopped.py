"""A stopped instance, read from its data directory; answers the same questions as a running one, and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from bus.sqlite import open_read_only
from eventyard.archive import Archive

T = TypeVar("T")


class StoppedInstance:
    """What lies in a data directory. All methods raise EventyardError."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def events(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Events, newest first."""
        return self._ask(lambda archive: archive.events(query))

    def event(self, id: str) -> list[dict[str, Any]]:
        """Every event that the id means, with its data."""
        return self._ask(lambda archive: archive.event(id))

    def explain(self, id: str) -> list[dict[str, Any]]:
        """Why each of them did or did not fire."""
        return self._ask(lambda archive: archive.explain(id))

    def dead_letters(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Dead letters, newest first."""
        return self._ask(lambda archive: archive.dead_letters(query))

    def dead_letter(self, id: str) -> dict[str, Any]:
        """One of them."""
        return self._ask(lambda archive: archive.dead_letter(id))

    def _ask(self, question: Callable[[Archive], Awaitable[T]]) -> T:
        async def ask() -> T:
            async with open_read_only(self._data_dir) as reader:
                return await question(Archive(reader.history, reader.dead_letters))

        return asyncio.run(ask())
