"""Who does not talk to a cluster does not pay for the library, which is large."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("eventyard", "eventsources", "sensors", "triggers", "bus", "config")
LOADED = "import sys; sys.exit(any(name.partition('.')[0] == 'kubernetes' for name in sys.modules))"


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


@pytest.mark.parametrize("module", ["config", "config.kubernetes", "config.kubernetes.access"])
def test_finding_a_cluster_loads_no_library(module: str) -> None:
    done = subprocess.run([sys.executable, "-c", f"import {module}; {LOADED}"], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_a_cluster_loads_none_of_its_apis() -> None:
    # One touch of `CoreV1Api` would cost as much again as everything else.
    loaded = "any(name.startswith(('kubernetes.client.api.', 'kubernetes.aio.client.api.')) for name in sys.modules)"
    command = f"import sys, config.kubernetes.watch; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", command], cwd=ROOT, check=False).returncode == 0


def test_the_library_is_imported_in_one_folder_only() -> None:
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    users = [
        file.relative_to(ROOT)
        for file in files
        if any(name.partition(".")[0] == "kubernetes" for name in imported(file))
    ]
    assert {user.parent for user in users} == {Path("config/kubernetes")}
