"""Patterns of Lua: compiled into steps, matched by going back to the last choice where a step does not fit.

What is repeated is always a single character, of which as many as there are can be counted at once. Each attempt and each
way back costs, so that a pattern with many of them ends with the budget.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from sensors.languages.budget import Budget

_BYTES: Final = [chr(code) for code in range(256)]
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_CAPITALS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS: Final = frozenset("0123456789")
_ALL: Final = frozenset(_BYTES)
_CLASSES: Final = {
    "a": _LETTERS | _CAPITALS,
    "c": frozenset(_BYTES[:32]) | {"\x7f"},
    "d": _DIGITS,
    "l": _LETTERS,
    "p": frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "s": frozenset(" \f\n\r\t\v"),
    "u": _CAPITALS,
    "w": _LETTERS | _CAPITALS | _DIGITS,
    "x": _DIGITS | frozenset("abcdefABCDEF"),
    "z": frozenset("\0"),
}
_REPEATS: Final = frozenset("*+-?")
_NOTHING: Final = re.compile(r"(?!)")
_UNSET: Final = (-1, -1)
_HERE: Final = -2
"""The end of a capture that is a place and no text."""

_CAPTURES_MOST: Final = 32
_LONGEST: Final = 4096
"""Characters of a pattern."""


class PatternError(ValueError):
    """A text that is no pattern, or refers to a capture that it does not have."""


class Step(NamedTuple):
    """`kind` is one, many, few or maybe (of the characters of `found`), open, close, place or same (of a capture), pair, end."""

    kind: str
    found: re.Pattern[str]
    number: int = 0
    pair: str = ""


class Match(NamedTuple):
    """Where a match lies, and its captures: texts, or a place as a number that counts from 1."""

    start: int
    end: int
    captures: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    steps: tuple[Step, ...]
    captures: int
    at_start: bool
    at_end: bool

    def find(self, text: str, start: int, limit: int, budget: Budget) -> list[Match]:
        """The matches from `start` on, up to the `limit`-th, all of them if it is never reached. Raises PatternError."""
        matches: list[Match] = []
        at = start
        while at <= len(text):
            budget.spend(1)
            found = self._match(text, at, budget)
            at += 1
            if found is not None:
                matches.append(found)
                at = max(at, found.end)
                budget.take(64)
            if len(matches) == limit or self.at_start:
                break
        return matches

    def _match(self, text: str, start: int, budget: Budget) -> Match | None:
        places: list[tuple[int, int]] = [_UNSET] * self.captures
        # What to try next: a step, the place behind the fewest and the one behind the most characters, and the captures.
        choices: list[tuple[int, int, int, list[tuple[int, int]]]] = []
        step, at = 0, start
        while True:
            kind, found, number, pair = self.steps[step]
            end = at
            match kind:
                case "one":
                    end = at + 1 if found.match(text, at) else -1
                case "many":
                    end = found.match(text, at).end()  # type: ignore[union-attr]
                    budget.read(end - at)
                    if end > at:
                        choices.append((step, at, end - 1, places[:]))
                case "few":
                    if found.match(text, at):
                        choices.append((step, at + 1, at + 1, places[:]))
                case "maybe":
                    if found.match(text, at):
                        choices.append((step, at, at, places[:]))
                        end = at + 1
                case "open":
                    places[number] = (at, -1)
                case "close":
                    places[number] = (places[number][0], at)
                case "place":
                    places[number] = (at, _HERE)
                case "pair":
                    end = _closing(text, at, pair, budget)
                case "same":
                    before = _same(text, places, number)
                    end = at + len(before) if text.startswith(before, at) else -1
                case _:
                    if not self.at_end or at >= len(text):
                        return Match(start, at, tuple(_capture(text, place) for place in places))
                    end = -1
            if end >= 0:
                step, at = step + 1, end
                continue
            if not choices:
                return None
            budget.spend(1)
            step, least, at, places = choices.pop()
            kind, found, _, _ = self.steps[step]
            if kind == "many" and at > least:
                choices.append((step, least, at - 1, places[:]))
            elif kind == "few" and found.match(text, at):
                choices.append((step, at + 1, at + 1, places[:]))
            step += 1


def _capture(text: str, place: tuple[int, int]) -> str | int:
    start, end = place
    return start + 1 if end == _HERE else text[start:end]


def _closing(text: str, at: int, pair: str, budget: Budget) -> int:
    """The end of what begins here with the first of a pair and ends with the second that belongs to it; else -1."""
    if len(pair) < 2 or not text.startswith(pair[0], at):
        return -1
    depth = 1
    for place in range(at + 1, len(text)):
        budget.spend(1)
        if text[place] == pair[1]:
            depth -= 1
            if not depth:
                return place + 1
        elif text[place] == pair[0]:
            depth += 1
    return -1


def _same(text: str, places: list[tuple[int, int]], number: int) -> str:
    if number >= len(places) or places[number][1] == -1:
        raise PatternError("invalid capture index")
    start, end = places[number]
    return "" if end == _HERE else text[start:end]


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Raises PatternError."""
    if len(text) > _LONGEST:
        raise PatternError(f"a pattern of more than {_LONGEST} characters")
    return _Parser(text).pattern()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._steps: list[Step] = []
        self._captures = 0

    def pattern(self) -> Pattern:
        at_start = self._accept("^")
        at_end = self._sequence(is_inner=False)
        self._steps.append(Step("end", _NOTHING))
        return Pattern(tuple(self._steps), self._captures, at_start, at_end)

    def _accept(self, character: str) -> bool:
        if not self._text.startswith(character, self._at):
            return False
        self._at += 1
        return True

    def _next(self) -> str:
        """The next character, empty at the end."""
        character = self._text[self._at : self._at + 1]
        self._at += 1
        return character

    def _sequence(self, is_inner: bool) -> bool:
        """Whether a `$` says that the text ends here."""
        is_single = False
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == ")":
                if not is_inner:
                    raise PatternError("invalid ')'")
                return False
            if character in _REPEATS and is_single:
                self._at += 1
                self._repeat(character)
                is_single = False
                continue
            if character == "$" and not is_inner and self._at == len(self._text) - 1:
                return True
            is_single = not (character == "(" or self._is_special())
            if character == "(":
                self._at += 1
                self._capture()
            elif is_single:
                self._steps.append(Step("one", _matcher(self._class(is_set=False))))
        return False

    def _is_special(self) -> bool:
        """Read `%b` or `%1`, if one of them is here."""
        if self._text[self._at] != "%":
            return False
        name = self._text[self._at + 1 : self._at + 2]
        if name == "b":
            self._steps.append(Step("pair", _NOTHING, pair=self._text[self._at + 2 : self._at + 4]))
            self._at += 4
            return True
        if name in _DIGITS and name:
            if name == "0":
                raise PatternError("invalid capture index")
            self._steps.append(Step("same", _NOTHING, int(name) - 1))
            self._at += 2
            return True
        return False

    def _repeat(self, sign: str) -> None:
        one = self._steps.pop()
        if sign == "+":
            self._steps.append(one)
        kind = {"*": "many", "+": "many", "-": "few", "?": "maybe"}[sign]
        self._steps.append(Step(kind, re.compile(f"(?:{one.found.pattern})*") if kind == "many" else one.found))

    def _capture(self) -> None:
        number = self._captures
        self._captures += 1
        if self._captures > _CAPTURES_MOST:
            raise PatternError("too many captures")
        if self._accept(")"):
            self._steps.append(Step("place", _NOTHING, number))
            return
        self._steps.append(Step("open", _NOTHING, number))
        self._sequence(is_inner=True)
        if not self._accept(")"):
            raise PatternError("unfinished capture")
        self._steps.append(Step("close", _NOTHING, number))

    def _class(self, is_set: bool) -> frozenset[str]:
        """The characters that one item stands for."""
        character = self._next()
        if character == "%":
            name = self._next()
            members = _CLASSES.get(name.lower())
            if members is None:
                return frozenset(name)
            return members if name.islower() else _ALL - members
        if character == "." and not is_set:
            return _ALL
        if character == "[" and not is_set:
            return self._set()
        return frozenset(character)

    def _set(self) -> frozenset[str]:
        is_negated = self._accept("^")
        items: list[tuple[frozenset[str], bool]] = []
        is_range = False
        while True:
            if self._at >= len(self._text):
                raise PatternError("the closing ']' is missing")
            if items and self._accept("]"):
                break
            if items and self._accept("-"):
                is_range = True
                continue
            is_plain = self._text[self._at] != "%"
            items.append((self._class(is_set=True), is_plain))
            if is_range:
                is_range = False
                items[-2:] = [(_between(items[-2], items[-1]), False)]
        members = frozenset("-" if is_range else "").union(*(members for members, _ in items))
        return _ALL - members if is_negated else members


def _between(first: tuple[frozenset[str], bool], last: tuple[frozenset[str], bool]) -> frozenset[str]:
    """Only between plain characters, there is anything."""
    if not (first[1] and last[1]):
        return frozenset()
    return frozenset(map(chr, range(ord(*first[0]), ord(*last[0]) + 1)))


def _matcher(members: frozenset[str]) -> re.Pattern[str]:
    codes = "".join(f"\\x{ord(each):02x}" for each in sorted(members))
    return re.compile(f"[{codes}]") if codes else _NOTHING
