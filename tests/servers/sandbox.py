"""The sandbox of docker-compose.yml as processes of this machine, for where there is no container engine: `make sandbox`.

The servers read the same files of `examples/sandbox/` as their containers do; what has to differ, address and folder of the
data, is said on their command lines. In a copy of the manifests the names of the containers are replaced: `Sandbox.native`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.servers.kafka import KafkaServer, broker
from tests.servers.mosquitto import Mosquitto
from tests.servers.moto import MotoServer
from tests.servers.nats import NatsServer
from tests.servers.server import HOST, Server, accepts, free_port, program

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "sandbox"

USUAL: Mapping[str, int] = {
    "NATS": 4222,
    "KAFKA": 9092,
    "MQTT": 1883,
    "AWS": 5000,
    "HOOKS": 12000,
    "EVENTYARD_OPS": 7777,
}
"""Ports that clients take for granted, by the names of addresses.py."""

CONTAINERS: Mapping[str, str] = {
    "nats:4222": "NATS",
    "kafka:9092": "KAFKA",
    "mosquitto:1883": "MQTT",
    "aws:5000": "AWS",
}
"""What the manifests say, and whose address it is."""


class Nats(NatsServer):
    """From nats.conf."""

    def command(self) -> Sequence[str]:
        """Other words than the file's win."""
        here = ["--addr", self.host, "--port", str(self.port), "--store_dir", str(self.folder / "data")]
        return [program("nats-server"), "--config", str(EXAMPLE / "nats.conf"), *here]


class Kafka(KafkaServer):
    """From kafka.properties."""

    def command(self) -> Sequence[str]:
        """Overridden is all that says where."""
        here = {
            "listeners": f"PLAINTEXT://{self.url},CONTROLLER://{self.host}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.url}",
            "controller.quorum.voters": f"1@{self.host}:{self.controller_port}",
            "log.dirs": str(self.data()),
        }
        overrides = [word for name, value in here.items() for word in ("--override", f"{name}={value}")]
        return [*broker(EXAMPLE / "kafka.properties"), *overrides]


class Mqtt(Mosquitto):
    """From mosquitto.conf."""

    def command(self) -> Sequence[str]:
        """Its command line knows no addresses, so the line with the port is another one in a copy."""
        text = (EXAMPLE / "mosquitto.conf").read_text()
        text = text.replace("listener 1883", f"listener {self.port} {self.host}")
        if os.geteuid() == 0:
            text += "user root\n"  # as in `Mosquitto`
        path = self.folder / "mosquitto.conf"
        path.write_text(text)
        return [program("mosquitto"), "--config-file", str(path)]


class Sandbox:
    """Four servers and a folder with the manifests; entered = all of them serve and `prepare.py` has run.

    `usual`: on the ports that clients take for granted, where these are free. eventyard itself is not started here.
    """

    def __init__(self, folder: Path, *, usual: bool = False) -> None:
        self.folder = folder
        self.manifests = folder / "manifests"
        self.servers: Mapping[str, Server] = {"NATS": Nats(), "KAFKA": Kafka(), "MQTT": Mqtt(), "AWS": MotoServer()}
        self.ports = {name: port if usual and not accepts(port) else free_port() for name, port in USUAL.items()}
        for name, server in self.servers.items():
            server.port = self.ports[name]
        self._stack = ExitStack()

    @staticmethod
    def missing() -> str:
        """What is not installed and how to get it; empty if nothing."""
        return "; ".join(missing for kind in (Nats, Kafka, Mqtt, MotoServer) if (missing := kind.missing()))

    @property
    def environ(self) -> Mapping[str, str]:
        """For the scripts of the example (addresses.py)."""
        return {name: f"{HOST}:{port}" for name, port in self.ports.items()}

    def native(self, manifest: str) -> str:
        """The text of a manifest with addresses that hold here."""
        for container, name in CONTAINERS.items():
            manifest = manifest.replace(container, self.environ[name])
        return manifest.replace("12000", str(self.ports["HOOKS"]))

    def script(self, name: str) -> Sequence[str]:
        """The command that runs a script of the example; it needs `environ`."""
        return [sys.executable, str(EXAMPLE / name)]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            with ThreadPoolExecutor(len(self.servers)) as threads:
                for _ in threads.map(stack.enter_context, self.servers.values()):
                    pass
            self.manifests.mkdir(parents=True)
            for path in (EXAMPLE / "manifests").iterdir():
                (self.manifests / path.name).write_text(self.native(path.read_text()))
            subprocess.run(self.script("prepare.py"), env={**os.environ, **self.environ}, check=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()


def invitation(environ: Mapping[str, str]) -> str:
    """The command that sends events; it names only those addresses that are not the usual ones."""
    unusual = [f"{name}={address}" for name, address in environ.items() if address != f"{HOST}:{USUAL[name]}"]
    return " ".join([*unusual, ".venv/bin/python", str((EXAMPLE / "events.py").relative_to(ROOT))])


def main() -> None:
    """Run the sandbox until Ctrl-C. Each time it begins from nothing."""
    if missing := Sandbox.missing():
        sys.exit(missing)
    folder = Path(".eventyard") / "sandbox"
    shutil.rmtree(folder, ignore_errors=True)
    print("starting NATS, Kafka, mosquitto and an AWS stand-in", flush=True)
    with Sandbox(folder, usual=True) as sandbox:
        print(f"\nIn another terminal:\n  {invitation(sandbox.environ)}\n", flush=True)
        command = [sys.executable, "-P", "-m", "eventyard", "run", str(sandbox.manifests)]
        options = ["--data-dir", str(folder / "data"), "--ops", sandbox.environ["EVENTYARD_OPS"]]
        with subprocess.Popen([*command, *options]) as eventyard:
            # A terminal sends Ctrl-C to both of us; the servers are there until eventyard has ended.
            signal.signal(signal.SIGINT, lambda *_: None)
            signal.signal(signal.SIGTERM, lambda *_: eventyard.terminate())
    sys.exit(eventyard.returncode)


if __name__ == "__main__":
    main()
