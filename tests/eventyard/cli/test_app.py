from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command

from eventyard.cli import app
from eventyard.cli.app import Root
from tests.eventyard.cli.conftest import Run

HEAVY = ("aiohttp", "uvloop", "prometheus_client", "watchfiles", "sqlite3")

PROBE = """\
import sys
sys.argv = ["eventyard", *{arguments!r}]
from eventyard.cli import app
try:
    app()
except SystemExit as end:
    assert end.code == 0, end.code
loaded = [name for name in {heavy!r} if name in sys.modules]
assert not loaded, loaded
"""

MANIFESTS = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: hooks}
spec:
  webhook:
    push: {endpoint: /push, port: "12000", method: POST}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: act}
spec:
  dependencies:
    - {name: push, eventSourceName: hooks, eventName: push, filters: {jmespath: [data.body.ok]}}
  triggers:
    - template: {name: line, log: {}}
    - template: {name: call, http: {url: "http://127.0.0.1/", method: GET}}
    - template: {name: tell, slack: {slackToken: {name: slack, key: token}, channel: a, message: b}}
"""


@pytest.mark.parametrize(
    "command", [("--help",), ("--version",), ("plugins",), ("init", "new"), ("check", "manifests.yaml")]
)
def test_light_commands_load_nothing_heavy(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "manifests.yaml").write_text(MANIFESTS)
    code = PROBE.format(arguments=command, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_list_says_of_each_command_what_it_says_of_itself(run: Run) -> None:
    root = get_command(app)
    assert isinstance(root, Root)
    listed = run("--help").stdout
    for name, offer in root.offers.items():
        assert f"  {name}" in listed
        command = root.commands[name]
        assert command.name == name
        said = " ".join((command.help or "").split())
        assert said.startswith(offer.help.removesuffix("."))


@pytest.mark.parametrize(
    "name", [*Root.offers, "events list", "events show", "dlq list", "dlq show", "dlq retry", "dlq drop"]
)
def test_every_command_has_help(name: str, run: Run) -> None:
    result = run(*name.split(), "--help")
    assert result.exit_code == 0
    for line in result.stdout.splitlines():
        if line.strip().startswith("--") and "--help" not in line:
            assert len(line.split()) > 2, f"{name}: {line} says nothing"


def test_version(run: Run) -> None:
    assert run("--version").stdout == version("eventyard") + "\n"


def test_a_command_that_is_misspelt(run: Run) -> None:
    result = run("explian")
    assert result.exit_code == 2
    assert "Did you mean 'explain'" in result.stderr


def test_no_command_is_help(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.output
