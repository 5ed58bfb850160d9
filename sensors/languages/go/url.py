"""URLs as Go's net/url takes them apart and puts them together."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.text import from_bytes, to_bytes

_ALWAYS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"
_KEPT: Final = {
    mode: frozenset((_ALWAYS + others).encode())
    for mode, others in {
        "query": "",
        "path": "$&+,/:;=@",
        "userinfo": "$&+,;=",
        "host": "!$&'()*+,;=:[]<>\"",
        "fragment": "!$&()*+,/:;=?@",
    }.items()
}
"""What stands for itself in each part of a URL."""

_ESCAPE: Final = re.compile(rb"%([0-9a-fA-F]{2})?")
_SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)?:")
_PORT: Final = re.compile(r"(?::[0-9]*)?", re.ASCII)
_USERINFO: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")


def escape(text: str, mode: str) -> str:
    """A text with `%XX` for each byte that does not stand for itself in this part of a URL."""
    kept = _KEPT[mode]
    return "".join(
        chr(byte) if byte in kept else "+" if byte == 0x20 and mode == "query" else f"%{byte:02X}"
        for byte in to_bytes(text)
    )


def _unescape(text: str, mode: str) -> str:
    """Raises GoError for an escape that is none, or that is not allowed in this part of a URL."""
    data = to_bytes(text)
    if mode in ("host", "zone") and any(byte < 0x80 and byte != 0x25 and byte not in _KEPT["host"] for byte in data):
        raise GoError("a character is not allowed in the host of a URL")

    def byte(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            raise GoError("an escape in the URL is none")
        value = int(found[1], 16)
        if mode == "host" and value < 0x80 and value != 0x25:
            raise GoError("an escape is not allowed in the host of a URL")
        if mode == "zone" and value not in (0x20, 0x25) and value not in _KEPT["host"]:
            raise GoError("an escape is not allowed in the zone of an address")
        return bytes((value,))

    return from_bytes(_ESCAPE.sub(byte, data))


@dataclass(slots=True)
class URL:
    """The parts of a URL, decoded but for `query` and `opaque`. `userinfo` is encoded, None if there is none."""

    scheme: str = ""
    opaque: str = ""
    userinfo: str | None = None
    host: str = ""
    path: str = ""
    query: str = ""
    fragment: str = ""

    @property
    def hostname(self) -> str:
        """The host without port and brackets."""
        host = self.host
        colon = host.rfind(":")
        if colon >= 0 and _PORT.fullmatch(host[colon:]):
            host = host[:colon]
        return host[1:-1] if host.startswith("[") and host.endswith("]") else host

    def text(self) -> str:
        """The URL, written anew."""
        text = f"{self.scheme}:" if self.scheme else ""
        if self.opaque:
            text += self.opaque
        else:
            text += self._authority()
            path = "*" if self.path == "*" else escape(self.path, "path")
            if path and path[0] != "/" and self.host:
                text += "/"
            if not text and ":" in path.partition("/")[0]:
                text = "./"
            text += path
        if self.query:
            text += f"?{self.query}"
        return f"{text}#{escape(self.fragment, 'fragment')}" if self.fragment else text

    def _authority(self) -> str:
        if not (self.scheme or self.host or self.userinfo is not None):
            return ""
        text = "//" if self.host or self.path or self.userinfo is not None else ""
        if self.userinfo is not None:
            text += f"{self.userinfo}@"
        return text + escape(self.host, "host")


def parse_url(text: str) -> URL:
    """url.Parse. Raises GoError."""
    text, _, fragment = text.partition("#")
    url = _parse(text)
    url.fragment = _unescape(fragment, "fragment")
    return url


def _parse(text: str) -> URL:
    if any(ord(character) < 0x20 or character == "\x7f" for character in text):
        raise GoError("there is a control character in the URL")
    if text == "*":
        return URL(path="*")
    url = URL()
    rest = text
    if scheme := _SCHEME.match(text):
        if scheme[1] is None:
            raise GoError("the scheme of the URL is missing")
        url.scheme, rest = scheme[1].lower(), text[scheme.end() :]
    rest, _, url.query = rest.partition("?")
    if not rest.startswith("/"):
        if url.scheme:
            url.opaque = rest
            return url
        if ":" in rest.partition("/")[0]:
            raise GoError("the first segment of a URL's path has a colon")
    if rest.startswith("//") and (url.scheme or not rest.startswith("///")):
        authority, slash, rest = rest[2:].partition("/")
        rest = slash + rest
        userinfo, at, host = authority.rpartition("@")
        url.host = _parse_host(url.scheme, host)
        if at:
            url.userinfo = _parse_userinfo(userinfo)
    url.path = _unescape(rest, "path")
    return url


def _parse_userinfo(text: str) -> str:
    if not _USERINFO.fullmatch(text):
        raise GoError("the user in the URL is invalid")
    name, colon, password = text.partition(":")
    return colon.join(
        escape(_unescape(part, "userinfo"), "userinfo") for part in ((name, password) if colon else (name,))
    )


def _parse_host(scheme: str, host: str) -> str:
    bracket = host.rfind("[")
    if bracket > 0:
        raise GoError("the host of the URL is invalid")
    if bracket == 0:
        return _parse_address(host)
    colon = host.find(":")
    if colon >= 0 and scheme not in ("http", "https"):
        colon = host.rfind(":")
    if colon >= 0 and not _PORT.fullmatch(host[colon:]):
        raise GoError("the port of the URL is invalid")
    return _unescape(host, "host")


def _parse_address(host: str) -> str:
    """An address of IPv6 in brackets, with an optional port."""
    address, bracket, port = host[1:].rpartition("]")
    if not bracket or not _PORT.fullmatch(port):
        raise GoError("the host of the URL is invalid")
    before, percent, zone = address.partition("%25")
    address = _unescape(before, "host") + _unescape(percent + zone, "zone")
    name, percent, zone = address.partition("%")
    try:
        ipaddress.IPv6Address(name)
    except ValueError:
        raise GoError("the host of the URL is no address of IPv6") from None
    if percent and not zone:
        raise GoError("the zone of the address is missing")
    return f"[{address}]{port}"
