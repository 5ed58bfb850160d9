"""The functions of the library `string` that take patterns."""

from __future__ import annotations

import re
from typing import Final

from sensors.languages.lua.arguments import check_text, optional_integer, wrong
from sensors.languages.lua.operators import index
from sensors.languages.lua.pattern import Match, PatternError, compile_pattern
from sensors.languages.lua.run import MEMBER_SIZE, Run, fail
from sensors.languages.lua.values import Table, Value, as_text, first, is_true, type_name

_REPLACEMENT: Final = re.compile(r"%(.?)", re.DOTALL)


def _matches(run: Run, pattern: str, text: str, start: int, limit: int) -> list[Match]:
    try:
        return compile_pattern(pattern).find(text, start, limit, run)
    except PatternError as error:
        raise fail(str(error)) from None


def _captures(found: Match, text: str) -> tuple[Value, ...]:
    """What a match captured, the whole of it if nothing; places are numbers."""
    captures = found.captures or (text[found.start : found.end],)
    return tuple(float(each) if isinstance(each, int) else each for each in captures)


def find(run: Run, *arguments: Value) -> Value:
    text, pattern = (check_text(arguments[place] if len(arguments) > place else None, place + 1) for place in (0, 1))
    if not pattern:
        return 1.0, 0.0
    begin = optional_integer(arguments[2] if len(arguments) > 2 else None, 3, 1)
    start = begin - 1 if begin > 0 else max(len(text) + begin, 0) if begin < 0 else 0
    if len(arguments) == 4 and is_true(arguments[3]):
        run.read(len(text))
        at = text.find(pattern, start)
        return None if at < 0 else (float(at + 1), float(at + len(pattern)))
    found = _matches(run, pattern, text, start, 1)
    if not found:
        return None
    captures = _captures(found[0], text) if found[0].captures else ()
    return float(found[0].start + 1), float(found[0].end), *captures


def match(run: Run, *arguments: Value) -> Value:
    text, pattern = (check_text(arguments[place] if len(arguments) > place else None, place + 1) for place in (0, 1))
    begin = optional_integer(arguments[2] if len(arguments) > 2 else None, 3, 1)
    begin = len(text) + begin + 1 if begin < 0 else begin
    found = _matches(run, pattern, text, max(begin - 1, 0), 1)
    return _captures(found[0], text) if found else ()


def gmatch(run: Run, subject: Value = None, pattern: Value = None, *_: Value) -> Value:
    text = check_text(subject, 1)
    matches = iter(_matches(run, check_text(pattern, 2), text, 0, -1))

    def step(run: Run, *_: Value) -> Value:
        found = next(matches, None)
        return () if found is None else _captures(found, text)

    return step


def gsub(run: Run, *arguments: Value) -> Value:
    text, pattern = (check_text(arguments[place] if len(arguments) > place else None, place + 1) for place in (0, 1))
    by = arguments[2] if len(arguments) > 2 else None
    if type_name(by) not in ("string", "table", "function"):
        raise wrong(3, f"string or table or function expected, got {type_name(by)}")
    limit = optional_integer(arguments[3] if len(arguments) > 3 else None, 4, -1)
    found = _matches(run, pattern, text, 0, limit)
    pieces: list[str] = []
    at = 0
    for each in found:
        piece = _replacement(run, by, each, text)
        run.take(len(piece) + MEMBER_SIZE)
        pieces += (text[at : each.start], piece)
        at = each.end
    run.take(len(text))
    return "".join((*pieces, text[at:])), float(len(found))


def _replacement(run: Run, by: Value, found: Match, text: str) -> str:
    whole = text[found.start : found.end]
    if by.__class__ is str:
        return by if "%" not in by else _REPLACEMENT.sub(lambda sign: _referred(sign[1], found, whole), by)
    captures = _captures(found, text)
    value = index(run, by, captures[0]) if isinstance(by, Table) else first(run.call(by, *captures))
    return (as_text(value) or "") if is_true(value) else whole


def _referred(name: str, found: Match, whole: str) -> str:
    """What `%` and the character after it stand for."""
    if name in ("", "%"):
        return "%"
    if not ("0" <= name <= "9"):
        return f"%{name}"
    number = int(name)
    if number == 0 or (number == 1 and not found.captures):
        return whole
    if number > len(found.captures):
        raise fail("invalid capture index")
    return str(found.captures[number - 1])
