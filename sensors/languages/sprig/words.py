"""sprig's functions of words: shortened, wrapped, and their case changed, as goutils and xstrings do it.

Some of them know bytes only, so that letters beyond ASCII come out broken; they do so here as well.
"""

from __future__ import annotations

from typing import Final

from sensors.languages.go.limits import check_text
from sensors.languages.go.text import (
    SPACES,
    from_bytes,
    is_lower,
    is_title,
    is_upper,
    lower,
    title,
    to_bytes,
    upper,
    valid,
)
from sensors.languages.gotemplate.functions import INT, STRING, Function
from sensors.languages.sprig.cases import kebab_case, pascal_case, snake_case

_SPACE_BYTES: Final = frozenset(ord(space) for space in SPACES if ord(space) < 0x100)


def _abbrev(width: int, text: str) -> str:
    return text if width < 4 else from_bytes(_abbreviated(to_bytes(text), 0, width))


def _abbrevboth(left: int, right: int, text: str) -> str:
    if right < 4 or (left > 0 and right < 7):
        return text
    return from_bytes(_abbreviated(to_bytes(text), left, right))


def _abbreviated(data: bytes, offset: int, width: int) -> bytes:
    """At most `width` bytes, with dots for what is left out at the end, and before `offset`."""
    length = len(data)
    if length <= width:
        return data
    offset = min(offset, length)
    if length - offset < width - 3:
        offset = length - (width - 3)
    if offset <= 4:
        return data[: width - 3] + b"..."
    if width < 7:
        return b""
    if offset + width - 3 < length:
        return b"..." + _abbreviated(data[offset:], 0, width - 3)
    return b"..." + data[length - (width - 3) :]


def _nospace(text: str) -> str:
    data = to_bytes(text)
    kept = "".join(chr(byte) for byte in data if byte not in _SPACE_BYTES)
    return text if len(kept) == len(data) else kept


def _initials(text: str) -> str:
    kept: list[str] = []
    after_space = True
    for byte in to_bytes(text):
        is_space = byte in _SPACE_BYTES
        if after_space and not is_space:
            kept.append(chr(byte))
        after_space = is_space
    return "".join(kept)


def _untitle(text: str) -> str:
    result: list[str] = []
    after_space = True
    for character in valid(text):
        is_space = character in SPACES
        result.append(lower(character) if after_space and not is_space else character)
        after_space = is_space
    return "".join(result)


def _swapcase(text: str) -> str:
    """Capitals become small, small letters capitals, at the beginning of a word those of titles."""
    result: list[str] = []
    after_space = True
    for character in valid(text):
        if is_upper(character) or is_title(character):
            result.append(lower(character))
            after_space = False
        elif is_lower(character):
            result.append(title(character) if after_space else upper(character))
            after_space = False
        else:
            result.append(character)
            after_space = character in SPACES
    return "".join(result)


def _wrapped(text: str, width: int, line_break: str, breaks_words: bool) -> str:
    data, line = to_bytes(text), to_bytes(line_break or "\n")
    width = max(width, 1)
    parts: list[bytes] = []
    at = size = 0
    while len(data) - at > width:
        if data[at] == 0x20:
            at += 1
            continue
        space = data.rfind(b" ", at, at + width + 1)
        end = after = at + width
        if space >= at:
            end, after = space, space + 1
        elif not breaks_words:
            space = data.find(b" ", at + width)
            end, after = (space, space + 1) if space >= 0 else (len(data), len(data))
        parts.append(data[at:end])
        # A long word that is the last is not followed by a line break.
        if after > end or breaks_words:
            parts.append(line)
        size += end - at + len(line)
        check_text(size)
        at = after
    parts.append(data[at:])
    return from_bytes(b"".join(parts))


FUNCTIONS: Final = (
    Function("abbrev", _abbrev, (INT, STRING)),
    Function("abbrevboth", _abbrevboth, (INT, INT, STRING)),
    Function("nospace", _nospace, (STRING,)),
    Function("initials", _initials, (STRING,)),
    Function("untitle", _untitle, (STRING,)),
    Function("swapcase", _swapcase, (STRING,)),
    Function("camelcase", pascal_case, (STRING,)),
    Function("snakecase", snake_case, (STRING,)),
    Function("kebabcase", kebab_case, (STRING,)),
    Function("wrap", lambda width, text: _wrapped(text, width, "", False), (INT, STRING)),
    Function("wrapWith", lambda width, line, text: _wrapped(text, width, line, True), (INT, STRING, STRING)),
)
