"""The tables, how they came to be, and how a file is recognised as ours before anything in it is touched.

Events lie in two tables. `log` is narrow and append-only: reading on, recognising repetitions and searching scan it in
order, so no index has to be kept on the way in, however many subjects there are. `bodies` holds the rest. Records of
decisions are clustered behind their event by a key made of position and Sensor. Freed pages are used again for later
events instead of being given back to the file system: the file keeps its greatest size, and writing never has to move
pages.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from config.errors import EventyardError, StoreCorrupt

APPLICATION_ID: Final = 0x45_56_59_44
"""`EVYD`; tells our files from other SQLite files."""

_MAGIC: Final = b"SQLite format 3\0"
_BUSY_TIMEOUT_MS: Final = 10_000

_VERSION_1 = """
CREATE TABLE subjects(id INTEGER PRIMARY KEY, scope TEXT NOT NULL, source TEXT NOT NULL, event TEXT NOT NULL,
    UNIQUE(scope, source, event));
CREATE TABLE log(position INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL, at REAL NOT NULL, id TEXT NOT NULL,
    type TEXT NOT NULL);
CREATE TABLE bodies(position INTEGER PRIMARY KEY, time TEXT NOT NULL, contenttype TEXT NOT NULL, extras TEXT, data BLOB);
CREATE TABLE marks(position INTEGER PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE consumers(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL);
CREATE TABLE listens(consumer_id INTEGER NOT NULL, subject_id INTEGER NOT NULL, PRIMARY KEY(consumer_id, subject_id))
    WITHOUT ROWID;
CREATE TABLE states(consumer_id INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, event BLOB NOT NULL,
    PRIMARY KEY(consumer_id, name));
CREATE TABLE sensors(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE triggers(id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, name TEXT NOT NULL, UNIQUE(sensor, name));
CREATE TABLE outbox(id INTEGER PRIMARY KEY, trigger_id INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
    due REAL, settled_at REAL, report BLOB NOT NULL, events BLOB NOT NULL, UNIQUE(trigger_id, key));
CREATE INDEX outbox_by_due ON outbox(trigger_id, due, id);
CREATE INDEX outbox_by_position ON outbox(position);
CREATE TABLE dead(id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, trigger_id INTEGER NOT NULL, key TEXT NOT NULL,
    position INTEGER NOT NULL, report BLOB NOT NULL, events BLOB NOT NULL, UNIQUE(trigger_id, key));
CREATE TABLE records(key INTEGER PRIMARY KEY, verdict TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE reports(position INTEGER NOT NULL, trigger_id INTEGER NOT NULL, key TEXT NOT NULL, report BLOB NOT NULL,
    PRIMARY KEY(position, trigger_id, key));
CREATE TABLE notes(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_VERSION_1,)
"""What leads from version n to n + 1, beginning with nothing. Published ones are never changed, only added to."""


def open_database(path: Path, migrations: tuple[str, ...] = MIGRATIONS) -> sqlite3.Connection:
    """The writing connection to a file at the newest version; creates or migrates it.

    Raises StoreCorrupt if the file is damaged, not ours or written by a newer version; nothing in it was changed then.
    """
    _check_header(path)
    connection = connect(path)
    try:
        version = _check_owner(connection, path, len(migrations))
        if not version:
            connection.execute("PRAGMA page_size = 8192")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise EventyardError(
                "the file system cannot hold a store: it has no shared memory for a write-ahead log",
                where=str(path),
                fix="put the data directory on a local disk (--data-dir)",
            )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        # Some builds overwrite what is deleted, which doubles the cost of retention for no use here.
        connection.execute("PRAGMA secure_delete = OFF")
        for number in range(version, len(migrations)):
            _migrate(connection, migrations[number], number + 1)
    except sqlite3.Error as error:
        connection.close()
        raise translate(error, path) from error
    except EventyardError:
        connection.close()
        raise
    return connection


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection without implicit transactions, usable from the thread that will own it."""
    mode = "mode=ro" if read_only else "mode=rwc"
    if read_only and not path.with_name(f"{path.name}-wal").exists():
        # No instance has it open. SQLite would make files beside it all the same, and leave them there.
        mode += "&immutable=1"
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        timeout=_BUSY_TIMEOUT_MS / 1000,
    )
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def check_readable(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StoreCorrupt unless this is a store of ours, of a version we know."""
    if not _check_owner(connection, path, len(MIGRATIONS)):
        raise StoreCorrupt("there is no store here", where=str(path), fix="check --data-dir")


def translate(error: sqlite3.Error, path: Path) -> EventyardError:
    """What an error of SQLite means for whoever has to act on it."""
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB,):
        return EventyardError(
            f"the store cannot be used: {error}", where=str(path), fix="check the disk and the file's permissions"
        )
    return _corrupt(f"the store is damaged: {error}", path)


def _corrupt(what: str, path: Path) -> StoreCorrupt:
    return StoreCorrupt(
        what,
        where=str(path),
        fix=f"nothing was changed; move {path.name}, {path.name}-wal and {path.name}-shm aside together to begin anew, "
        f"and try 'sqlite3 {path.name} .recover' on a copy of them",
    )


def _check_header(path: Path) -> None:
    """SQLite would call this an error late and in its own words; an empty file is as good as none."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise EventyardError(f"the store cannot be opened: {error.strerror}", where=str(path)) from error
    if head and head != _MAGIC:
        raise _corrupt("the file is not a store: it does not begin as one", path)


def _check_owner(connection: sqlite3.Connection, path: Path, known: int) -> int:
    """The version of the file, 0 if it is new."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (tables or version or application):
        raise _corrupt("the file is a database of another program", path)
    if version > known:
        raise StoreCorrupt(
            f"the store was written by a newer version of eventyard (format {version}, this one knows {known})",
            where=str(path),
            fix="upgrade eventyard, or give this one a directory of its own (--data-dir)",
        )
    return int(version)


def _migrate(connection: sqlite3.Connection, script: str, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
