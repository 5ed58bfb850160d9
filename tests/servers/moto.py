"""An AWS stand-in: moto answers as the services do, and keeps everything in memory."""

from __future__ import annotations

import importlib.util
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence

from tests.servers.server import NotInstallable, Server


class MotoServer(Server):
    """All services at one `url`, with any credentials. A Lambda function answers with what it was given.

    A restart forgets everything, unlike the other servers'.
    """

    name = "moto"
    scheme = "http://"

    @classmethod
    def missing(cls) -> str:
        """Empty, or how to get moto."""
        found = importlib.util.find_spec("moto") and importlib.util.find_spec("flask")
        return "" if found else "moto is not installed: make setup"

    @classmethod
    def install(cls) -> None:
        """It comes with the packages of the tests."""
        raise NotInstallable(cls.missing())

    def command(self) -> Sequence[str]:
        """The server of the package."""
        return [sys.executable, "-m", "moto.server", "-H", self.host, "-p", str(self.port)]

    def ready(self) -> bool:
        """It answers; and from then on it runs no Lambda function in a container, which would need an engine."""
        wanted = json.dumps({"lambda": {"use_docker": False}}).encode()
        try:
            with urllib.request.urlopen(f"{self.url}/moto-api/config", data=wanted, timeout=5) as answer:
                return bool(answer.status < 300)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
