"""Which ids were seen lately, kept as 64-bit hashes so that recognising a repetition costs no look-up in the store.

The hash is the interpreter's own (keyed at random in each process). A hit is only a suspicion: the caller compares the id
that the log has at the position given.
"""

from __future__ import annotations

from collections.abc import Mapping


class RecentIds:
    """The newest ids, between half of `limit` and `limit` of them.

    Two generations instead of one ordered dict: the older half is dropped in one go, and nothing is ever evicted one by one.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._newer: dict[int, int] = {}
        self._older: dict[int, int] = {}

    def position(self, key: int) -> int:
        """Where an id with this hash may be; 0 if nowhere."""
        return self._newer.get(key) or self._older.get(key, 0)

    def add(self, positions: Mapping[int, int]) -> None:
        """These are in the log now."""
        self._newer.update(positions)
        if len(self._newer) >= self._half:
            self._older, self._newer = self._newer, {}
