"""Installs the servers that tests need and that are not here yet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tests.servers.kafka import KafkaServer
from tests.servers.kube import Kube
from tests.servers.mosquitto import Mosquitto
from tests.servers.moto import MotoServer
from tests.servers.nats import NatsServer
from tests.servers.server import NotInstallable


class Installable(Protocol):
    """A kind of server."""

    name: str

    def missing(self) -> str:
        """What is not installed and how to get it; empty if nothing."""

    def install(self) -> None:
        """Fetch it, under a lock. Raises NotInstallable."""


SERVERS: Mapping[str, Installable] = {
    server.name: server for server in (NatsServer, KafkaServer, Mosquitto, MotoServer, Kube)
}
"""By the names that `python -m tests.servers` takes; all of them unless some are named."""


def install(names: Sequence[str] = (), *, say: Callable[[str], None] = print) -> int:
    """Install the named servers that are missing; silent about the others. An exit code: 1 if one is still missing."""
    if unknown := sorted(set(names) - SERVERS.keys()):
        say(f"no server is named {', '.join(unknown)}; there are {', '.join(SERVERS)}")
        return 2
    code = 0
    for name in names or SERVERS:
        server = SERVERS[name]
        if not server.missing():
            continue
        say(f"{name}: installing")
        try:
            server.install()
        except NotInstallable as problem:
            say(str(problem))
            code = 1
        else:
            if missing := server.missing():
                say(missing)
                code = 1
    return code


def main() -> None:
    """`python -m tests.servers [NAME...]`."""
    sys.exit(install(sys.argv[1:]))
