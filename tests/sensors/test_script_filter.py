"""`filters.script`: exactly true passes, everything else does not, and an error discards."""

from __future__ import annotations

import pytest

from bus.event import Event
from config.sensor import Dependency, DependencyFilter
from sensors.errors import CompileError
from sensors.filters import compile_filters


def evaluate(script: str, data: bytes | None = b'{"body":{"a":"x","n":2}}') -> tuple[bool, str, str]:
    manifest = Dependency(name="d", filters=DependencyFilter(script=script))
    event = Event.new(source="es", subject="e", type="t", data=data)
    passed, results, error = compile_filters(manifest).evaluate(event)
    return passed, results[0].verdict, error


@pytest.mark.parametrize(
    ("script", "passed", "verdict"),
    [
        ("return event.body.a == 'x'", True, "passed"),
        ("return event.body.n > 5", False, "failed"),
        ("return 'true'", False, "failed"),
        ("return 1", False, "failed"),
        ("local unused = 1", False, "failed"),
    ],
)
def test_verdicts(script: str, passed: bool, verdict: str) -> None:
    assert evaluate(script) == (passed, verdict, "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("return event.none.a", "line 1"),
        ("while true do end", "stopped"),
        ("return io.read()", "nil"),
    ],
)
def test_errors_discard_and_say_why(script: str, words: str) -> None:
    passed, verdict, error = evaluate(script)
    assert (passed, verdict) == (False, "error")
    assert error.startswith("script: ")
    assert words in error


def test_data_that_is_no_object_is_an_error_and_none_passes() -> None:
    assert evaluate("return true", b"[1]")[1] == "error"
    assert evaluate("return false", None)[0] is True


def test_what_is_no_lua_is_a_fault() -> None:
    with pytest.raises(CompileError):
        compile_filters(Dependency(name="d", filters=DependencyFilter(script="return (")))
