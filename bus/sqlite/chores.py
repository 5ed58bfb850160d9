"""What the keeper has the writer do: writes that no coroutine waits for, but a thread."""

from __future__ import annotations

import threading
from typing import Final

from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write

_TOLERANCE: Final = 1.0


class Chore(Write[None]):
    """A write made by a thread that has no event loop, so there is no future to await."""

    def __init__(self) -> None:
        self._decided = threading.Event()
        self._succeeded = False

    def wait(self) -> bool:
        """Block until it is durable (True) or failed (False)."""
        self._decided.wait()
        return self._succeeded

    def done(self, result: None) -> None:
        self._succeeded = True
        self._decided.set()

    def failed(self, error: Exception) -> None:
        self._decided.set()


class Rebase(Chore):
    """After the clock was set back: let each waiting firing wait from now for as long as it was to wait when it was put to
    wait. A due time by a clock that was years ahead would otherwise stop its retries for years."""

    def apply(self, transaction: Transaction) -> None:
        transaction.flush()
        transaction.connection.execute(
            "UPDATE outbox SET due = ?1 + max(due - settled_at, 0.0), settled_at = ?1"
            " WHERE due IS NOT NULL AND settled_at > ?1 + ?2 AND due > ?1",
            (transaction.now, _TOLERANCE),
        )
