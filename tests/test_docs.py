"""What a reader may copy works: YAML in the docs is free of faults, commands exist, Python runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from eventyard.build import build, read_manifests
from eventyard.cli import app
from eventyard.registry import Registry

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`eventyard ([a-z]+(?: [a-z]+)?)[^`]*`")


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Page and text of each block in a language."""
    for page in PAGES:
        for found, text in BLOCK.findall(page.read_text()):
            if found == language:
                yield page.name, text


@pytest.mark.parametrize(("page", "text"), list(blocks("yaml")))
def test_manifests_have_no_faults(page: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "page.yaml").write_text(text)
    registry = Registry()
    plan = build(read_manifests([tmp_path], registry), registry)
    assert not plan.faults, [str(fault) for fault in plan.faults]


@pytest.mark.parametrize(("page", "text"), list(blocks("python")))
def test_python_runs(page: str, text: str) -> None:
    module = ModuleType("page")
    exec(compile(text, page, "exec", dont_inherit=True), module.__dict__)


def test_commands_exist() -> None:
    root = typer.main.get_command(app)
    context = root.make_context("eventyard", [], resilient_parsing=True)
    known = set(root.list_commands(context))  # type: ignore[attr-defined]
    mentioned = {match.split()[0] for page in PAGES for match in COMMAND.findall(page.read_text())}
    for _, text in blocks("console"):
        for line in text.splitlines():
            words = shlex.split(line)
            if words and Path(words[0]).name == "eventyard":
                mentioned.add(words[1])
    assert mentioned
    assert mentioned <= known


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
