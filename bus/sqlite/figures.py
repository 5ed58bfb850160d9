"""Sizes for the metrics, as far as only the store knows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Final

from bus.base import BusStats, TriggerName
from bus.sqlite.log import count_after

_OLDEST: Final = """
SELECT coalesce((SELECT at FROM log WHERE position = (SELECT min(position) FROM outbox)),
                (SELECT min(settled_at) FROM outbox))
"""


def _size_on_disk(connection: sqlite3.Connection) -> int:
    (path,) = connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()
    files = (Path(path), Path(f"{path}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def read_figures(connection: sqlite3.Connection, *, skip: Collection[str]) -> BusStats:
    """All figures; the lag of the consumers in `skip` is known elsewhere and left out."""
    (head,) = connection.execute("SELECT coalesce(max(position), 0) FROM log").fetchone()
    (dead,) = connection.execute("SELECT count(*) FROM dead").fetchone()
    (oldest,) = connection.execute(_OLDEST).fetchone()
    lag = {}
    for id, name, position in connection.execute("SELECT id, name, position FROM consumers"):
        if name not in skip:
            subjects = [
                number
                for (number,) in connection.execute("SELECT subject_id FROM listens WHERE consumer_id = ?", (id,))
            ]
            lag[name] = count_after(connection, subjects, position) if position < head else 0
    counts = connection.execute(
        "SELECT t.sensor, t.name, c.count FROM"
        " (SELECT trigger_id, count(*) AS count FROM outbox GROUP BY trigger_id) c JOIN triggers t ON t.id = c.trigger_id"
    )
    return BusStats(
        head=head,
        bytes=_size_on_disk(connection),
        lag=lag,
        outbox={TriggerName(sensor, trigger): count for sensor, trigger, count in counts},
        dead=dead,
        oldest_unfinished=oldest,
    )
