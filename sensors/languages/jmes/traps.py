"""Expressions that are right but hardly what their author meant: JMESPath differs here from what most languages do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sensors.languages.jmes.parser import Token, tokenize

_COMPARATORS = frozenset({"eq", "ne", "lt", "lte", "gt", "gte"})
_MEMBERS = frozenset({"dot", "lbracket", "flatten", "filter"})
"""What may follow a name to lead further into its value."""


@dataclass(frozen=True, slots=True)
class Trap:
    """What an expression means against expectation, and how to write what was meant. `column` counts from 0."""

    message: str
    column: int


def find_traps(text: str) -> list[Trap]:
    """The traps in an expression that compiles, in the order of the text."""
    return list(_traps(tokenize(text)))


def _traps(tokens: Sequence[Token]) -> Iterator[Trap]:
    types = [token["type"] for token in tokens]
    for at, (before, here) in enumerate(pairwise(["", *types])):
        if here == "quoted_identifier" and _is_compared(before, types[at + 1]):
            yield Trap("double quotes name a field; a string is written in single quotes", tokens[at]["start"])


def _is_compared(before: str, after: str) -> bool:
    """Whether a name between two tokens is, alone, one side of a comparison."""
    return (before in _COMPARATORS and after not in _MEMBERS) or (after in _COMPARATORS and before != "dot")
