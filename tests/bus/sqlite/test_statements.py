from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.sqlite.recent import RecentIds
from bus.sqlite.statements import ManyRows


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 255, 256, 257, 1000])
def test_any_number_of_rows(count: int) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t(a, b)")
    insert = ManyRows("INSERT INTO t(a, b)", 2)
    update = ManyRows("UPDATE t SET b = v.column2 FROM (", 2, ") v WHERE a = v.column1")
    values: list[Any] = [value for number in range(count) for value in (number, str(number))]
    insert.run(connection, values)
    assert values == []
    update.run(connection, [value for number in range(0, count, 3) for value in (number, "x")])
    found = connection.execute("SELECT a, b FROM t ORDER BY a").fetchall()
    assert found == [(number, str(number) if number % 3 else "x") for number in range(count)]
    connection.close()


@given(st.lists(st.lists(st.integers(0, 200), max_size=5)), st.integers(1, 20))
def test_the_newest_ids_are_known(batches: list[list[int]], limit: int) -> None:
    recent = RecentIds(limit)
    added: dict[int, int] = {}
    position = 0
    for batch in batches:
        fresh = {}
        for key in batch:
            position += 1
            fresh[key] = position
            added.pop(key, None)
            added[key] = position
        recent.add(fresh)
    half = max(1, limit // 2)
    for key in list(added)[-half:]:
        assert recent.position(key) == added[key]
    assert all(recent.position(key) in (0, where) for key, where in added.items())
    assert recent.position(-1) == 0
