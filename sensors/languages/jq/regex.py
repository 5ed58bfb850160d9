"""Functions of jq that take regular expressions, which are Go's: searched in linear time, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.regexp import Regexp, compile_regexp
from sensors.languages.jq.frames import Filter, Form, Frame, Function, Output, Run, Trail, values
from sensors.languages.jq.operators import MEMBER_SIZE, add
from sensors.languages.jq.values import JqError, Value, described, shown, unfit

_FLAGS: Final = frozenset("gim")
_CHARACTERS_A_STEP: Final = 16
_COMPILE: Final = 2000
"""Steps for an expression: the clock is looked at each time, as some take very long to compile."""


def _compiled(run: Run, name: str, value: Value, pattern: Value, flags: Value) -> Regexp:
    if value.__class__ is not str or pattern.__class__ is not str or (flags is not None and flags.__class__ is not str):
        raise unfit(name, value, pattern, flags)
    run.spend(_COMPILE)
    signs: str = flags or ""
    if not _FLAGS.issuperset(signs):
        raise JqError(f"unsupported regular expression flag: {shown(signs)}")
    expression = f"{'(?s)' if 'm' in signs else ''}{'(?i)' if 'i' in signs else ''}{pattern}"
    try:
        return compile_regexp(expression)
    except GoError as error:
        raise JqError(f"invalid regular expression {shown(expression)}: {error}") from None


def _matches(run: Run, value: Value, pattern: Value, flags: Value) -> Iterator[dict[str, Value]]:
    """What `match` gives for each match; places count characters."""
    regexp = _compiled(run, "match", value, pattern, flags)
    run.spend(len(value) // _CHARACTERS_A_STEP)
    data = value.encode()
    is_ascii = len(data) == len(value)
    names = {number: name for name, number in regexp.names.items()}

    def place(at: int) -> int:
        run.read(0 if is_ascii else at)
        return at if is_ascii else len(data[:at].decode())

    for match in regexp.find_all(data, -1 if "g" in (flags or "") else 1):
        run.take(MEMBER_SIZE * 4 * len(match.spans))
        groups: list[dict[str, Value]] = []
        for number, (start, end) in enumerate(match.spans):
            if start < 0:
                found: dict[str, Value] = {"offset": -1, "length": 0, "string": None}
            else:
                first = place(start)
                found = {"offset": first, "length": place(end) - first, "string": data[start:end].decode()}
            groups.append(found if not number else {**found, "name": names.get(number)})
        yield {**groups[0], "captures": groups[1:]}


def test(run: Run, value: Value, pattern: Value, flags: Value = None) -> bool:
    regexp = _compiled(run, "test", value, pattern, flags)
    run.spend(len(value) // _CHARACTERS_A_STEP)
    return regexp.search(value.encode()) is not None


def _captured(captures: Value) -> dict[str, Value]:
    return {each["name"]: each["string"] for each in captures if each["name"] is not None}


def split(run: Run, value: Value, pattern: Value, flags: Value) -> list[Value]:
    return list(_pieces(run, value, pattern, flags))


def _global(flags: Value) -> Value:
    """The flags with the one for all matches."""
    return flags + "g" if flags.__class__ is str else "g" if flags is None else flags


def _pieces(run: Run, value: Value, pattern: Value, flags: Value) -> Iterator[str]:
    at = 0
    for match in _matches(run, value, pattern, _global(flags)):
        yield value[at : match["offset"]]
        at = match["offset"] + match["length"]
    yield value[at:]


def _with_flags(arguments: tuple[Filter, ...], frame: Frame, value: Value) -> Iterator[tuple[Value, Value]]:
    """Patterns and flags, of which the last named vary fastest."""
    for pattern in values(arguments[0], frame, value):
        for flags in values(arguments[1], frame, value) if len(arguments) > 1 else (None,):
            yield pattern, flags


def match(*arguments: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for pattern, flags in _with_flags(arguments, frame, value):
            for found in _matches(frame.run, value, pattern, flags):
                yield found, trail

    return form


def capture(*arguments: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for pattern, flags in _with_flags(arguments, frame, value):
            for found in _matches(frame.run, value, pattern, flags):
                yield _captured(found["captures"]), trail

    return form


def scan(*arguments: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for pattern, flags in _with_flags(arguments, frame, value):
            for found in _matches(frame.run, value, pattern, _global(flags)):
                captures = found["captures"]
                yield [each["string"] for each in captures] if captures else found["string"], trail

    return form


def splits(*arguments: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for pattern, flags in _with_flags(arguments, frame, value):
            for piece in _pieces(frame.run, value, pattern, flags):
                yield piece, trail

    return form


def _substitution(is_global: bool) -> Form:
    def build(pattern: Filter, replacement: Filter, *flags: Filter) -> Filter:
        def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
            for expression, signs in _with_flags((pattern, *flags), frame, value):
                matches = _matches(frame.run, value, expression, _global(signs) if is_global else signs)
                for text in _substituted(frame, value, matches, replacement):
                    yield text, trail

        return form

    return build


def _substituted(frame: Frame, value: str, matches: Iterable[dict[str, Value]], replacement: Filter) -> Iterable[Value]:
    """One text for each output of the replacement; the text itself if there is none."""
    results: list[Value] = []
    at = 0
    for match in matches:
        before = value[at : match["offset"]]
        for place, text in enumerate(values(replacement, frame, _captured(match["captures"]))):
            if place == len(results):
                results.append(None)
            if text is not None and text.__class__ is not str:
                raise JqError(f"cannot add: {described(before)} and {described(text)}")
            results[place] = add(frame.run, results[place], add(frame.run, before, text))
        at = match["offset"] + match["length"]
    return [add(frame.run, result, value[at:]) for result in results] or [value]


FUNCTIONS: Final[dict[tuple[str, int], Function]] = {("split", 2): split, ("test", 1): test, ("test", 2): test}

FORMS: Final = {
    ("capture", 1): capture,
    ("capture", 2): capture,
    ("gsub", 2): _substitution(True),
    ("gsub", 3): _substitution(True),
    ("match", 1): match,
    ("match", 2): match,
    ("scan", 1): scan,
    ("scan", 2): scan,
    ("splits", 1): splits,
    ("splits", 2): splits,
    ("sub", 2): _substitution(False),
    ("sub", 3): _substitution(False),
}
