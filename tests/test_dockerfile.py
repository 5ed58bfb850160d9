"""The image cannot be built without a container engine; what can be said without one is said here, and its steps are run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from eventyard.address import DEFAULT_ADDRESS
from tests.e2e.instance import instance

ROOT = Path(__file__).parents[1]


def read_stages() -> list[list[tuple[str, str]]]:
    """Instructions and their arguments, a list for each stage."""
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    stages: list[list[tuple[str, str]]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, arguments = line.strip().partition(" ")
            if name == "FROM":
                stages.append([])
            stages[-1].append((name, arguments.strip()))
    return stages


BUILD, FINAL = read_stages()


def given(stage: list[tuple[str, str]], name: str) -> list[str]:
    """The arguments of each instruction of that name."""
    return [arguments for each, arguments in stage if each == name]


def copied(stage: list[tuple[str, str]]) -> list[str]:
    """What is copied from the repository."""
    return [source for words in given(stage, "COPY") if "--from" not in words for source in words.split()[:-1]]


def words(arguments: str) -> list[str]:
    """Of an instruction in exec form."""
    found: list[str] = json.loads(arguments)
    return found


def test_the_base_is_pinned_and_runs_the_python_of_the_tests() -> None:
    bases = {arguments.split()[0] for arguments in given(BUILD, "FROM") + given(FINAL, "FROM")}
    assert len(bases) == 1
    assert re.fullmatch(rf"python:{sys.version_info.major}\.{sys.version_info.minor}-slim-\w+", bases.pop())


def test_all_that_is_copied_is_there_and_all_of_the_program_is_copied() -> None:
    sources = copied(BUILD)
    assert not copied(FINAL)
    assert [source for source in sources if not (ROOT / source).exists()] == []
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
        "packages"
    ]
    assert set(packages) <= set(sources)
    allowed = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sorted(allowed) == sorted(f"!{source}" for source in sources)


def test_what_the_last_stage_takes_over_was_made_before() -> None:
    made = " ".join(given(BUILD, "RUN"))
    for arguments in given(FINAL, "COPY"):
        source = arguments.split()[-2]
        assert f" {source}" in made
    assert " AS build" in given(BUILD, "FROM")[0]


def test_it_is_nobody_and_the_folder_of_the_data_is_its_own() -> None:
    (user,) = given(FINAL, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert any(f"--chown={user} " in each and each.endswith(" /data") for each in given(FINAL, "COPY"))
    assert not given(FINAL, "RUN")
    assert given(FINAL, "VOLUME") == ["/data"]


def test_the_command_is_one_that_is_installed() -> None:
    (entrypoint,) = given(FINAL, "ENTRYPOINT")
    (command,) = given(FINAL, "CMD")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert words(entrypoint) == list(scripts)
    verb, _, *options = words(command)
    help = subprocess.run(
        [sys.executable, "-m", "eventyard", verb, "--help"], capture_output=True, text=True, check=True
    )
    assert [option for option in options if option.startswith("--") and option not in help.stdout] == []


def ends_well(arguments: Sequence[str]) -> bool:
    """Run python with them."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, check=False).returncode == 0


async def test_the_health_check_asks_where_health_is(tmp_path: Path) -> None:
    (check,) = given(FINAL, "HEALTHCHECK")
    program, *arguments = words(check[check.index("[") :])
    assert program == "python"
    (tmp_path / "manifests").mkdir()
    assert DEFAULT_ADDRESS in check
    async with instance(tmp_path) as running:
        asked = [each.replace(DEFAULT_ADDRESS, running.ops) for each in arguments]
        assert await asyncio.to_thread(ends_well, asked)
        await running.stop()
        assert not await asyncio.to_thread(ends_well, asked)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the steps of the first stage were run: those that fetch nothing, with only what is copied."""
    folder = tmp_path_factory.mktemp("image")
    source = folder / "src"
    source.mkdir()
    for name in copied(BUILD):
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    steps = [step.strip() for run in given(BUILD, "RUN") for step in run.split("&&")]
    ours = [step for step in steps if step.startswith(("sed ", "python -m build "))]
    assert len(ours) == 2
    path_ = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for step in ours:
        there = re.sub(r"(?<= )/(?=constraints|dist)", f"{folder}/", step)
        subprocess.run(there, shell=True, cwd=source, env={**os.environ, "PATH": path_}, check=True)
    return folder


def test_the_versions_are_those_of_the_lock(built: Path) -> None:
    locked = re.findall(r"^([\w.-]+==\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert (built / "constraints.txt").read_text().split() == locked
    assert all(" -c /constraints.txt " in step for step in given(BUILD, "RUN") if " install " in step and "-c " in step)


def test_the_wheel_has_the_program(built: Path) -> None:
    (wheel,) = (built / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {
        "bus",
        "config",
        "eventsources",
        "eventyard",
        "sensors",
        "triggers",
    }
    assert "eventyard/__main__.py" in names


def test_all_adapters_are_installed() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert any("/dist/*.whl)[all]" in step for step in given(BUILD, "RUN"))
    adapters = {each for name, needed in extras.items() if name not in ("all", "dev") for each in needed}
    assert set(extras["all"]) == adapters
