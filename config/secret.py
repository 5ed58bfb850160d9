"""A value that must never be printed."""

from __future__ import annotations

import hmac


class Secret:
    """Text from a Kubernetes Secret, a file or the environment; shown as `***` wherever it is printed."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._value

    def matches(self, given: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogateescape"), given.encode("utf-8", "surrogateescape")
        )

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)
