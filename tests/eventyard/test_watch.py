"""Which changes of files may be changes of manifests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from watchfiles import Change

from eventyard.watch import concerns, watch_files


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("manifests/a.yaml", True),
        ("manifests/deep/a.YML", True),
        ("manifests/a.json", True),
        ("manifests/folder", True),
        ("manifests/..data", True),
        ("manifests/run.log", False),
        ("manifests/a.yaml~", False),
        ("manifests/.eventyard/events.db-wal", False),
        ("manifests/.eventyard/lock", False),
        ("manifests/.eventyard", False),
        ("manifests/.eventyards/a.yaml", True),
        ("single.yaml", True),
        ("other.yaml", False),
        ("other", False),
    ],
)
def test_concerns(tmp_path: Path, path: str, wanted: bool) -> None:
    (tmp_path / "manifests").mkdir()
    concerning = concerns([tmp_path / "manifests", tmp_path / "single.yaml"], tmp_path / "manifests" / ".eventyard")
    assert concerning(Change.modified, str(tmp_path / path)) is wanted


async def test_what_changed_before_the_watch_began_is_looked_for_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1")
    stop = asyncio.Event()
    looks = 0
    async for _ in watch_files([tmp_path], tmp_path / "data", stop, first_look=0.05):
        looks += 1
        if looks == 1:
            (tmp_path / "a.yaml").write_text("a: 2")
        else:
            stop.set()
    assert looks == 2
