"""Strings of Go: bytes that are mostly UTF-8, letters by Unicode's simple mappings, and quoted as Go quotes them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SPACES: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What unicode.IsSpace holds for a space; Python's own notion has four control characters more."""

_BROKEN: Final = re.compile(r"[\ud800-\udfff]")
_ESCAPES: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_NAMED: Final = {text: f"\\{name}" for name, text in _ESCAPES.items() if name not in "'\""}
_ESCAPE: Final = re.compile(
    r"\\(?:x(?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<name>.))",
    re.DOTALL,
)


def to_bytes(text: str) -> bytes:
    """The bytes of a string."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """The string of some bytes."""
    return data.decode("utf-8", "surrogateescape")


def byte_length(text: str) -> int:
    return len(text) if text.isascii() else len(to_bytes(text))


def joined(text: str) -> str:
    """A text put together of others, in which pieces of one character may have come together again."""
    return text if text.isascii() or not _BROKEN.search(text) else from_bytes(to_bytes(text))


def valid(text: str) -> str:
    """A string with U+FFFD for each byte that is not UTF-8."""
    return text if text.isascii() else _BROKEN.sub("\ufffd", text)


def slice_bytes(text: str, start: int, end: int) -> str:
    """Bytes `start` to `end` of a string, which must be within it."""
    return text[start:end] if text.isascii() else from_bytes(to_bytes(text)[start:end])


def upper(character: str) -> str:
    """unicode.ToUpper: one letter for one, where Python may give several."""
    return _single(character, character.upper()) or _single(character, character.title()) or character


def lower(character: str) -> str:
    """unicode.ToLower."""
    return _single(character, character.lower()) or ("i" if character == "\u0130" else character)


def title(character: str) -> str:
    """unicode.ToTitle."""
    return _single(character, character.title()) or character


def _single(character: str, mapped: str) -> str:
    return mapped if len(mapped) == 1 else ""


def is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "L"


def is_upper(character: str) -> bool:
    return unicodedata.category(character) == "Lu"


def is_lower(character: str) -> bool:
    return unicodedata.category(character) == "Ll"


def is_title(character: str) -> bool:
    return unicodedata.category(character) == "Lt"


def is_number(character: str) -> bool:
    return unicodedata.category(character)[0] == "N"


def is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] == "P"


def quote(text: str, mark: str = '"', *, ascii_only: bool = False) -> str:
    """strconv.Quote, and with another mark strconv.QuoteRune."""
    if text.isascii() and text.isprintable() and mark not in text and "\\" not in text:
        return f"{mark}{text}{mark}"
    return f"{mark}{''.join(_quoted(character, mark, ascii_only) for character in text)}{mark}"


def _quoted(character: str, mark: str, ascii_only: bool) -> str:
    if character == mark:
        return f"\\{mark}"
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable() and (code < 0x80 or not ascii_only):
        return character
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def unquote(quoted: str) -> str:
    """strconv.Unquote of a string in double quotes or backquotes. Raises ValueError for an escape that Go does not know."""
    content = quoted[1:-1]
    if quoted[0] == "`":
        return content.replace("\r", "")
    if "\\" not in content:
        return content
    return unescape(content, '"')


def unescape(content: str, mark: str) -> str:
    """The text that escapes stand for. Raises ValueError for an escape that Go does not know within these marks."""
    pieces: list[bytes] = []
    at = 0
    while (slash := content.find("\\", at)) >= 0:
        pieces.append(to_bytes(content[at:slash]))
        escape = _ESCAPE.match(content, slash)
        if escape is None:
            raise ValueError("an escape is incomplete")
        pieces.append(_escaped(escape, mark))
        at = escape.end()
    pieces.append(to_bytes(content[at:]))
    return from_bytes(b"".join(pieces))


def _escaped(escape: re.Match[str], mark: str) -> bytes:
    match escape.lastgroup:
        case "name":
            name = escape["name"]
            if name not in _ESCAPES or (name in "'\"" and name != mark):
                raise ValueError(f"there is no escape '\\{name}'")
            return _ESCAPES[name].encode()
        case "hex" | "octal":
            code = int(escape["hex"], 16) if escape["hex"] else int(escape["octal"], 8)
            if code > 255:
                raise ValueError(f"the escape '{escape[0]}' is no byte")
            # Within single quotes the number is that of a character.
            return chr(code).encode() if mark == "'" else bytes((code,))
        case _:
            code = int(escape["short"] or escape["long"], 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise ValueError(f"the escape '{escape[0]}' is no character")
            return chr(code).encode()
