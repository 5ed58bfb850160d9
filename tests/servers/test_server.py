"""What all servers do, tried with one of the lightest kind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.servers.server import NotStarted, Server, accepts, free_port

ROOT = Path(__file__).parents[2]

SERVE = "import http.server, sys; http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"


class Files(Server):
    """Python's own web server."""

    name = "files"
    scheme = "http://"
    program = SERVE

    @classmethod
    def missing(cls) -> str:
        """Nothing."""
        return ""

    @classmethod
    def install(cls) -> None:
        """Nothing to do."""

    def command(self) -> Sequence[str]:
        """As above."""
        return [sys.executable, "-u", "-c", self.program, str(self.port)]


def alive(pid: int) -> bool:
    """Whether the process runs; one that waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_started_stopped_killed_and_gone() -> None:
    with Files() as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.running
        assert accepts(server.port)
        first = server.pid
        server.kill()
        assert not accepts(server.port)
        server.start()
        assert server.pid != first
        server.stop()
        server.stop()
        server.start()
        assert server.said.count("Serving HTTP") == 1
        assert server.output.read_text().count("Serving HTTP") == 3
    assert not alive(server.pid)
    assert not server.folder.exists()


def test_ending_at_once_is_said_with_its_output() -> None:
    server = Files()
    server.program = "print('no licence'); raise SystemExit(3)"
    with pytest.raises(NotStarted, match="files: ended with 3\nno licence"), server:
        pass
    server.stop()
    folder = server.folder
    del server
    assert not folder.exists()


def test_never_ready_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Files, "patience", 0.3)
    server = Files()
    server.program = "import time; print('thinking'); time.sleep(60)"
    with pytest.raises(NotStarted, match=r"not ready in 0\.3 s\nthinking"):
        server.start()
    assert not server.running


def test_one_that_does_not_obey_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Files, "grace", 0.2)
    server = Files()
    server.program = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SERVE}"
    server.start()
    server.stop()
    assert not alive(server.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are tied to each other on Linux only")
def test_dies_with_the_process_that_runs_the_tests() -> None:
    script = """
import sys, threading, time
from tests.servers.test_server import Files
server = Files()
starter = threading.Thread(target=server.start)
starter.start()
starter.join()
time.sleep(0.1)
print(server.pid, server.running, server.folder, flush=True)
sys.stdin.read()
"""
    runner = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with runner:
        assert runner.stdout is not None
        pid, running, folder = runner.stdout.readline().split()
        try:
            # The thread that called `start` has ended by then.
            assert running == "True"
            assert alive(int(pid))
        finally:
            os.kill(runner.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while alive(int(pid)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not alive(int(pid))
    assert Path(folder).name.startswith("eventyard-files-")
    for left in Path(folder).iterdir():
        left.unlink()
    Path(folder).rmdir()


def test_ports_are_not_those_of_clients() -> None:
    ports = {free_port() for _ in range(50)}
    assert len(ports) > 40
    assert all(10_000 <= port < 32_768 for port in ports)
