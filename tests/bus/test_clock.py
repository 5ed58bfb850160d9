from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.clock import seconds, text


@given(st.floats(0, 4e9))
def test_there_and_back(instant: float) -> None:
    assert seconds(text(instant)) == pytest.approx(instant, abs=1e-6)


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:00.500000001-00:00", 0.5),
        ("1970-01-02", 86_400.0),
    ],
)
def test_moments(moment: str, instant: float) -> None:
    assert seconds(moment) == instant


@pytest.mark.parametrize("moment", ["", "now", "1970-13-01", "12:00"])
def test_no_moments(moment: str) -> None:
    with pytest.raises(ValueError):
        seconds(moment)
