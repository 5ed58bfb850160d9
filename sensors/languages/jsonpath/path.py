"""JSONPath as the helper `jsonpath` of an EventSource's filter has it: that of evilmonkeyinc/jsonpath 0.8.1.

    query("$.items[?(@.price < 10)].name", document)

Keys, indexes, slices, unions, `*`, `..`, `length`, and scripts in parentheses. What a path does not find is an error at its
end and left out behind `*`, `..`, a slice or a filter. Values are those of `go_values`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.text import byte_length
from sensors.languages.go.values import GoInteger, Int64
from sensors.languages.jsonpath.parts import (
    Current,
    Descent,
    Filter,
    Index,
    Key,
    Length,
    Part,
    Range,
    Root,
    Script,
    Union,
    Wildcard,
    read_path,
)
from sensors.languages.jsonpath.script import Evaluate, compile_script, is_true

_MOST_STEPS: Final = 100_000
"""Parts applied to values in one query: several `..` multiply."""


def query(path: str, document: Any) -> Any:
    """What a path finds. Raises GoError if it is none, or finds nothing."""
    return _compile(path).find(_Walk(document), document)


@dataclass(slots=True)
class _Walk:
    """A query under way."""

    root: Any
    left: int = _MOST_STEPS


Rest = tuple["_Step", ...]
_Step = Callable[[_Walk, Any, Any], Any]
"""A part at work: of a walk, the current value and the steps that follow."""


@dataclass(frozen=True, slots=True)
class _Path:
    steps: Rest
    """Each takes what the one before found."""

    def find(self, walk: _Walk, current: Any) -> Any:
        return _follow(walk, current, self.steps)


@lru_cache(maxsize=64)
def _compile(path: str) -> _Path:
    return _Path(tuple(map(_step, read_path(path))))


def _select(path: str) -> Evaluate:
    """The function of a path within a script, whose texts are quoted."""
    steps = _compile(path)

    def find(walk: _Walk, current: Any) -> Any:
        found = steps.find(walk, current)
        if isinstance(found, str) and not (len(found) > 1 and found[0] == found[-1] == "'"):
            return f"'{found}'"
        return found

    return find


def _follow(walk: _Walk, current: Any, rest: Rest) -> Any:
    """What the steps that are left find in a value."""
    if not rest:
        return current
    walk.left -= 1
    if walk.left < 0:
        raise GoError("the JSONPath looks at too much")
    return rest[0](walk, current, rest[1:])


def _step(part: Part) -> _Step:
    match part:
        case Root():
            return lambda walk, current, rest: _follow(walk, walk.root, rest)
        case Current():
            return _follow
        case Wildcard():
            return _wildcard
        case Descent():
            return _descend
        case Length():
            return _length
        case Key(name=name):
            return lambda walk, current, rest: _follow(walk, _member(current, name), rest)
        case Index():
            return _IndexStep(part.number)
        case Script():
            return _subscript(compile_script(part.text, _select))
        case Filter():
            return _filter(part.script.text)
        case Union():
            return _union([_argument(choice) for choice in part.choices])
        case Range():
            return _range(*map(_argument, (part.start, part.stop, part.step)))


def _argument(argument: Any) -> Evaluate:
    """An argument that may be a script, which has to give something."""
    if not isinstance(argument, Script):
        return lambda walk, current: argument
    script = compile_script(argument.text, _select)

    def run(walk: _Walk, current: Any) -> Any:
        value = script(walk, current)
        if value is None:
            raise GoError("the script gives nothing")
        return value

    return run


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise GoError("a key of something that is no object")
    if name not in value:
        raise GoError("there is no such key")
    return value[name]


@dataclass(frozen=True, slots=True)
class _IndexStep:
    """An index is the one step that is applied to all that a slice, union or filter found, not to each of it."""

    number: int

    def __call__(self, walk: _Walk, current: Any, rest: Rest) -> Any:
        if not isinstance(current, list):
            raise GoError("an index of something that is no list")
        index = self.number + (len(current) if self.number < 0 else 0)
        if not 0 <= index < len(current):
            raise GoError("the index is out of range")
        return _follow(walk, current[index], rest)


def _values(value: Any) -> list[Any]:
    """Elements, or what an object has in the order of its keys."""
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return value
    raise GoError("neither a list nor an object")


def _each(walk: _Walk, values: Iterable[Any], rest: Rest) -> list[Any]:
    """What the rest finds in each; where that is nothing, or null, it is left out."""
    if not rest:
        return list(values)
    found = []
    for value in values:
        try:
            result = _follow(walk, value, rest)
        except GoError:
            if walk.left < 0:
                raise
            continue
        if result is not None:
            found.append(result)
    return found


def _together(walk: _Walk, values: list[Any], rest: Rest) -> Any:
    return _follow(walk, values, rest) if rest and isinstance(rest[0], _IndexStep) else _each(walk, values, rest)


def _wildcard(walk: _Walk, current: Any, rest: Rest) -> list[Any]:
    return _each(walk, _values(current), rest)


def _descend(walk: _Walk, current: Any, rest: Rest) -> list[Any]:
    """What the rest finds in the value and in all below it; lists are taken apart."""
    if current is None:
        return []
    found: list[Any] = []
    for result in _each(walk, [current], rest):
        found += result if rest and isinstance(result, list) else [result]
    if isinstance(current, (dict, list)):
        for value in _values(current):
            found += _descend(walk, value, rest)
    return found


def _length(walk: _Walk, current: Any, rest: Rest) -> Any:
    if isinstance(current, str):
        size: Any = Int64(byte_length(current))
    elif isinstance(current, (dict, list)):
        size = Int64(len(current))
    else:
        raise GoError("the length of something that has none")
    if isinstance(current, dict):
        size = current.get("length", size)
    return _follow(walk, size, rest)


def _subscript(script: Evaluate) -> _Step:
    def step(walk: _Walk, current: Any, rest: Rest) -> Any:
        value = script(walk, current)
        if isinstance(value, str):
            return _follow(walk, _member(current, value), rest)
        return _IndexStep(_whole(value))(walk, current, rest)

    return step


def _filter(text: str) -> _Step:
    script = compile_script(text, _select)

    def holds(walk: _Walk, value: Any) -> bool:
        try:
            return is_true(script(walk, value))
        except GoError:
            if walk.left < 0:
                raise
            return False

    def step(walk: _Walk, current: Any, rest: Rest) -> Any:
        if not text:
            raise GoError("the script of a filter is empty")
        return _together(walk, [value for value in _values(current) if holds(walk, value)], rest)

    return step


def _union(choices: list[Evaluate]) -> _Step:
    def step(walk: _Walk, current: Any, rest: Rest) -> Any:
        wanted = [choice(walk, current) for choice in choices]
        if all(isinstance(choice, str) for choice in wanted):
            if not isinstance(current, dict):
                raise GoError("a key of something that is no object")
            return _together(walk, [current[key] for key in wanted if key in current], rest)
        indexes = [_whole(choice) for choice in wanted]
        if not isinstance(current, list):
            raise GoError("an index of something that is no list")
        size = len(current)
        places = (index + size if index < 0 else index for index in indexes)
        return _together(walk, [current[place] for place in places if 0 <= place < size], rest)

    return step


def _range(start: Evaluate, stop: Evaluate, step: Evaluate) -> _Step:
    def run(walk: _Walk, current: Any, rest: Rest) -> Any:
        if not isinstance(current, list):
            raise GoError("a slice of something that is no list")
        size = len(current)
        first, last = (_bound(bound(walk, current), size, size if bound is stop else 0) for bound in (start, stop))
        stride = step(walk, current)
        width = 1 if stride is None else _whole(stride)
        if not width:
            raise GoError("a slice with steps of 0")
        places = range(first, last, width) if width > 0 else range(last - 1, first - 1, width)
        return _together(walk, [current[place] for place in places], rest)

    return run


def _bound(value: Any, size: int, default: int) -> int:
    if value is None:
        return default
    place = _whole(value)
    return min(max(place + size if place < 0 else place, 0), size)


def _whole(value: Any) -> int:
    """A number without a fraction. Raises GoError."""
    if isinstance(value, GoInteger) or (isinstance(value, int) and not isinstance(value, bool)):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    raise GoError("an index is a whole number")
