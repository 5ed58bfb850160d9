"""What is measured: `eventyard run` in a process of its own, or any other server, with its CPU time and memory."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import psutil

START_WAIT = 60.0
STOP_WAIT = 60.0


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A process that listens. Entered = `is_ready` has said so."""

    def __init__(self, command: Sequence[str], folder: Path, is_ready: Callable[[], bool]) -> None:
        self.folder = folder
        self._command = command
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start it; seconds until it was ready. Raises SystemExit with the end of its output if it ends instead."""
        begun = time.monotonic()
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(self._command, cwd=self.folder, stdout=output, stderr=output)
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - begun > START_WAIT:
                raise SystemExit(f"{' '.join(self._command)}\n{(self.folder / 'output').read_text()[-2000:]}")
            time.sleep(0.002)
        return time.monotonic() - begun

    def stop(self) -> None:
        """End it, in order if it can."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_WAIT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def cpu(self) -> float:
        """Seconds of CPU time used so far."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def memory(self) -> int:
        """Bytes that are resident."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def memory_peak(self) -> int:
        """The most that ever were; where the system does not tell, what is now."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) << 10
        return self.memory()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


class Eventyard(Server):
    """The product with these manifests, its data and output in the folder."""

    def __init__(self, folder: Path, manifests: str, *, is_ready: Callable[[], bool] | None = None) -> None:
        (folder / "manifests").mkdir(exist_ok=True)
        (folder / "manifests" / "all.yaml").write_text(manifests)
        self.ops = free_port()
        address = f"127.0.0.1:{self.ops}"
        command = [sys.executable, "-P", "-m", "eventyard", "run", "manifests", "--data-dir", "data", "--ops", address]
        super().__init__(command, folder, is_ready or (lambda: answers(self.ops, "/readyz")))

    def unfinished(self) -> int:
        """Firings that wait, by its own account."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ops, timeout=START_WAIT)
        connection.request("GET", "/api/v1/status")
        status = json.loads(connection.getresponse().read())
        connection.close()
        return sum(status["unfinished"].values())


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
