"""The data directory: one process owns it at a time, held by a lock that dies with the process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from config.errors import EventyardError, StoreBusy

DATABASE = "events.db"
_LOCK = "lock"


class DirectoryLock:
    """An exclusive lock on a data directory; the file `lock` in it names the process that holds it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._descriptor = -1

    def acquire(self) -> None:
        """Create the directory if need be and lock it. Raises StoreBusy, or EventyardError if it cannot be used."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise EventyardError(
                f"the data directory cannot be used: {error.strerror}",
                where=str(self._directory),
                fix="choose a directory this user may write to (--data-dir)",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise StoreBusy(
                f"the data directory is in use by process {owner or 'unknown'}",
                where=str(self._directory),
                fix="stop that process, or give this one a directory of its own (--data-dir)",
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next process in. The file stays: deleting it would let two processes lock two different files."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
