"""The steps of jq as filters, put together of the filters of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sensors.languages.jq.assignments import assign, modify, operate
from sensors.languages.jq.frames import Filter, Frame, Function, Output, Trail, values
from sensors.languages.jq.lookup import at_index, at_slice
from sensors.languages.jq.operators import ITEM_SIZE, MEMBER_SIZE, OPERATIONS, Operation
from sensors.languages.jq.values import JqError, Value, described, is_number, is_true

_CATCH: Final = 100
"""Steps that an error takes: its message has to be made."""


def identity(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
    return ((value, trail),)


def failing(message: str) -> Filter:
    def fail(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        raise JqError(message)

    return fail


def _stepped(value: Value, key: Value, found: Value, trail: Trail | None) -> Output:
    """What lies at a key, and the way there."""
    if trail is None:
        return found, None
    trail.check(value)
    return found, Trail(found, key, trail)


def at_constant(base: Filter, key: Value) -> Filter:
    """`base.name` or `base[1]`"""
    is_name = key.__class__ is str

    def step(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        if is_name and trail is None and value.__class__ is dict:
            return ((value.get(key), None),)
        frame.run.spend(1)
        return (_stepped(value, key, at_index(frame.run, value, key), trail),)

    return piped(base, step)


def at_key(base: Filter, key: Filter) -> Filter:
    """`base[key]`, where the key is about the input."""

    def index(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for name in values(key, frame, given):
            for value, way in base(frame, given, trail):
                frame.run.spend(1)
                yield _stepped(value, name, at_index(frame.run, value, name), way)

    return index


def in_slice(base: Filter, start: Filter, end: Filter) -> Filter:
    """`base[start:end]`"""

    def cut(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for first in values(start, frame, given):
            for last in values(end, frame, given):
                for value, way in base(frame, given, trail):
                    found = at_slice(value, first, last)
                    frame.run.take(ITEM_SIZE * len(found or ()))
                    yield _stepped(value, {"start": first, "end": last}, found, way)

    return cut


def piped(left: Filter, right: Filter) -> Filter:
    if left is identity:
        return right

    def pipe(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        outputs = left(frame, value, trail)
        if outputs.__class__ is tuple:
            # One output: there is nothing to come back for.
            ((output, way),) = outputs
            return right(frame, output, way)
        return (result for output, way in outputs for result in right(frame, output, way))

    return pipe


def both(left: Filter, right: Filter) -> Filter:
    def comma(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        yield from left(frame, value, trail)
        yield from right(frame, value, trail)

    return comma


def signed(sign: str, operand: Filter) -> Filter:
    def sign_of(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for value, way in operand(frame, given, trail):
            if not is_number(value):
                raise JqError(f"cannot {'negate' if sign == '-' else 'plus'}: {described(value)}")
            yield (-value if sign == "-" else value), way

    return sign_of


def calculated(operation: Operation, left: Filter, right: Filter) -> Filter:
    return applied(lambda run, given, one, other: operation(run, one, other), [left, right])


def applied(function: Function, arguments: Sequence[Filter]) -> Filter:
    """A function of the input and the values of its arguments, of which the last one varies slowest."""
    if not arguments:

        def apply(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
            frame.run.spend(1)
            return ((function(frame.run, value), trail),)

        return apply

    def combined(frame: Frame, value: Value, trail: Trail | None, known: tuple[Value, ...]) -> Iterable[Output]:
        outputs = arguments[-1 - len(known)](frame, value, trail)
        if outputs.__class__ is not tuple:
            return several(outputs, frame, value, known)
        ((argument, way),) = outputs
        return complete(frame, value, way, (argument, *known))

    def complete(frame: Frame, value: Value, trail: Trail | None, known: tuple[Value, ...]) -> Iterable[Output]:
        if len(known) < len(arguments):
            return combined(frame, value, trail, known)
        frame.run.spend(1)
        return ((function(frame.run, value, *known), trail),)

    def several(outputs: Iterable[Output], frame: Frame, value: Value, known: tuple[Value, ...]) -> Iterator[Output]:
        for argument, way in outputs:
            yield from complete(frame, value, way, (argument, *known))

    return lambda frame, value, trail: combined(frame, value, trail, ())


def alternative(left: Filter, right: Filter) -> Filter:
    """`left // right`"""

    def choose(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        found = False
        for value, way in left(frame, given, trail):
            if is_true(value):
                found = True
                yield value, way
        if not found:
            yield from right(frame, given, trail)

    return choose


def updated(operator: str, target: Filter, value: Filter) -> Filter:
    if operator == "=":
        return assign(target, value)
    return modify(target, value) if operator == "|=" else operate(target, OPERATIONS[operator[:-1]], value)


def chosen(condition: Filter, then: Filter, otherwise: Filter) -> Filter:
    def choose(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        outputs = condition(frame, value, None)
        if outputs.__class__ is tuple:
            ((truth, _),) = outputs
            return (then if is_true(truth) else otherwise)(frame, value, trail)
        return several(outputs, frame, value, trail)

    def several(outputs: Iterable[Output], frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for truth, _ in outputs:
            yield from (then if is_true(truth) else otherwise)(frame, value, trail)

    return choose


def tried(body: Filter, handler: Filter | None) -> Filter:
    def attempt(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        try:
            yield from body(frame, value, trail)
            return
        except JqError as error:
            frame.run.spend(_CATCH)
            caught = error.value
        if handler is not None:
            yield from handler(frame, caught, trail)

    return attempt


def collected(content: Filter | None) -> Filter:
    """`[content]`"""
    if content is None:
        return lambda frame, value, trail: (([], trail),)

    def collect(frame: Frame, given: Value, trail: Trail | None) -> Iterable[Output]:
        array = [value for value, _ in content(frame, given, trail)]
        frame.run.take(ITEM_SIZE * len(array))
        return ((array, trail),)

    return collect


_Members = tuple[tuple[Value, Value], ...]


def built(pairs: Sequence[tuple[Filter, Filter | None]]) -> Filter:
    """`{name: value, …}`, once for each combination of names and values, of which the last ones vary fastest."""

    def build(frame: Frame, given: Value, trail: Trail | None, before: _Members) -> Iterable[Output]:
        if len(before) == len(pairs):
            return ((_object_of(frame, before), trail),)
        names = pairs[len(before)][0](frame, given, trail)
        if names.__class__ is tuple:
            ((name, way),) = names
            return with_name(frame, given, way, before, name)
        return (output for name, way in names for output in with_name(frame, given, way, before, name))

    def with_name(frame: Frame, given: Value, trail: Trail | None, before: _Members, name: Value) -> Iterable[Output]:
        value = pairs[len(before)][1]
        members: Iterable[Output] = (
            ((at_index(frame.run, given, name), trail),) if value is None else value(frame, given, trail)
        )
        if members.__class__ is tuple:
            ((member, way),) = members
            return build(frame, given, way, (*before, (name, member)))
        return (output for member, way in members for output in build(frame, given, way, (*before, (name, member))))

    return lambda frame, value, trail: build(frame, value, trail, ())


def _object_of(frame: Frame, members: _Members) -> dict[str, Value]:
    """Names are looked at last: where a value is missing there is no object, whatever its name would be."""
    frame.run.take(MEMBER_SIZE * len(members))
    for name, _ in members:
        if name.__class__ is not str:
            raise JqError(f"expected a string for object key but got: {described(name)}")
    return dict(members)
