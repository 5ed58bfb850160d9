"""Time filters: daily windows, across midnight and across changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sensor import TimeFilter as Manifest
from sensors.errors import CompileError
from sensors.time_filter import TimeFilter, compile_filter
from tests.sensors.events import make_event


def compiled(start: str, stop: str, timezone: str = "") -> TimeFilter:
    block: dict[str, Any] = {"start": start, "stop": stop, "timezone": timezone}
    return compile_filter(Manifest.model_validate(block), ("time",))


@pytest.mark.parametrize(
    ("start", "stop", "zone", "time", "passed"),
    [
        ("09:00:00", "17:00:00", "", "2026-03-14T09:00:00Z", True),
        ("09:00:00", "17:00:00", "", "2026-03-14T17:00:00Z", False),
        ("09:00:00", "17:00:00", "", "2026-03-14T16:59:59.999999999Z", True),
        ("09:00:00", "17:00:00", "", "2026-03-14T23:30:00-10:00", True),
        ("22:00:00", "06:00:00", "", "2026-03-14T23:00:00Z", True),
        ("22:00:00", "06:00:00", "", "2026-03-14T05:59:59Z", True),
        ("22:00:00", "06:00:00", "", "2026-03-14T06:00:00Z", False),
        ("12:00:00", "12:00:00", "", "2026-03-14T01:00:00Z", True),
        (" 9:00:00.5", "17:00:00", "", "2026-03-14T09:00:00.4Z", False),
        ("09:00:00", "17:00:00", "Asia/Tokyo", "2026-03-14T00:30:00Z", True),
        # Clocks go from 02:00 to 03:00 at 01:00Z; what is between is taken to be an hour later, as in Go.
        ("02:30:00", "03:30:00", "Europe/Berlin", "2026-03-29T01:00:00Z", True),
        # The hour that comes twice: east of Greenwich Go takes the second, west of it the first.
        ("02:30:00", "03:30:00", "Europe/Berlin", "2026-10-25T00:45:00Z", False),
        ("02:30:00", "03:30:00", "Europe/Berlin", "2026-10-25T01:45:00Z", True),
        ("01:30:00", "01:45:00", "America/New_York", "2026-11-01T05:40:00Z", True),
        ("01:30:00", "01:45:00", "America/New_York", "2026-11-01T06:40:00Z", False),
    ],
)
def test_windows(start: str, stop: str, zone: str, time: str, passed: bool) -> None:
    assert compiled(start, stop, zone).check(make_event(time=time), False).passed is passed


@given(st.integers(0, 86399), st.integers(0, 86399), st.integers(0, 86400_000_000 - 1))
def test_a_window_in_utc_is_an_interval_of_seconds(start: int, stop: int, micros: int) -> None:
    midnight = datetime(2026, 3, 14, tzinfo=UTC)
    clocks = [str(midnight + timedelta(seconds=each))[11:19] for each in (start, stop)]
    second = micros / 1_000_000
    inside = start <= second < stop if start < stop else start <= second or second < stop
    event = make_event(time=(midnight + timedelta(microseconds=micros)).isoformat())
    assert compiled(*clocks).check(event, False).passed is inside


def test_what_is_told() -> None:
    filter = compiled("09:00:00", "10:00:00", "Asia/Tokyo")
    [result] = filter.check(make_event(), False).results
    assert (result.asked, result.verdict, result.found) == (
        "from 09:00:00 until 10:00:00 Asia/Tokyo",
        "failed",
        "2026-03-14T15:09:26Z",
    )
    assert compiled("15:00:00", "16:00:00").check(make_event(), True).results[0].found == "2026-03-14T15:09:26Z"


@pytest.mark.parametrize("time", ["", "soon", "2026-03-14T15:09:26"])
def test_a_time_that_is_none(time: str) -> None:
    check = compiled("09:00:00", "10:00:00").check(make_event(time=time), False)
    assert (check.passed, check.error) == (False, "time: the event's time is not RFC 3339")


@pytest.mark.parametrize(
    ("start", "stop", "zone", "field"),
    [
        ("24:00:00", "01:00:00", "", "start"),
        ("09:00", "17:00:00", "", "start"),
        ("09:00:00", "17:00:00Z", "", "stop"),
        ("09:00:00", "", "", "stop"),
        ("09:00:00", "17:00:00", "Mars/Base", "timezone"),
    ],
)
def test_refused(start: str, stop: str, zone: str, field: str) -> None:
    with pytest.raises(CompileError) as caught:
        compiled(start, stop, zone)
    assert caught.value.path == ("time", field)
    assert caught.value.fix
