from __future__ import annotations

import shlex
from pathlib import Path

from eventyard.cli.init import TEMPLATES
from tests.eventyard.cli.conftest import Run


def test_the_example_works(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "new one"
    result = run("init", folder)
    assert result.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(TEMPLATES)
    commands = [shlex.split(line)[1:] for line in result.stdout.splitlines() if line.startswith("  eventyard ")]
    assert [command[0] for command in commands] == ["check", "try", "run", "events"]
    checked = run(*commands[0])
    assert checked.exit_code == 0
    assert checked.stdout.endswith("nothing wrong\n")
    assert run(*commands[1]).exit_code == 0


def test_nothing_is_overwritten(tmp_path: Path, run: Run) -> None:
    (tmp_path / "sensor.yaml").write_text("mine")
    result = run("init", tmp_path)
    assert result.exit_code == 1
    assert f"{tmp_path / 'sensor.yaml'} is there already; nothing was written" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["sensor.yaml"]
    assert (tmp_path / "sensor.yaml").read_text() == "mine"


def test_a_folder_that_cannot_be(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("")
    result = run("init", tmp_path / "file" / "inner")
    assert (result.exit_code, "Not a directory" in result.stderr) == (1, True)
