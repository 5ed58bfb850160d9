"""What is missing is installed, what is there is left alone, and what cannot be installed is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import install as module
from tests.servers.cache import cache, locked
from tests.servers.install import SERVERS, install
from tests.servers.kafka import KafkaServer
from tests.servers.mosquitto import Mosquitto
from tests.servers.server import NotInstallable

ROOT = Path(__file__).parents[2]


class Made:
    """A server that is missing until it is installed, if that works."""

    def __init__(self, name: str, problem: str = "", helps: bool = True) -> None:
        self.name = name
        self.problem = problem
        self.helps = helps
        self.installed = 0

    def missing(self) -> str:
        """Until it is installed."""
        return "" if self.installed and self.helps else f"{self.name} is not installed"

    def install(self) -> None:
        """Counted."""
        if self.problem:
            raise NotInstallable(self.problem)
        self.installed += 1


@pytest.fixture
def said() -> list[str]:
    """What was said."""
    return []


def test_missing_ones_once(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    one, other = Made("one"), Made("other")
    monkeypatch.setattr(module, "SERVERS", {"one": one, "other": other})
    assert install(["one"], say=said.append) == 0
    assert install(say=said.append) == 0
    assert install(say=said.append) == 0
    assert said == ["one: installing", "other: installing"]
    assert (one.installed, other.installed) == (1, 1)


def test_one_that_cannot_be_does_not_hinder_the_others(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    servers = [Made("tall", problem="needs root"), Made("wide", helps=False), Made("fine")]
    monkeypatch.setattr(module, "SERVERS", {each.name: each for each in servers})
    assert install(say=said.append) == 1
    assert said == ["tall: installing", "needs root", "wide: installing", "wide is not installed", "fine: installing"]


def test_unknown_name(said: list[str]) -> None:
    assert install(["nats", "nots"], say=said.append) == 2
    assert said == [f"no server is named nots; there are {', '.join(SERVERS)}"]


def test_all_kinds_of_servers_are_installed_by_name() -> None:
    assert {"nats", "kafka", "mosquitto", "moto"} <= SERVERS.keys()
    assert all(name == server.name for name, server in SERVERS.items())


def test_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.servers", "nots"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (2, "")
    assert "no server is named nots" in ran.stdout


def test_the_cache_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTYARD_SERVERS", str(tmp_path / "deep" / "cache"))
    assert cache() == tmp_path / "deep" / "cache"
    with locked("one"), locked("other"):
        assert (tmp_path / "deep" / "cache" / "one.lock").exists()
    monkeypatch.setattr("tests.servers.kafka.program", str)
    assert KafkaServer.missing() == "kafka is not installed: make servers"


def test_what_programs_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for server in ("kafka", "mosquitto", "nats"):
        monkeypatch.setattr(f"tests.servers.{server}.program", lambda name: "")
    assert "make servers" in KafkaServer.missing()
    assert "apt-get install mosquitto" in Mosquitto.missing()
    assert "make setup" in SERVERS["nats"].missing()
    for name in ("kafka", "mosquitto", "nats"):
        with pytest.raises(NotInstallable):
            SERVERS[name].install()
