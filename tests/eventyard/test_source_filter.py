"""An EventSource's own filter: what passes, what is dropped, and what the log says about it."""

from __future__ import annotations

import logging
from typing import Any

import orjson
import pytest

from bus.event import Event
from eventyard.source_filter import QUIET, SourceFilter, expression_test, jmespath_test
from sensors.errors import CompileError
from sensors.jmes_expression import compile_manifest_expression


def event(data: Any = None, raw: bytes | None = None) -> Event:
    return Event(id="1", source="s", type="t", data=orjson.dumps(data) if raw is None else raw)


def test_an_expression() -> None:
    test, traps = expression_test("body.n == 42 && dash_key == 'x'")
    assert test(event({"body": {"n": 42}, "dash-key": "x"}))
    assert not test(event({"body": {"n": 42}}))
    assert traps == ()


def test_traps_are_told() -> None:
    _, traps = expression_test("lenn(a) == 1")
    assert traps == ("there is no function 'lenn'; did you mean 'len'?",)


def test_what_is_no_expression() -> None:
    with pytest.raises(CompileError) as caught:
        expression_test("body.n = 42")
    assert caught.value.what == "not an expr-lang expression: '=' is not expected: write '==', at character 8"


@pytest.mark.parametrize("raw", [b"", b"no JSON", b"[1]", b"5", b'"text"', b'{"a": 1e999}', b'{"a": 1} x'])
def test_data_that_is_no_object(raw: bytes) -> None:
    test, _ = expression_test("true")
    with pytest.raises(ValueError, match="data"):
        test(event(raw=raw))


def test_data_that_only_go_reads() -> None:
    test, _ = expression_test("a == '\ufffd' && b == 1")
    assert test(event(raw=b'{"a": "\\ud83d", "b": 1}'))
    assert expression_test("a == nil")[0](event(raw=b"null"))


def test_all_tests_must_pass(caplog: pytest.LogCaptureFixture) -> None:
    expression, _ = expression_test("a == 1")
    filter = SourceFilter("hooks/pushes", [expression, jmespath_test(compile_manifest_expression("data.b"))])
    assert filter(event({"a": 1, "b": True}))
    assert not filter(event({"a": 1}))
    assert not filter(event({"a": 2, "b": True}))
    assert not caplog.records


def test_errors_drop_the_event_and_are_logged_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    expression, _ = expression_test("a.b == 1")
    filter = SourceFilter("hooks/pushes", [expression], clock=lambda: now)
    with caplog.at_level(logging.WARNING):
        assert not filter(event({"a": 1}))
        assert not filter(event({"a": "x"}))
        assert not filter(event({}))
        assert filter(event({"a": {"b": 1}}))
        now = QUIET
        assert not filter(event({}))
    assert [record.getMessage() for record in caplog.records] == [
        "source hooks/pushes: an event was dropped, as its filter failed: float64 has no member 'b'",
        "source hooks/pushes: an event was dropped, as its filter failed: <nil> has no member 'b'; "
        "2 more were since the last line like this",
    ]
