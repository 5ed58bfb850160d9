from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import eventyard
from eventyard.__main__ import BROKEN, ROOMS, misplaced_room

HOME = Path(eventyard.__file__).resolve().parent.parent
SCRIPT = Path(sys.executable).parent / "eventyard"


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_rooms_are_in_their_places() -> None:
    assert misplaced_room(HOME) is None


def test_a_room_that_is_somewhere_else(tmp_path: Path) -> None:
    problem = misplaced_room(tmp_path)
    assert problem is not None
    what, fix = problem.splitlines()
    assert what == f"eventyard: the package 'bus' is hidden by {HOME / 'bus' / '__init__.py'}."
    assert fix.startswith("  fix: ")


def test_a_room_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventyard.__main__.find_spec", lambda name: None)
    problem = misplaced_room(HOME)
    assert problem is not None
    assert problem.startswith("eventyard: the package 'bus' is missing.")


def test_a_file_of_the_user_hides_a_room(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("")
    done = _run(tmp_path, sys.executable, "-m", "eventyard", "--help")
    assert (done.returncode, done.stdout) == (BROKEN, "")
    assert f"the package 'config' is hidden by {tmp_path.resolve() / 'config.py'}" in done.stderr
    assert "fix: rename that file" in done.stderr
    assert "Traceback" not in done.stderr
    assert _run(tmp_path, sys.executable, "-P", "-m", "eventyard", "--help").returncode == 0


def test_a_folder_of_that_name_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sensor.yaml").write_text("")
    assert _run(tmp_path, sys.executable, "-m", "eventyard", "--help").returncode == 0


@pytest.mark.skipif(not SCRIPT.exists(), reason="eventyard is not installed in this environment: make setup")
def test_the_command_works_beside_such_a_file(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("")
    done = _run(tmp_path, str(SCRIPT), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: eventyard" in done.stdout


def test_no_other_distribution_offers_a_room() -> None:
    offered = packages_distributions()
    for room in ("eventyard", *ROOMS):
        assert set(offered.get(room, ["eventyard"])) == {"eventyard"}, f"another distribution offers '{room}'"
