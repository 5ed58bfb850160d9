"""Coroutines: in a script that has them, functions are generators, which a `yield` leaves through all their callers."""

from __future__ import annotations

from collections.abc import Generator
from types import GeneratorType
from typing import TYPE_CHECKING, Final

from sensors.languages.lua.arguments import check_function
from sensors.languages.lua.run import fail
from sensors.languages.lua.values import Function, LuaError, Value, spread, type_name

if TYPE_CHECKING:
    from sensors.languages.lua.run import Run

Steps = Generator[Value, Value, Value]


def invoke(run: Run, callee: Value, *arguments: Value) -> Steps:
    """A call that may be left by `coroutine.yield` and entered again."""
    result = run.function(callee)(run, *arguments)
    if result.__class__ is GeneratorType:
        result = yield from result
    return result


class Coroutine:
    """A function that is executed piece by piece."""

    __slots__ = ("_function", "_steps", "is_dead", "resumed_by")

    def __init__(self, function: Function) -> None:
        self._function = function
        self._steps: Steps | None = None
        self.is_dead = False
        self.resumed_by: list[Value] = []

    @property
    def obstacle(self) -> str:
        """Why it cannot be resumed, empty if it can."""
        if self.is_dead or self.resumed_by:
            return f"can not resume a {'dead' if self.is_dead else 'running'} thread"
        return ""

    def resume(self, run: Run, arguments: tuple[Value, ...]) -> tuple[Value, ...]:
        """Execute it up to where it yields or ends. Raises LuaError if it fails."""
        self.resumed_by.append(run.coroutine)
        run.coroutine = self
        try:
            if self._steps is None:
                self._steps = invoke(run, self._function, *arguments)
                return spread(next(self._steps))
            return spread(self._steps.send(arguments))
        except StopIteration as stop:
            self.is_dead = True
            return spread(stop.value)
        except BaseException:
            self.is_dead = True
            raise
        finally:
            run.coroutine = self.resumed_by.pop()

    def status(self, run: Run) -> str:
        if self.is_dead:
            return "dead"
        if run.coroutine is self:
            return "running"
        return "normal" if self.resumed_by else "suspended"


def create(run: Run, function: Value = None, *_: Value) -> Value:
    return Coroutine(check_function(function, 1))


def wrap(run: Run, function: Value = None, *_: Value) -> Value:
    coroutine = Coroutine(check_function(function, 1))

    def step(run: Run, *arguments: Value) -> Value:
        if coroutine.obstacle:
            raise fail(coroutine.obstacle)
        return coroutine.resume(run, arguments)

    return step


def resume(run: Run, coroutine: Value = None, *arguments: Value) -> Value:
    _check(coroutine)
    if coroutine.obstacle:
        return False, coroutine.obstacle
    try:
        return (True, *coroutine.resume(run, arguments))
    except LuaError as error:
        return (False, error.value)


def status(run: Run, coroutine: Value = None, *_: Value) -> Value:
    _check(coroutine)
    return coroutine.status(run)


def running(run: Run, *_: Value) -> Value:
    return run.coroutine


def suspend(run: Run, *values: Value) -> Steps:
    """`coroutine.yield`"""
    if run.coroutine is None:
        raise fail("can not yield from outside of a coroutine")
    return (yield values)


def _check(value: Value) -> None:
    if not isinstance(value, Coroutine):
        raise fail(f"bad argument #1 (thread expected, got {type_name(value)})")


FUNCTIONS: Final = {
    "create": create,
    "resume": resume,
    "running": running,
    "status": status,
    "wrap": wrap,
    "yield": suspend,
}
