"""An EventSource's own filter: which of its events are published at all (`filter.expression`, `filter.jmespath`).

What does not pass, and what cannot be told, is dropped, and the sender hears that all is well: so does Argo Events. Why it
could not be told is logged, but not for each of a flood of events.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sensors.errors import CompileError
from sensors.languages.jmes.search import is_true

if TYPE_CHECKING:
    from bus.event import Event
    from sensors.languages.jmes.search import Expression

_log = logging.getLogger("eventyard.filter")

Test: TypeAlias = "Callable[[Event], bool]"
"""Whether an event passes. Raises ValueError if that cannot be told."""

QUIET: Final = 60.0
"""Seconds between two lines in the log about one filter."""


class SourceFilter:
    """Tests that an event must pass, all of them. `name` is that of the EventSource and its event, for the log."""

    def __init__(self, name: str, tests: Sequence[Test], clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._tests = tuple(tests)
        self._clock = clock
        self._quiet_until = float("-inf")
        self._failed = 0

    def __call__(self, event: Event) -> bool:
        """Whether the event is published. Never raises."""
        try:
            return all(test(event) for test in self._tests)
        except ValueError as error:
            self._tell(error)
            return False

    def _tell(self, error: ValueError) -> None:
        self._failed += 1
        now = self._clock()
        if now >= self._quiet_until:
            before = self._failed - 1
            more = f"; {before} more were since the last line like this" if before else ""
            _log.warning("source %s: an event was dropped, as its filter failed: %s%s", self._name, error, more)
            self._quiet_until, self._failed = now + QUIET, 0


def jmespath_test(expression: Expression) -> Test:
    """A JMESPath expression about the whole CloudEvent."""
    search = expression.search
    return lambda event: is_true(search(event.document()))


def expression_test(text: str) -> tuple[Test, Sequence[str]]:
    """An expr-lang expression about the event's data, and what of it its author can hardly have meant.

    Raises CompileError.
    """
    # It comes with all of sprig, which most configurations do without.
    from sensors.languages.exprlang.program import ExprlangError, compile_exprlang
    from sensors.languages.go.json import decode

    try:
        expression = compile_exprlang(text)
    except ExprlangError as error:
        fix = "see https://expr-lang.org, version 1.15"
        raise CompileError((), f"not an expr-lang expression: {error}", fix) from None

    def data_of(event: Event) -> Any:
        try:
            return event.json()
        except ValueError:
            # Half a surrogate pair, for one, is JSON to Go.
            value, problem = decode((event.data or b"").decode(errors="replace"))
        if problem:
            raise ValueError(f"the event's data cannot be read: {problem}")
        return value

    return lambda event: expression(data_of(event)), expression.traps
