"""Text as Go programs print and repair it, for answers that senders of Argo Events already know word by word."""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_ESCAPED_BYTE: Final = re.compile("[\udc80-\udcff]")


def decode(raw: bytes) -> str:
    """Bytes as text, each byte that is not UTF-8 as one U+FFFD (Python's own `replace` takes them in groups)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return _ESCAPED_BYTE.sub("\ufffd", raw.decode("utf-8", "surrogateescape"))


def quote(text: str) -> str:
    """Text between double quotes with what cannot be printed escaped, as `strconv.Quote` does it."""
    return '"' + "".join(map(_escape, text)) + '"'


def quote_character(character: str) -> str:
    """A character between single quotes, as `encoding/json` names it in its errors."""
    if character == "'":
        return "'\\''"
    if character == '"':
        return "'\"'"
    return f"'{_escape(character)}'"


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if character == " " or (character.isprintable() and not character.isspace()):
        return character
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
