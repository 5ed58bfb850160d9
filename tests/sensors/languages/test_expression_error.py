"""Where an expression is wrong: line, column, and the caret below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.expression_error import ExpressionError


@pytest.mark.parametrize(
    ("text", "column", "place", "shown", "caret"),
    [
        ("a = 1", 2, (1, 3), "what, at character 3", "a = 1\n  ^"),
        ("", 0, (1, 1), "what, at character 1", "\n^"),
        ("a &&\n\tb = 1", 8, (2, 4), "what, at line 2, character 4", "\tb = 1\n\t  ^"),
        ("a\n", 2, (2, 1), "what, at line 2, character 1", "\n^"),
    ],
)
def test_place(text: str, column: int, place: tuple[int, int], shown: str, caret: str) -> None:
    error = ExpressionError("what", text, column)
    assert (error.place, str(error), error.caret()) == (place, shown, caret)


@given(st.text(st.sampled_from("ab\n\t"), max_size=400), st.data())
def test_the_caret_is_below_the_fault(text: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(0, len(text)))
    lines = ExpressionError("what", text, column).caret().split("\n")
    line, mark = lines[0], lines[1]
    assert len(lines) == 2
    assert len(line) <= 122
    assert line[len(mark) - 1 :][:1] in (text[column : column + 1], "", "…")
