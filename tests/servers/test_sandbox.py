"""The sandbox without containers differs from the one with them in addresses, and in nothing else."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
import yaml

from tests.servers.sandbox import EXAMPLE, USUAL, Sandbox, invitation


def test_only_addresses_are_replaced(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    for path in (EXAMPLE / "manifests").iterdir():
        text = path.read_text()
        native = sandbox.native(text)
        hosts = re.findall(r"(?:url|endpoint|apiURL): (?:\w+://)?([^/\s]+:\d+)", native)
        assert set(hosts) <= set(sandbox.environ.values())
        assert len(list(yaml.safe_load_all(native))) == len(list(yaml.safe_load_all(text)))
        words = zip(text.split(), native.split(), strict=True)
        changed = {(old, new) for old, new in words if old != new}
        assert all(re.search(r":?\d{4,5}", old) for old, _ in changed)


def test_a_usual_port_that_is_taken_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        usual = {"KAFKA": taken.getsockname()[1], "NATS": free.getsockname()[1]}
        monkeypatch.setattr("tests.servers.sandbox.USUAL", {**USUAL, **usual})
        sandbox = Sandbox(tmp_path, usual=True)
    assert sandbox.ports["NATS"] == sandbox.servers["NATS"].port == usual["NATS"]
    assert sandbox.ports["KAFKA"] == sandbox.servers["KAFKA"].port != usual["KAFKA"]


def test_the_invitation_names_what_is_unusual() -> None:
    usual = {name: f"127.0.0.1:{port}" for name, port in USUAL.items()}
    assert invitation(usual) == ".venv/bin/python examples/sandbox/events.py"
    assert invitation({**usual, "AWS": "127.0.0.1:20000"}).startswith("AWS=127.0.0.1:20000 .venv/bin/python ")
