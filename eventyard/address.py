"""Addresses as users write them."""

from __future__ import annotations

from config.errors import EventyardError


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT`, IPv6 hosts in brackets. Raises EventyardError."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise EventyardError(f"'{address}' is no address", fix="write HOST:PORT, for example 127.0.0.1:7777")
    return host, int(port)
