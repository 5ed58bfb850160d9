"""When to read the manifests again: their files or folders changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.files import SUFFIXES

if TYPE_CHECKING:
    from watchfiles import Change

DEBOUNCE, STEP = 300, 50
"""Milliseconds: changes are gathered until none came for one step, and no longer than the first of these."""


FIRST_LOOK = 5.0
"""Seconds after which the files are looked at once without a change having been seen: what changed between the first
reading and the first watching would go unnoticed otherwise."""


async def watch_files(
    paths: Sequence[Path], data_dir: Path, stop: asyncio.Event, *, first_look: float = FIRST_LOOK
) -> AsyncIterator[None]:
    """Yields after each change of manifests in these files and folders, until `stop`."""
    from watchfiles import awatch

    # A file is watched by way of its folder: an editor that puts a new one in its place takes the watched one away.
    folders = {path.absolute() if path.is_dir() else path.absolute().parent for path in paths}
    looked = False
    async for changes in awatch(
        *folders,
        watch_filter=concerns(paths, data_dir),
        debounce=DEBOUNCE,
        step=STEP,
        stop_event=stop,
        rust_timeout=int(first_look * 1000),
        yield_on_timeout=True,
        recursive=any(path.is_dir() for path in paths),
    ):
        if changes or not looked:
            looked = True
            yield


def concerns(paths: Sequence[Path], data_dir: Path) -> Callable[[Change, str], bool]:
    """Tells whether a change may be one of manifests: our own data, or a log, may lie in the same folder."""
    files = {path.absolute() for path in paths if not path.is_dir()}
    folders = [path.absolute() for path in paths if path.is_dir()]
    ours = data_dir.absolute()

    def concerning(change: Change, text: str) -> bool:
        path = Path(text)
        if path in files:
            return True
        # What has no suffix may be a folder; behind the link `..data` a mounted ConfigMap changes.
        possible = path.suffix.lower() in ("", *SUFFIXES) or path.name.startswith("..")
        return possible and not path.is_relative_to(ours) and any(path.is_relative_to(each) for each in folders)

    return concerning
