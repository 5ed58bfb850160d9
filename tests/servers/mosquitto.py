"""Mosquitto, an MQTT broker that speaks 3.1.1 and 5."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from tests.servers.certificates import Authority, make_authority
from tests.servers.server import POLL, NotInstallable, Server, program

SAVING = "Saving in-memory database"
"""What it logs when it begins to write."""


class Mosquitto(Server):
    """Anonymous unless `users` (name -> password) are given; with `tls` its port speaks nothing else.

    `config` is more text for mosquitto.conf, below the listener's own: `require_certificate true` belongs there. Retained
    messages and sessions survive a kill. `authority` has the certificates if there is TLS.
    """

    name = "mosquitto"

    def __init__(self, config: str = "", users: Mapping[str, str] | None = None, tls: bool = False) -> None:
        super().__init__()
        self.config = config
        self.users = users
        self.authority: Authority | None = make_authority(self.folder / "tls") if tls else None

    @property
    def url(self) -> str:
        """`mqtt://` or `mqtts://`."""
        return f"{'mqtts' if self.authority else 'mqtt'}://{self.host}:{self.port}"

    @classmethod
    def missing(cls) -> str:
        """Empty, or how to get mosquitto."""
        return (
            ""
            if program("mosquitto")
            else "mosquitto is not installed: make servers (as root), or apt-get install mosquitto"
        )

    @classmethod
    def install(cls) -> None:
        """From Debian."""
        apt = program("apt-get")
        if not apt or os.geteuid() != 0:
            raise NotInstallable(f"{cls.missing()}; on a Mac: brew install mosquitto")
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "mosquitto"]):
            done = subprocess.run([apt, "-qq", *arguments], env=environ, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NotInstallable(f"apt-get {' '.join(arguments)} failed:\n{done.stderr.strip()}")

    def command(self) -> Sequence[str]:
        """Its configuration and passwords are files."""
        lines = [
            f"listener {self.port} {self.host}",
            f"allow_anonymous {'false' if self.users is not None else 'true'}",
            "persistence true",
            f"persistence_location {self.folder}/",
        ]
        if os.geteuid() == 0:
            # It would change to a user who may not read the folder, and that unties it from this process.
            lines.append("user root")
        if self.users is not None:
            lines.append(f"password_file {self._passwords(self.users)}")
        if self.authority:
            lines += [
                f"cafile {self.authority.ca}",
                f"certfile {self.authority.server_cert}",
                f"keyfile {self.authority.server_key}",
            ]
        path = self.folder / "mosquitto.conf"
        path.write_text("\n".join([*lines, self.config, ""]))
        return [program("mosquitto"), "-c", str(path)]

    def kill(self) -> None:
        """What it has acknowledged is on disk before it is killed; it writes that only when it comes to it."""
        if self.running:
            before = self.said.count(SAVING)
            os.kill(self.pid, signal.SIGUSR1)
            end = time.monotonic() + 5
            while self.said.count(SAVING) == before or (self.folder / "mosquitto.db.new").exists():
                if time.monotonic() > end:
                    break
                time.sleep(POLL)
        super().kill()

    def _passwords(self, users: Mapping[str, str]) -> str:
        path = self.folder / "passwords"
        path.write_text("".join(f"{name}:{password}\n" for name, password in users.items()))
        path.chmod(0o600)
        subprocess.run([program("mosquitto_passwd"), "-U", str(path)], check=True)
        return str(path)
