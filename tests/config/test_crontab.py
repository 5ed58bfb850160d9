from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.crontab import parse_cron
from config.errors import EventyardError

HOURS = tuple(range(24))
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("field", "minutes"),
    [
        ("*", tuple(range(60))),
        ("?", tuple(range(60))),
        ("5", (5,)),
        ("00005", (5,)),
        ("+5", (5,)),
        ("5-8", (5, 6, 7, 8)),
        ("5-10/2", (5, 7, 9)),
        ("*/20", (0, 20, 40)),
        ("?/20", (0, 20, 40)),
        ("10/15", (10, 25, 40, 55)),
        ("59,1,,1", (1, 59)),
        ("*/9000000000000000000", (0,)),
        ("*-5/30", (0, 30)),
        (",", ()),
    ],
)
def test_values_of_a_field(field: str, minutes: tuple[int, ...]) -> None:
    assert parse_cron(f"{field} * * * *").minutes == minutes


@pytest.mark.parametrize("text", ["0 0 * JAN,jul Mon-FRI", "0 0 * 1,7 1-5", "  0\t0\u00a0*   1,7 1-5\n"])
def test_names_and_white_space(text: str) -> None:
    cron = parse_cron(text)
    assert (cron.minutes, cron.hours, cron.months, cron.weekdays) == ((0,), (0,), (1, 7), (1, 2, 3, 4, 5))


@pytest.mark.parametrize(
    ("days", "any_day"),
    [
        ("* *", True),
        ("1 *", True),
        ("? 1", True),
        ("1 */1", True),
        ("3,* 1", True),
        ("1 1", False),
        ("*/2 1", False),
        ("1 */2", False),
        ("1-31 1", False),
    ],
)
def test_which_days_are_unrestricted(days: str, any_day: bool) -> None:
    day, weekday = days.split()
    assert parse_cron(f"0 0 {day} * {weekday}").any_day is any_day


@pytest.mark.parametrize(
    ("text", "given_zone", "zone"),
    [
        ("0 9 * * *", UTC, UTC),
        ("0 9 * * *", TOKYO, TOKYO),
        ("TZ=Asia/Tokyo 0 9 * * *", UTC, TOKYO),
        ("CRON_TZ=Asia/Tokyo  0 9 * * *", UTC, TOKYO),
        ("TZ= 0 9 * * *", TOKYO, UTC),
        ("TZ=UTC 0 9 * * *", TOKYO, UTC),
        ("TZ=Local 0 9 * * *", TOKYO, TOKYO),
    ],
)
def test_zone(text: str, given_zone: ZoneInfo, zone: ZoneInfo) -> None:
    cron = parse_cron(text, given_zone)
    assert cron.zone == zone
    assert (cron.hours, cron.text) == ((9,), text)


@pytest.mark.parametrize(
    ("text", "where", "what", "fix"),
    [
        ("", "", "schedule '' has 0 fields instead of 5", "minute, hour, day of month"),
        ("5", "", "schedule '5' has 1 field instead of 5", "minute, hour, day of month"),
        ("* * * * * *", "", "has 6 fields instead of 5", "no seconds"),
        (" TZ=UTC 0 0 * * *", "", "has 6 fields instead of 5", ""),
        ("0\x1c0 * * * *", "minute in", "'0\x1c0' is no minute", ""),
        ("@hourly", "", "schedules take no descriptors such as '@hourly'", "write '0 * * * *'"),
        ("TZ=UTC @daily", "", "no descriptors such as '@daily'", "write '0 0 * * *'"),
        ("@every 5m", "", "no descriptors such as '@every'", "'interval'"),
        ("@reboot", "", "no descriptors such as '@reboot'", "five fields"),
        ("TZ=UTC", "", "is only a time zone", "five fields"),
        ("TZ=Asia/Tokio 0 0 * * *", "", "unknown time zone 'Asia/Tokio'", "'Asia/Tokyo'"),
        ("0 0 * * 7", "day of week in schedule '0 0 * * 7', column 9", "'7' is outside of 0-6", "Sunday is 0"),
        ("0 0 * * 1,8", "day of week in schedule '0 0 * * 1,8', column 11", "'8' is outside of 0-6", "sun-sat"),
        ("60 * * * *", "minute in", "'60' is outside of 0-59", ""),
        ("0 24 * * *", "hour in", "'24' is outside of 0-23", ""),
        ("0 0 0 * *", "day of month in", "'0' is outside of 1-31", ""),
        ("0 0 * 13 *", "month in", "'13' is outside of 1-12", "jan-dec"),
        ("0 0 L * *", "day of month in", "'L' is no day of month", ""),
        ("0 0 * Sept *", "month in", "'Sept' is no month", "jan-dec"),
        ("mon * * * *", "minute in", "'mon' is no minute", ""),
        ("٣ * * * *", "minute in", "'٣' is no minute", ""),
        ("-5 * * * *", "minute in", "'-5' is no range", "low-high"),
        ("5- * * * *", "minute in", "'5-' is no range", "low-high"),
        ("1-2-3 * * * *", "minute in", "'1-2-3' is no range", "low-high"),
        ("1/2/3 * * * *", "minute in", "'1/2/3' is no range", "low-high"),
        ("9-5 * * * *", "minute in", "'9-5' ends before it begins", "split"),
        ("0 0 * * fri-mon", "day of week in", "'fri-mon' ends before it begins", "split"),
        ("*/0 * * * *", "minute in", "the step of '*/0' is 0", "1 or more"),
        ("*/-1 * * * *", "minute in", "the step of '*/-1' is no number", ""),
        ("*/x * * * *", "minute in", "the step of '*/x' is no number", ""),
        ("*/99999999999999999999 * * * *", "minute in", "is no number", ""),
    ],
)
def test_refuse(text: str, where: str, what: str, fix: str) -> None:
    with pytest.raises(EventyardError) as caught:
        parse_cron(text)
    assert where in caught.value.where
    assert what in caught.value.what
    assert fix in caught.value.fix


@given(st.text(alphabet="0123456789*?/,-+@=TZjanFRI \t", max_size=25) | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cron = parse_cron(text)
    except EventyardError as error:
        assert error.fix
    else:
        assert set(cron.hours) <= set(HOURS)
