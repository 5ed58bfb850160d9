"""What all servers of the tests have in common: a process on free ports, its output in a file, killed and started again.

Everything is synchronous, for fixtures and for any test; an async one uses `await asyncio.to_thread(server.kill)`.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Self

HOST = "127.0.0.1"

TIED = Path(__file__).with_name("tied.py")

POLL = 0.02
"""Seconds between two looks at whether a server is ready."""


class NotStarted(Exception):
    """A server ended, or was not ready in time; the end of its output is in the message."""


class NotInstallable(Exception):
    """What is missing cannot be fetched here; the message says what to do instead."""


class Server(ABC):
    """One server with a folder for its data; leaving the context ends the process and removes the folder.

    `start` after `stop` or `kill` uses the same ports and data, and reads the constructor's values again: a test may
    change them in between. The server also dies with the process that runs the tests, however that ends.
    """

    name: ClassVar[str]
    """As in `python -m tests.servers NAME`."""

    scheme: ClassVar[str] = ""
    """What `url` begins with, `://` included."""

    patience: ClassVar[float] = 60.0
    """Seconds that a start may take on a machine that is busy."""

    grace: ClassVar[float] = 15.0
    """Seconds that an orderly end may take."""

    environ: ClassVar[Mapping[str, str]] = {}
    """Added to the environment of the process."""

    def __init__(self) -> None:
        self.host = HOST
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"eventyard-{self.name}-"))
        self.output = self.folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._spawner: ThreadPoolExecutor | None = None
        self._seen = 0
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    @classmethod
    @abstractmethod
    def missing(cls) -> str:
        """What is not installed and how to get it; empty if a server can be started."""

    @classmethod
    @abstractmethod
    def install(cls) -> None:
        """Fetch what is missing. Raises NotInstallable where that is not possible."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments. What the program reads from files is written here."""

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"{self.scheme}{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """What it has written since the last start."""
        return self.output.read_bytes()[self._seen :].decode(errors="replace")

    def ready(self) -> bool:
        """Whether it serves; unless a server knows better: whether its port accepts."""
        return accepts(self.port)

    def start(self) -> None:
        """Start and wait until it is ready. Raises NotStarted."""
        assert not self.running, f"{self.name} runs already"
        self._release()
        command = [sys.executable, "-I", "-S", str(TIED), str(os.getpid()), *self.command()]
        with self.output.open("ab") as output:
            self._seen = output.tell()
            # Forked by a thread that lives as long as the server: see tied.py.
            self._spawner = ThreadPoolExecutor(1, thread_name_prefix=self.name)
            self._process = self._spawner.submit(
                lambda: subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env={**os.environ, **self.environ},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for the tests, which then end it in order
                )
            ).result()
        end = time.monotonic() + self.patience
        while not self.ready():
            code = self._process.poll()
            if code is not None or time.monotonic() > end:
                self.kill()
                how = f"not ready in {self.patience:g} s" if code is None else f"ended with {code}"
                raise NotStarted(f"{self.name}: {how}\n{self.said[-4000:]}")
            time.sleep(POLL)

    def stop(self) -> None:
        """End it as an operator would; killed if it does not obey. Nothing happens if it does not run."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(self.grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._release()

    def kill(self) -> None:
        """End it as a power cut would. Nothing happens if it does not run."""
        if self._process is not None:
            self._process.kill()
        self._release()

    def _release(self) -> None:
        """Reap the process, which is ending or has ended, and end the thread that forked it."""
        if self._process is not None:
            self._process.wait()
        if self._spawner is not None:
            self._spawner.shutdown()
            self._spawner = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port that was free a moment ago.

    Below those that the system gives to clients: while a server is down no connection may take its port, nor may a
    client that tries again and again reach itself there.
    """
    while True:
        port = random.randint(10_000, _first_of_clients() - 1)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port


def _first_of_clients() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32_768  # no lower anywhere


def accepts(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0


def program(name: str) -> str:
    """The path of a program: beside this interpreter, on the PATH, or where Debian puts servers. Empty if there is none."""
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"]
    return shutil.which(name, path=os.pathsep.join(folders)) or ""
