"""sprig on dates, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date "2006-01-02 15:04:05 MST" (int64 1700000000)', "2023-11-14 22:13:20 UTC"),
        ('date "Mon Jan _2 06 3:04PM" 1700000000', "Tue Nov 14 23 10:13PM"),
        ("htmlDate (int64 0)", "1970-01-01"),
        ('htmlDateInZone (int64 1700000000) "Asia/Tokyo"', "2023-11-15"),
        ('dateInZone "15:04 MST -07:00" (int64 1700000000) "America/New_York"', "17:13 EST -05:00"),
        ('date_in_zone "15:04" (int64 1700000000) "nowhere"', "22:13"),
        ('dateInZone "MST" (int64 16752000000) "Europe/Berlin"', "CET"),
        ('toDate "2006-01-02" "2026-03-14"', "2026-03-14 00:00:00 +0000 UTC"),
        ('toDate "2006-01-02" "bad"', "0001-01-01 00:00:00 +0000 UTC"),
        ('toDate "2006-01-02" "2026-03-14" | dateModify "-1.5h" | date "15:04"', "22:30"),
        ('toDate "2006-01-02" "2026-03-14" | date_modify "bad"', "2026-03-14 00:00:00 +0000 UTC"),
        ('toDate "2006" "2020" | must_date_modify "1h"', "2020-01-01 01:00:00 +0000 UTC"),
        ('unixEpoch (toDate "2006" "2020")', "1577836800"),
        ('duration "95"', "1m35s"),
        ("duration (int64 90061)", "25h1m1s"),
        ("duration 5", "0s"),
        ('duration "x"', "0s"),
        ('durationRound "2h10m5s"', "2h"),
        ("durationRound (int64 5000000000)", "5s"),
        ('durationRound "400h"', "16d"),
        ('durationRound "9000h"', "1y"),
        ('durationRound "800h"', "1mo"),
        ("durationRound 5", "0s"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'mustToDate "2006-01-02" "bad"',
        'toDate "2006" "2020" | mustDateModify "bad"',
        "unixEpoch 5",
    ],
)
def test_dates_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
