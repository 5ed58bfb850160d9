"""eventyard/text_tests.py. What paths and expressions can say is tested where those languages are."""

from __future__ import annotations

from typing import Any

import pytest

from eventsources.base import TextTest, anything
from eventyard.text_tests import compile_tests
from sensors.errors import CompileError


def test_no_conditions_hold() -> None:
    assert compile_tests([]) is anything
    assert anything({"a": 1})


@pytest.mark.parametrize("value", [{"a": "x"}, {"a": "y"}, {"a": 1}, {}, [], None, "x", 1])
def test_anything_may_be_asked(value: object) -> None:
    assert compile_tests([TextTest(at=(), path="a", pattern="x")])(value) is (value == {"a": "x"})


@pytest.mark.parametrize("test", [{"path": "a", "pattern": "("}, {"path": "a." * 300, "pattern": ""}])
def test_what_cannot_be_compiled(test: dict[str, Any]) -> None:
    with pytest.raises(CompileError) as error:
        compile_tests([TextTest(at=("filter", 0), **test)])
    assert error.value.path == ("filter", 0)
