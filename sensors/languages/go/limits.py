"""How much a template may take, and the error of a function of Go: data comes from strangers, templates from the careless."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 1 << 20
"""Characters of the output, and of every text on the way to it."""

MAX_ITEMS: Final = 100_000
"""Elements of a list that a function makes."""

MAX_STEPS: Final = 100_000
"""Rounds of all loops together, and uses of templates within templates."""

MAX_CALLS: Final = 100
"""Templates within templates."""

MAX_NESTING: Final = 100
"""Parentheses and control structures within one another."""

SECONDS: Final = 1.0
"""How long rendering may take in all, looked at in every round of a loop."""


class GoError(ValueError):
    """A function of Go that returns an error or panics; the message is ours, and tells types rather than values."""


class LimitError(GoError):
    """More is asked for than there may be; unlike other errors it is never passed over."""


def check_text(length: int) -> None:
    """Raises LimitError if a text of this many characters is too long to be made."""
    if length > MAX_TEXT:
        raise LimitError(f"a text of more than {MAX_TEXT} characters is made")


def check_items(count: int) -> None:
    """Raises LimitError if a list of this many elements is too long to be made."""
    if count > MAX_ITEMS:
        raise LimitError(f"a list of more than {MAX_ITEMS} elements is made")
