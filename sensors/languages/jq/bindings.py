"""Variables, functions, loops and labels of jq as filters: whatever gives a frame to a name, or looks for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sensors.languages.jq.frames import Filter, Frame, Jump, Output, Trail, values
from sensors.languages.jq.patterns import Binder
from sensors.languages.jq.values import JqError, Value


@dataclass(eq=False, slots=True)
class Entry:
    """A name: `$x`, a label `*$x`, or a filter with its number of parameters; `depth` is the number of frames out to it."""

    name: str
    arity: int
    depth: int
    is_parameter: bool = False
    definition: Filter | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that are known somewhere, the innermost first, and how many of them have frames."""

    entry: Entry | None = None
    outer: Scope | None = None
    depth: int = 0

    def with_frame(self, name: str, is_parameter: bool = False) -> Scope:
        """One more name, which has a frame of its own."""
        return Scope(Entry(name, 0, self.depth + 1, is_parameter), self, self.depth + 1)

    def find(self, name: str, arity: int = 0) -> Entry | None:
        scope: Scope | None = self
        while scope is not None:
            entry = scope.entry
            if entry is not None and entry.name == name and entry.arity == arity:
                return entry
            scope = scope.outer
        return None


def variable(distance: int) -> Filter:
    if distance == 0:
        return lambda frame, value, trail: ((frame.value, trail),)
    return lambda frame, value, trail: ((frame.out(distance).value, trail),)


def parameter(distance: int) -> Filter:
    """A parameter is a filter, and the frame in which it was written."""

    def call(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        filter, known = frame.out(distance).value
        frame.run.spend(1)
        outputs: Iterable[Output] = filter(known, value, trail)
        return outputs

    return call


def called(entry: Entry, distance: int, arguments: Sequence[Filter]) -> Filter:
    def call(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        run = frame.run
        run.spend(1)
        inner = frame.out(distance)
        for argument in arguments:
            inner = Frame(run, (argument, frame), inner)
        assert entry.definition is not None
        return entry.definition(inner, value, trail)

    return call


def with_values(body: Filter, count: int, by_value: Sequence[int]) -> Filter:
    """The body of a function some of whose parameters are values: once for each of their combinations."""

    def combined(parameters: Frame, frame: Frame, value: Value, trail: Trail | None, at: int) -> Iterator[Output]:
        if at == len(by_value):
            yield from body(frame, value, trail)
            return
        filter, known = parameters.out(count - 1 - by_value[at]).value
        for argument in values(filter, known, value):
            yield from combined(parameters, Frame(frame.run, argument, frame), value, trail, at + 1)

    return lambda frame, value, trail: combined(frame, frame, value, trail, 0)


def bound(source: Filter, binders: Sequence[Binder], body: Filter) -> Filter:
    """`source as pattern ?// … | body`: an error leads to the next pattern, wherever it comes from."""

    def bind(frame: Frame, given: Value, trail: Trail | None) -> Iterable[Output]:
        outputs = source(frame, given, None)
        if len(binders) > 1 or outputs.__class__ is not tuple:
            return several(outputs, frame, given, trail)
        ((value, _),) = outputs
        frames = binders[0](frame, value)
        if frames.__class__ is not tuple:
            return (output for inner in frames for output in body(inner, given, trail))
        (inner,) = frames
        return body(inner, given, trail)

    def several(outputs: Iterable[Output], frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for value, _ in outputs:
            for place, names in enumerate(binders):
                try:
                    for inner in names(frame, value):
                        yield from body(inner, given, trail)
                    break
                except JqError:
                    if place == len(binders) - 1:
                        raise

    return bind


def reduced(source: Filter, bind: Binder, start: Filter, update: Filter) -> Filter:
    def reduce(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for first, way in start(frame, given, trail):
            state = first
            for value, further in source(frame, given, way):
                for inner in bind(frame, value):
                    frame.run.spend(1)
                    for new, _ in update(inner, state, further):
                        state = new
            yield state, way

    return reduce


def for_each(source: Filter, bind: Binder, start: Filter, update: Filter, extract: Filter) -> Filter:
    def foreach(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for first, way in start(frame, given, trail):
            state = first
            for value, further in source(frame, given, way):
                for inner in bind(frame, value):
                    frame.run.spend(1)
                    for new, last in update(inner, state, further):
                        state = new
                        yield from extract(inner, state, last)

    return foreach


def labelled(body: Filter) -> Filter:
    def label(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        here = object()
        try:
            yield from body(Frame(frame.run, here, frame), value, trail)
        except Jump as jump:
            if jump.label is not here:
                raise

    return label


def jump(distance: int) -> Filter:
    def leave(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        raise Jump(frame.out(distance).value)

    return leave
