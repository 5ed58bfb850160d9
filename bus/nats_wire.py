"""NATS's client protocol: bytes to what a server says, and what is said to it as bytes. Pure, knows of no socket.

The rules are those of the NATS client protocol (docs.nats.io, Reference, NATS Protocol).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

LONGEST_LINE: Final = 1 << 20
"""Bytes of a line; the longest is a server's INFO, which names all servers of its cluster."""

LARGEST_MESSAGE: Final = 128 << 20
"""Bytes of a message; servers allow 64 MiB at most."""

_END: Final = b"\r\n"
_NUMBER: Final = re.compile(rb"[0-9]{1,9}")
_STATUS: Final = re.compile(rb"NATS/1\.0[ \t]+([0-9]{3})(?:[ \t]+([^\r\n]*))?")
_HEAD: Final = b"NATS/1.0\r\n"
_HEADER_NAME: Final = re.compile(r"[!-9;-~]+")
_UNFIT_IN_SUBJECT: Final = re.compile(r"[\x00-\x20\x7f]")


class Malformed(ValueError):
    """What came is not NATS."""


class Message(NamedTuple):
    """A message as it arrives. `head` is its block of headers as it was sent, empty if it has none."""

    sid: int
    subject: str
    reply: str
    head: bytes
    data: bytes

    @property
    def headers(self) -> dict[str, list[str]]:
        """All values of each header, names as they were sent, in their order."""
        return read_headers(self.head) if self.head else {}

    @property
    def status(self) -> tuple[str, str]:
        """Code and description that a server writes in place of a message (`404`, `No Messages`); empty for a message."""
        found = _STATUS.match(self.head)
        if found is None:
            return "", ""
        return found[1].decode(), (found[2] or b"").decode("utf-8", "replace").strip()


class Line(NamedTuple):
    """Anything else that a server says: INFO, PING, PONG, +OK, -ERR, and what follows on the line."""

    verb: str
    rest: bytes


class Parser:
    """Bytes in any pieces to what they say. Afterwards `feed` may not be called again if it raised Malformed."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._have = 0
        self._needed = 0

    def feed(self, data: bytes) -> list[Message | Line]:
        """What is complete now. Raises Malformed."""
        self._pieces.append(data)
        self._have += len(data)
        if self._have < self._needed:
            return []
        buffer = data if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        return self._read(buffer)

    def _read(self, buffer: bytes) -> list[Message | Line]:
        said: list[Message | Line] = []
        at = needed = 0
        while True:
            end = buffer.find(_END, at)
            if end < 0:
                if len(buffer) - at > LONGEST_LINE:
                    raise Malformed("a line does not end")
                break
            if buffer.startswith((b"MSG ", b"HMSG "), at):
                sid, subject, reply, head, size = _arguments(buffer[at:end])
                begin = end + 2
                if len(buffer) < begin + size + 2:
                    needed = begin + size + 2 - at
                    break
                data = buffer[begin + head : begin + size]
                said.append(Message(sid, subject, reply, buffer[begin : begin + head], data))
                at = begin + size + 2
            else:
                verb, _, rest = buffer[at:end].partition(b" ")
                said.append(Line(verb.strip().decode("ascii", "replace").upper(), rest.strip()))
                at = end + 2
        rest = buffer[at:]
        self._pieces, self._have, self._needed = [rest] if rest else [], len(rest), needed
        return said


def _arguments(line: bytes) -> tuple[int, str, str, int, int]:
    """sid, subject, reply, bytes of headers, bytes of all."""
    verb, *words = line.split()
    sizes = 2 if verb == b"HMSG" else 1
    if len(words) not in (2 + sizes, 3 + sizes) or not all(map(_NUMBER.fullmatch, (words[1], *words[-sizes:]))):
        raise Malformed(f"no message: {line[:80]!r}")
    reply = words[2].decode("utf-8", "replace") if len(words) == 3 + sizes else ""
    head = int(words[-2]) if sizes == 2 else 0
    size = int(words[-1])
    if head > size or size > LARGEST_MESSAGE:
        raise Malformed(f"a message of {size} bytes with {head} bytes of headers")
    return int(words[1]), words[0].decode("utf-8", "replace"), reply, head, size


def read_headers(head: bytes) -> dict[str, list[str]]:
    """The headers in a block that begins with `NATS/1.0`. Bytes that are not UTF-8 become U+FFFD."""
    found: dict[str, list[str]] = {}
    for line in head.split(_END)[1:]:
        name, colon, value = line.partition(b":")
        if colon and name:
            found.setdefault(name.decode("utf-8", "replace"), []).append(value.strip().decode("utf-8", "replace"))
    return found


def write_headers(headers: Mapping[str, str]) -> bytes:
    """The block of these headers. Raises ValueError if one cannot be sent."""
    lines = [_HEAD]
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name for a header")
        if "\r" in value or "\n" in value:
            raise ValueError(f"the value of header '{name}' holds a line break")
        lines.append(f"{name}: {value}\r\n".encode())
    return b"".join((*lines, _END))


def publish(subject: str, data: bytes, *, reply: str = "", head: bytes = b"") -> bytes:
    """The command that sends a message; `head` is a block of headers."""
    to = f"{subject} {reply}" if reply else subject
    if head:
        return f"HPUB {to} {len(head)} {len(head) + len(data)}\r\n".encode() + head + data + _END
    return f"PUB {to} {len(data)}\r\n".encode() + data + _END


def subscribe(sid: int, subject: str, queue: str = "") -> bytes:
    """The command that asks for messages."""
    return f"SUB {subject} {queue} {sid}\r\n".encode() if queue else f"SUB {subject} {sid}\r\n".encode()


def unsubscribe(sid: int) -> bytes:
    """The command that asks for no more of them."""
    return f"UNSUB {sid}\r\n".encode()


def unfit(subject: str, *, wildcards: bool = False) -> str:
    """Why a subject cannot be used, empty if it can; `wildcards` are for those who subscribe."""
    if not subject:
        return "is empty"
    if _UNFIT_IN_SUBJECT.search(subject):
        return "holds a blank or a control character"
    tokens = subject.split(".")
    if not all(tokens):
        return "has an empty part between its dots"
    if not wildcards and any(token in ("*", ">") for token in tokens):
        return "is a pattern, which nothing can be sent to"
    if ">" in tokens[:-1]:
        return "has a > that is not its end"
    return ""
