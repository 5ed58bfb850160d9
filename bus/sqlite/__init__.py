"""The default bus: one SQLite file, every event on disk before `publish` returns, many events in one commit.

One thread writes, one reads for the Sensors and triggers, one answers questions about the past, one keeps house; the event loop
only hands work over and never waits for the disk.
"""

from bus.sqlite.bus import SqliteBus
from bus.sqlite.read_only import SqliteReader, open_read_only

__all__ = ["SqliteBus", "SqliteReader", "open_read_only"]
