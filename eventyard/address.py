"""Where the ops listener is and what token it wants: what an instance and those who ask it agree on."""

from __future__ import annotations

from typing import Final

from config.errors import EventyardError

DEFAULT_ADDRESS: Final = "127.0.0.1:7777"

ADDRESS: Final = "EVENTYARD_OPS"
"""Environment variable with the HOST:PORT that commands ask."""

TOKEN: Final = "EVENTYARD_OPS_TOKEN"  # noqa: S105
"""Environment variable with the bearer token."""


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT`, IPv6 hosts in brackets. Raises EventyardError."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise EventyardError(f"'{address}' is no address", fix=f"write HOST:PORT, for example {DEFAULT_ADDRESS}")
    return host, int(port)
