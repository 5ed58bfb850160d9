from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.cron import Cron
from config.crontab import parse_cron
from config.gotime import load_zone

MINUTE = timedelta(minutes=1)
# Zones whose changes are of whole hours: elsewhere a tick may be passed over on the day of the change.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Havana", "Asia/Kolkata", "Pacific/Apia"]
INSTANTS = st.integers(1_700_000_000 * 10**6, 1_900_000_000 * 10**6).map(
    lambda micros: datetime.fromtimestamp(micros // 10**6, UTC) + timedelta(microseconds=micros % 10**6)
)


def values(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high)
    part = st.one_of(
        one.map(str),
        st.tuples(one, one).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        st.integers(1, 40).map(lambda step: f"*/{step}"),
    )
    return st.just("*") | st.lists(part, min_size=1, max_size=3).map(",".join)


CRONS = st.builds(
    lambda fields, zone: parse_cron(" ".join(fields), load_zone(zone)),
    st.tuples(values(0, 59), values(0, 23), values(1, 31), values(1, 12), values(0, 6)),
    st.sampled_from(ZONES),
)


def ticks(text: str, zone: str, after: str, count: int) -> list[str]:
    cron, instant, found = parse_cron(text, load_zone(zone)), datetime.fromisoformat(after), []
    for _ in range(count):
        tick = cron.next_after(instant)
        assert tick is not None
        found.append(f"{tick:%Y-%m-%dT%H:%MZ}")
        instant = tick
    return found


def due(cron: Cron, moment: datetime) -> bool:
    local = moment.astimezone(cron.zone)
    by_month, by_week = local.day in cron.days, local.isoweekday() % 7 in cron.weekdays
    return (
        local.minute in cron.minutes
        and local.hour in cron.hours
        and local.month in cron.months
        and ((by_month and by_week) if cron.any_day else (by_month or by_week))
    )


@pytest.mark.parametrize(
    ("text", "after", "tick"),
    [
        ("* * * * *", "2026-03-14T15:09:26Z", "2026-03-14T15:10Z"),
        ("* * * * *", "2026-03-14T15:09:59.999999Z", "2026-03-14T15:10Z"),
        ("* * * * *", "2026-03-14T15:10Z", "2026-03-14T15:11Z"),
        ("* * * * *", "2026-03-14T17:10+02:00", "2026-03-14T15:11Z"),
        ("30 9 * * 1-5", "2026-02-28T23:59:59.5Z", "2026-03-02T09:30Z"),
        ("0 0 29 2 *", "2026-02-28T23:59:59.5Z", "2028-02-29T00:00Z"),
        ("0 0 29 2 *", "2096-02-29T00:00Z", "2104-02-29T00:00Z"),
        ("0 0 31 * *", "2026-01-31T00:00Z", "2026-03-31T00:00Z"),
        ("0 12 13 * 5", "2026-03-01T00:00Z", "2026-03-06T12:00Z"),
        ("0 12 13 * *", "2026-03-01T00:00Z", "2026-03-13T12:00Z"),
        ("59 23 31 12 *", "2026-12-31T23:59Z", "2027-12-31T23:59Z"),
    ],
)
def test_next(text: str, after: str, tick: str) -> None:
    assert ticks(text, "UTC", after, 1) == [tick]


@pytest.mark.parametrize(
    ("text", "zone", "after", "wanted"),
    [
        # the hour from 2 to 3 is skipped
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-09T06:30Z", "2026-03-10T06:30Z"]),
        ("*/30 1-3 * * *", "Europe/Berlin", "2026-03-29T00:00Z", ["2026-03-29T00:30Z", "2026-03-29T01:00Z"]),
        # the hour from 2 to 3, or from 1 to 2, comes twice
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30Z", "2026-11-01T06:30Z"]),
        # midnight is skipped: the rest of that day is not, and nothing of the day before moves into it
        ("0 12 * * 5", "Africa/Cairo", "2026-04-20T00:00Z", ["2026-04-24T09:00Z", "2026-05-01T09:00Z"]),
        ("30 1 * * 4", "Africa/Cairo", "2026-04-23T00:00Z", ["2026-04-29T22:30Z"]),
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", ["2018-11-05T02:00Z"]),
        # midnight comes twice
        ("15 0 * * *", "America/Havana", "2026-10-31T12:00Z", ["2026-11-01T04:15Z", "2026-11-01T05:15Z"]),
        # a day that is left out
        ("0 0 30 12 *", "Pacific/Apia", "2011-12-01T00:00Z", ["2012-12-29T10:00Z"]),
        # a change of half an hour
        ("0 0 * * *", "Australia/Lord_Howe", "2026-04-04T00:00Z", ["2026-04-04T13:00Z", "2026-04-06T13:30Z"]),
    ],
)
def test_next_where_clocks_change(text: str, zone: str, after: str, wanted: list[str]) -> None:
    assert ticks(text, zone, after, len(wanted)) == wanted


@pytest.mark.parametrize(
    ("text", "zone", "before", "tick"),
    [
        ("* * * * *", "UTC", "2026-12-31T23:59:59Z", "2026-12-31T23:59Z"),
        ("* * * * *", "UTC", "2026-11-01T12:00Z", "2026-11-01T11:59Z"),
        ("* * * * *", "UTC", "2026-11-01T12:00:00.000001Z", "2026-11-01T12:00Z"),
        ("0 0 1 * *", "Europe/Berlin", "2024-03-01T00:00:01Z", "2024-02-29T23:00Z"),
        ("0 0 29 2 *", "UTC", "2104-02-29T00:00Z", "2096-02-29T00:00Z"),
        ("15,45 */6 * * *", "Europe/Berlin", "2026-11-01T12:00Z", "2026-11-01T11:45Z"),
        ("30 2 * * *", "America/New_York", "2026-03-08T12:00Z", "2026-03-07T07:30Z"),
        ("30 2 * * *", "America/New_York", "2026-11-01T12:00Z", "2026-11-01T07:30Z"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T01:30Z", "2026-10-25T00:30Z"),
        ("0 0 * * *", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z"),
        ("0 12 30 12 *", "Pacific/Apia", "2012-01-05T00:00Z", "2010-12-30T22:00Z"),
    ],
)
def test_previous(text: str, zone: str, before: str, tick: str) -> None:
    found = parse_cron(text, load_zone(zone)).previous_before(datetime.fromisoformat(before))
    assert found == datetime.fromisoformat(tick)


@pytest.mark.parametrize(
    "text", ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 2,4,6,9,11 *", ", * * * *", "* , * * *", "0 0 , * *"]
)
def test_never_due(text: str) -> None:
    cron = parse_cron(text)
    now = datetime(2026, 3, 14, tzinfo=UTC)
    assert cron.never_due
    assert (cron.next_after(now), cron.previous_before(now)) == (None, None)
    assert cron.fault is not None
    assert cron.fault.what == f"schedule '{text}' is never due"
    assert cron.fault.fix


@pytest.mark.parametrize("text", ["* * * * *", "0 0 29 2 *", "0 0 31 2 1", "0 0 31 12 ?"])
def test_sometimes_due(text: str) -> None:
    assert not parse_cron(text).never_due
    assert parse_cron(text).fault is None


@settings(max_examples=60)
@given(CRONS, INSTANTS)
def test_next_is_the_first_due_minute(cron: Cron, instant: datetime) -> None:
    tick = cron.next_after(instant)
    moment = instant.replace(second=0, microsecond=0) + MINUTE
    for _ in range(2000):
        if due(cron, moment):
            assert tick == moment
            return
        moment += MINUTE
    assert tick is None or tick >= moment


@settings(max_examples=60)
@given(CRONS, INSTANTS)
def test_previous_is_the_last_due_minute(cron: Cron, instant: datetime) -> None:
    tick = cron.previous_before(instant)
    moment = (instant - timedelta(microseconds=1)).replace(second=0, microsecond=0)
    for _ in range(2000):
        if due(cron, moment):
            assert tick == moment
            return
        moment -= MINUTE
    assert tick is None or tick <= moment


@given(CRONS, INSTANTS)
def test_next_and_previous_are_inverse(cron: Cron, instant: datetime) -> None:
    tick = cron.next_after(instant)
    if tick is None:
        assert cron.never_due
        return
    assert tick > instant
    assert tick.tzinfo is UTC
    assert due(cron, tick)
    before = cron.previous_before(tick)
    assert before is not None
    assert before <= instant
    assert cron.next_after(before) == tick


@given(CRONS, INSTANTS, st.integers(-86400, 86400 * 3))
def test_resume(cron: Cron, instant: datetime, seconds: int) -> None:
    earliest = instant + timedelta(seconds=seconds)
    wanted = cron.next_after(instant)
    while wanted is not None and wanted < earliest:
        wanted = cron.next_after(wanted)
    assert cron.resume(instant, earliest) == wanted
