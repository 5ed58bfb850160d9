"""Content types as Go's `mime.ParseMediaType` reads them, with its errors, which senders get to see."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE: Final = re.compile(f"({_WORD})(/({_WORD})?)?")
_PARAMETER: Final = re.compile(rf'\s*;\s*({_WORD})\s*=\s*(?:{_WORD}|"(?:[^"\\\r\n]|\\.)*")')


def media_type(text: str) -> str:
    """`Application/JSON; charset=utf-8` as `application/json`. Raises ValueError with Go's words."""
    base, semicolon, _ = text.partition(";")
    name = base.strip().lower()
    found = _TYPE.match(name)
    if found is None:
        raise ValueError("mime: no media type")
    rest = name[found.end() :]
    if found[2] is None and rest:
        raise ValueError("mime: expected slash after first token")
    if found[2] is not None and found[3] is None:
        raise ValueError("mime: expected token after slash")
    if rest:
        raise ValueError("mime: unexpected content after media subtype")
    if semicolon:
        _check_parameters(text[len(base) :])
    return name


def _check_parameters(text: str) -> None:
    names: set[str] = set()
    at = 0
    while text[at:].strip() not in ("", ";"):
        found = _PARAMETER.match(text, at)
        if found is None:
            raise ValueError("mime: invalid media parameter")
        if (name := found[1].lower()) in names:
            raise ValueError("mime: duplicate parameter name")
        names.add(name)
        at = found.end()
