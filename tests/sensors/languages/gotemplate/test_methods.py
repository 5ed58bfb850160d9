"""Methods and fields of values, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(toDate "2006-01-02" "2026-03-14").Year', "2026"),
        ('(toDate "2006-01-02" "2026-03-14").Month', "March"),
        ('(toDate "2006-01-02" "2026-03-14").Weekday', "Saturday"),
        ('(toDate "2006-01-02" "2026-03-14").Format "Jan"', "Mar"),
        ('(toDate "2006-01-02" "2024-02-29").AddDate 1 0 0', "2025-03-01 00:00:00 +0000 UTC"),
        ('(toDate "2006" "2020").Add 1000000000', "2020-01-01 00:00:01 +0000 UTC"),
        ('((toDate "2006" "2021").Sub (toDate "2006" "2020")).Hours', "8784"),
        ('(toDate "2006" "2020").Unix', "1577836800"),
        ('typeOf (toDate "2006" "2020").Unix', "int64"),
        ('(toDate "2006" "2020").IsZero', "false"),
        ('(toDate "x" "y").IsZero', "true"),
        ('(toDate "2006" "2021").After (toDate "2006" "2020")', "true"),
        ('(toDate "2006" "2021").Before (toDate "2006" "2020")', "false"),
        ('(toDate "2006" "2021").Equal (toDate "2006" "2021")', "true"),
        ('(toDate "2006" "2021").Compare (toDate "2006" "2020")', "1"),
        ('(toDate "15:04:05.000" "10:20:30.500").Nanosecond', "500000000"),
        ('(toDate "2006-01-02" "2026-03-14").YearDay', "73"),
        ('(toDate "15:04" "10:20").Truncate 3600000000000', "0000-01-01 10:00:00 +0000 UTC"),
        ('(toDate "15:04" "10:40").Round 3600000000000', "0000-01-01 11:00:00 +0000 UTC"),
        ('((toDate "2006" "2021").Sub (toDate "2006" "2020")).String', "8784h0m0s"),
        ('((toDate "2006" "2021").Sub (toDate "2006" "2020")).Round 36000000000000000', "10000h0m0s"),
        ('(toDate "2006" "2020").Month.String', "January"),
        (".Input.missing.x", "<no value>"),
        ('"2006" | (toDate "2006" "2020").Format', "2020"),
        ('(semver "1.2.3-a+b").Prerelease', "a"),
        ('(semver "v1.2.3").Original', "v1.2.3"),
        ('(semver "v1.2.3").IncMinor', "1.3.0"),
        ('(semver "1.2.3-a").IncPatch', "1.2.3"),
        ('(semver "1.2.3").Compare (semver "1.10.0")', "-1"),
        ('(semver "1.2.3").LessThan (semver "1.10.0")', "true"),
        ('(semver "1.2.3").SetPrerelease "rc.1"', "1.2.3-rc.1"),
    ],
)
def test_methods(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        '(toDate "2006" "2020").Nope',
        '(toDate "2006" "2020").Format',
        ".Input.s.x",
        ".Input.n.x",
        ".Input.nil.x",
        ".Input.l.x",
        ".Input.m.a 1",
        '"x" | .Input.m.a',
        '(semver "v1.2.3").IncMinor.Original',
        '(semver "1.2.3").SetPrerelease "01"',
    ],
)
def test_methods_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
