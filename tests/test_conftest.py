"""The rules of the root conftest.py hold: each is broken once, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SKIPPING = """
import pytest

@pytest.mark.skip(reason="needs a kitchen: build one")
def test_marked(): ...

def test_called():
    pytest.skip("needs a kitchen: build one")

@pytest.mark.xfail
def test_known(): assert False

def test_fine(): ...
"""

SKIPPED_WHOLE = """
import pytest
pytest.skip("needs a garden: dig one", allow_module_level=True)
"""

LEAVING = """
import asyncio, subprocess

async def test_task():
    asyncio.get_running_loop().create_task(asyncio.sleep(60), name="forgotten")

async def test_tidy():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))

children = []

def test_process():
    children.append(subprocess.Popen(["sleep", "60"]))

def test_end():
    children[0].kill()
    children[0].wait()
"""


def run(folder: Path, no_skip: str = "", *options: str, **modules: str) -> str:
    """What pytest says of test modules under our rules."""
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    for name, text in modules.items():
        (folder / f"test_{name}.py").write_text(text)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "EVENTYARD_NO_SKIP": no_skip}
    plugins = ["-p", "tests.conftest", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *options, str(folder)]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children can be counted on Linux only")
def test_skips_are_named_and_leftovers_are_errors(tmp_path: Path) -> None:
    said = run(tmp_path, skipping=SKIPPING, whole=SKIPPED_WHOLE, leaving=LEAVING)
    assert "skipped, and how to get it" in said
    assert "2 x  needs a kitchen: build one" in said
    assert "1 x  needs a garden: dig one" in said
    assert "tasks that the test left behind: ['forgotten']" in said
    assert "processes that the test left behind" in said
    assert "5 passed, 3 skipped, 1 xfailed, 2 errors" in said


def test_skips_fail_where_none_is_allowed(tmp_path: Path) -> None:
    said = run(tmp_path, "1", "--continue-on-collection-errors", skipping=SKIPPING, whole=SKIPPED_WHOLE)
    assert said.count("EVENTYARD_NO_SKIP=1 and yet skipped: needs a kitchen: build one") >= 2
    assert "EVENTYARD_NO_SKIP=1 and yet skipped: needs a garden: dig one" in said
    assert "skipped, and how to get it" not in said
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in said
