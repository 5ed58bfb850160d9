"""How much a function may make or read, so that no expression takes the process down with it."""

from __future__ import annotations

from typing import Final

from sensors.languages.jmes.errors import JmesRuntimeError

MAX_TEXT: Final = 1 << 22
"""Characters of a text that a function makes."""

MAX_PARSED: Final = 1 << 20
"""Characters of a text of YAML."""


def check_length(length: int, most: int = MAX_TEXT) -> None:
    """Raises JmesRuntimeError for a text that would have too many characters."""
    if length > most:
        raise JmesRuntimeError(f"a text of more than {most} characters")
