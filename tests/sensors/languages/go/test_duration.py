"""Durations that Go reads, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('((toDate "2006" "2020") | mustDateModify "1h").Sub (toDate "2006" "2020")', "1h0m0s"),
        ('((toDate "2006" "2020") | mustDateModify "-1.5h").Sub (toDate "2006" "2020")', "-1h30m0s"),
        ('((toDate "2006" "2020") | mustDateModify "90m").Sub (toDate "2006" "2020")', "1h30m0s"),
        ('((toDate "2006" "2020") | mustDateModify "2h45m10.5s").Sub (toDate "2006" "2020")', "2h45m10.5s"),
        ('((toDate "2006" "2020") | mustDateModify "100ms").Sub (toDate "2006" "2020")', "100ms"),
        ('((toDate "2006" "2020") | mustDateModify "1us").Sub (toDate "2006" "2020")', "1µs"),
        ('((toDate "2006" "2020") | mustDateModify "1\\u00b5s").Sub (toDate "2006" "2020")', "1µs"),
        ('((toDate "2006" "2020") | mustDateModify "1ns").Sub (toDate "2006" "2020")', "1ns"),
        ('((toDate "2006" "2020") | mustDateModify "1.5us").Sub (toDate "2006" "2020")', "1.5µs"),
        ('((toDate "2006" "2020") | mustDateModify "0").Sub (toDate "2006" "2020")', "0s"),
        ('((toDate "2006" "2020") | mustDateModify "+5s").Sub (toDate "2006" "2020")', "5s"),
        ('((toDate "2006" "2020") | mustDateModify "0.000000001s").Sub (toDate "2006" "2020")', "1ns"),
        ('((toDate "2006" "2020") | mustDateModify "1h1ns").Sub (toDate "2006" "2020")', "1h0m0.000000001s"),
        ('((toDate "2006" "2020") | mustDateModify "-0").Sub (toDate "2006" "2020")', "0s"),
        ('((toDate "2006" "2020") | mustDateModify "9223372036s").Sub (toDate "2006" "2020")', "2562047h47m16s"),
        (
            '((toDate "2006" "2020") | mustDateModify "9223372036.854775807s").Sub (toDate "2006" "2020")',
            "2562047h47m16.854775807s",
        ),
        ('((toDate "2006" "2020") | mustDateModify "1.h").Sub (toDate "2006" "2020")', "1h0m0s"),
        ('((toDate "2006" "2020") | mustDateModify ".5h").Sub (toDate "2006" "2020")', "30m0s"),
    ],
)
def test_durations(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        '((toDate "2006" "2020") | mustDateModify "9223372037s").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "99999999999999999999h").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "1").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "1x").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "h").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify ".h").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "-").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "1h-1m").Sub (toDate "2006" "2020")',
        '((toDate "2006" "2020") | mustDateModify "3000000h").Sub (toDate "2006" "2020")',
    ],
)
def test_durations_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
