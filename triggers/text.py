"""How a request is shown to a person: on one line, whatever it holds."""

from __future__ import annotations

import re
from typing import Final

# Line breaks would break the line, other control characters (escape sequences) the terminal.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(head: str, body: bytes | str, limit: int) -> str:
    """`head  body`, without control characters and cut to about `limit` characters."""
    if isinstance(body, bytes):
        # No character takes more than four bytes, so what is cut off here lies beyond the limit.
        body = body[: 4 * limit].decode("utf-8", "replace")
    line = f"{head}  {body}" if body else head
    return printable(line if len(line) <= limit else line[:limit] + "…")


def printable(text: str) -> str:
    """The text with each run of control characters replaced by a blank."""
    return text if text.isprintable() else _CONTROLS.sub(" ", text)
