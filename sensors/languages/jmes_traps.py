"""Expressions that are right but hardly what their author meant: JMESPath differs here from what most languages do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sensors.languages.jmes_parser import Token, tokenize

_COMPARATORS = frozenset({"eq", "ne", "lt", "lte", "gt", "gte"})
_MEMBERS = frozenset({"dot", "lbracket", "flatten", "filter"})
"""What may follow a name to lead further into its value."""

_NAMES = frozenset({"unquoted_identifier", "quoted_identifier", "current"})


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
        if here == "not" and before != "not" and types[_after_negated(types, at)] == "dot":
            yield Trap("'!' binds tighter than '.', so this is null; write !(a.b), not !a.b", tokens[at]["start"])
        elif here == "quoted_identifier" and _is_compared(before, types[at + 1]):
            yield Trap("double quotes name a field; a string is written in single quotes", tokens[at]["start"])


def _is_compared(before: str, after: str) -> bool:
    """Whether a name between two tokens is, alone, one side of a comparison."""
    return (before in _COMPARATORS and after not in _MEMBERS) or (after in _COMPARATORS and before != "dot")


def _after_negated(types: Sequence[str], at: int) -> int:
    """Where that ends what the `!` at `at` negates, if that is a name, a call or a group, with indices; else `at`."""
    end = at
    while types[end] == "not":
        end += 1
    if types[end] in _NAMES:
        end += 1
    elif types[end] != "lparen":
        return at  # a projection, which takes all the members that follow
    while types[end] == "lparen":
        end = _after_parenthesis(types, end)
    while types[end : end + 3] == ["lbracket", "number", "rbracket"]:
        end += 3
    return end


def _after_parenthesis(types: Sequence[str], at: int) -> int:
    depth = 0
    for end in range(at, len(types)):
        depth += (types[end] == "lparen") - (types[end] == "rparen")
        if not depth:
            return end + 1
    return at
