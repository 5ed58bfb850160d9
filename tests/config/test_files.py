from __future__ import annotations

import os
from pathlib import Path

from config.errors import Fault
from config.files import find_files, read_file


def test_files_are_sorted_and_each_found_once(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/z.yml", "a/b.JSON", "a/.x.yaml", ".git/x.yaml", "c.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    faults: list[Fault] = []
    found = find_files([tmp_path, tmp_path / "b.yaml", tmp_path / "a"], faults)
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a/b.JSON", "a/z.yml", "b.yaml"]
    assert faults == []


def test_a_mounted_config_map(tmp_path: Path) -> None:
    data = tmp_path / "..data"
    data.mkdir()
    (data / "a.yaml").write_text("a: 1")
    (tmp_path / "a.yaml").symlink_to(data / "a.yaml")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert find_files([tmp_path], []) == [tmp_path / "a.yaml"]


def test_what_is_not_there_and_what_cannot_be_read(tmp_path: Path) -> None:
    faults: list[Fault] = []
    assert find_files([tmp_path / "x"], faults) == []
    assert read_file(tmp_path / "y", faults) is None
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        os.truncate(file.fileno(), (64 << 20) + 1)
    assert read_file(large, faults) is None
    assert [fault.code for fault in faults] == ["no-file", "unreadable", "too-large"]
