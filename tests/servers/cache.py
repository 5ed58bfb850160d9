"""Where servers are installed that no package brings: outside the clone, so that it can be made anew for nothing."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache() -> Path:
    """`$EVENTYARD_SERVERS`, or `eventyard-servers` in the user's cache folder; made if it is not there."""
    given = os.environ.get("EVENTYARD_SERVERS")
    folder = Path(given) if given else Path.home() / ".cache" / "eventyard-servers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Two installations of one server wait for each other; what waited has to look again whether it is needed."""
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
