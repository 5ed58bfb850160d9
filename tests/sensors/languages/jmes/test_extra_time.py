"""Functions on moments; Go's results, which Kyverno gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.jmes.search import JmesRuntimeError
from tests.sensors.languages.extra import outcome, value

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def written(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("time_now()", "2026-01-02T03:04:05Z"),
        ("time_now_utc()", "2026-01-02T03:04:05Z"),
        ("time_since('', '2026-01-02T03:00:00Z', '')", "4m5.5s"),
        ("time_since('', '2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')", "180h10m0s"),
        ("time_since('', '2021-01-10T03:14:05Z', '2021-01-02T15:04:05Z')", "-180h10m0s"),
        ("time_since('02 Jan 06 15:04 MST', '05 Dec 21 10:00 UTC', '05 Dec 21 10:30 UTC')", "30m0s"),
        ("time_since('2006-01-02', '2026-01-01', '')", "27h4m5.5s"),
        ("time_since('', '0001-01-01T00:00:00Z', '9999-01-01T00:00:00Z')", "2562047h47m16.854775807s"),
        ("time_add('2021-01-02T15:04:05-07:00', '3h')", "2021-01-02T18:04:05-07:00"),
        ("time_add('2021-01-02T15:04:05Z', '-36h')", "2021-01-01T03:04:05Z"),
        ("time_add('2021-01-02T15:04:05.9Z', '100ms')", "2021-01-02T15:04:06Z"),
        ("time_parse('Mon, 02 Jan 2006 15:04:05 MST', 'Fri, 22 Jun 2022 17:45:00 UTC')", "2022-06-22T17:45:00Z"),
        ("time_parse('2006-01-02T15:04:05Z07:00', '2021-01-02T15:04:05-07:00')", "2021-01-02T15:04:05-07:00"),
        ("time_parse('1', '1577880000')", "2020-01-01T12:00:00Z"),
        ("time_parse('0', '-1')", "1969-12-31T23:59:59Z"),
        ("time_parse('2006-01-02 15:04', '2026-03-04 05:06')", "2026-03-04T05:06:00Z"),
        ("time_utc('2021-01-02T18:04:05-11:00')", "2021-01-03T05:04:05Z"),
        ("time_diff('2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')", "180h10m0s"),
        ("time_diff('2021-01-02T15:04:05Z', '2021-01-02T15:04:05.000000001Z')", "1ns"),
        ("time_before('2022-01-02T15:04:05Z', '2021-01-02T15:04:05Z')", False),
        ("time_before('2021-01-02T15:04:05Z', '2021-01-02T15:04:05Z')", False),
        ("time_before('2021-01-02T15:04:05+01:00', '2021-01-02T15:04:05Z')", True),
        ("time_after('2022-01-02T15:04:05Z', '2021-01-02T15:04:05Z')", True),
        ("time_after('2021-01-02T15:04:05.5Z', '2021-01-02T15:04:05Z')", True),
        ("time_between('2021-01-02T15:04:05Z', '2021-01-02T15:04:04Z', '2021-01-02T15:04:06Z')", True),
        ("time_between('2021-01-02T15:04:05Z', '2021-01-02T15:04:05Z', '2021-01-02T15:04:06Z')", False),
        ("time_truncate('2021-01-02T15:04:05-07:00', '1h')", "2021-01-02T15:00:00-07:00"),
        ("time_truncate('2021-01-08T00:00:00Z', '168h')", "2021-01-04T00:00:00Z"),
        ("time_truncate('2021-01-02T15:04:05Z', '-1h')", "2021-01-02T15:04:05Z"),
        ("time_to_cron('2022-04-11T03:14:05-07:00')", "14 3 11 4 1"),
        ("time_to_cron('2026-01-04T00:00:00Z')", "0 0 4 1 0"),
    ],
)
def test_results(text: str, expected: Any) -> None:
    assert outcome(text) == (type(expected), expected)


@pytest.mark.parametrize(
    "text",
    [
        "time_utc(a)",
        "time_to_cron(a)",
        "time_add(a, '1h')",
        "time_diff(a, a)",
        "time_since('', a, '')",
        "time_since('', '2021-01-02T15:04:05Z', a)",
        "time_parse('15:04', a)",
        "time_parse('1', a)",
        "time_add('2021-01-02T15:04:05Z', a)",
        "time_truncate('2021-01-02T15:04:05Z', a)",
    ],
)
@pytest.mark.parametrize("found", ["", "now", "2026-13-01T00:00:00Z", "2026-01-02T24:00:00Z", "1" * 2000])
def test_errors(text: str, found: str) -> None:
    if text == "time_since('', '2021-01-02T15:04:05Z', a)" and not found:
        return
    with pytest.raises(JmesRuntimeError):
        value(text, {"a": found})


@settings(deadline=None)
@given(MOMENTS, st.timedeltas(timedelta(days=-1000), timedelta(days=1000)))
def test_adding(moment: datetime, distance: timedelta) -> None:
    document = {"t": written(moment), "d": f"{int(distance.total_seconds())}s"}
    try:
        expected = written(moment.replace(microsecond=0) + timedelta(seconds=int(distance.total_seconds())))
    except OverflowError:
        return
    assert value("time_add(t, d)", document) == expected


@settings(deadline=None)
@given(MOMENTS, MOMENTS)
def test_order(first: datetime, second: datetime) -> None:
    first, second = first.replace(microsecond=0), second.replace(microsecond=0)
    document = {"a": written(first), "b": written(second)}
    assert value("time_before(a, b)", document) is (first < second)
    assert value("time_after(a, b)", document) is (first > second)
    if abs(second - first) < timedelta(days=100_000):
        assert value("time_add(a, time_diff(a, b)) == b", document) is True


@settings(deadline=None)
@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_the_two_ways_to_read_agree(moment: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    local = moment.replace(microsecond=0, tzinfo=None).isoformat()
    zoned = f"{local}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert value("time_diff(a, b)", {"a": f"{local}.25Z", "b": zoned}) == value(
        "time_diff(a, b)", {"a": f"{local}.25+00:00", "b": zoned}
    )
