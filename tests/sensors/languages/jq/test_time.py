"""Times of jq: seconds, lists of their parts, and texts by a layout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.query import compile_query
from tests.sensors.languages.queries import failure, outputs

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            '.stamp | fromdate, fromdateiso8601, (strptime("%Y-%m-%dT%H:%M:%SZ") | ., mktime)',
            [1425599507, 1425599507, [2015, 2, 5, 23, 51, 47, 4, 63], 1425599507],
        ),
        (
            "1425599507, 0, -1, 1e10, 1425599507.25 | todate, gmtime, localtime",
            [
                "2015-03-05T23:51:47Z",
                [2015, 2, 5, 23, 51, 47, 4, 63],
                [2015, 2, 5, 23, 51, 47, 4, 63],
                "1970-01-01T00:00:00Z",
                [1970, 0, 1, 0, 0, 0, 4, 0],
                [1970, 0, 1, 0, 0, 0, 4, 0],
                "1969-12-31T23:59:59Z",
                [1969, 11, 31, 23, 59, 59, 3, 364],
                [1969, 11, 31, 23, 59, 59, 3, 364],
                "2286-11-20T17:46:40Z",
                [2286, 10, 20, 17, 46, 40, 6, 323],
                [2286, 10, 20, 17, 46, 40, 6, 323],
                "2015-03-05T23:51:47Z",
                [2015, 2, 5, 23, 51, 47.25, 4, 63],
                [2015, 2, 5, 23, 51, 47.25, 4, 63],
            ],
        ),
        (
            '1425599507 | todateiso8601, strftime("%Y/%m/%d"), strflocaltime("%H:%M %Z"), (gmtime | todate)',
            ["2015-03-05T23:51:47Z", "2015/03/05", "23:51 UTC", "2015-03-05T23:51:47Z"],
        ),
        (
            '[2015, 2, 5, 23, 51, 47, 4, 63] | mktime, todate, strftime("%j"), strftime("%A")',
            [1425599507, "2015-03-05T23:51:47Z", "064", "Thursday"],
        ),
        ("[2015, 14, 35, 0, 0, 0.5] | mktime, todate", [1459728000.5, "2016-04-04T00:00:00Z"]),
        ("[2015] | mktime, ([] | mktime)", [1419984000, -62167305600]),
        (
            '1425599507 | strftime("%a %b %e %C %d %D %F %g %G %h %H %I %j %k %l %m %M %p %P %r %R %s %S")',
            [
                "Thu Mar  5 20 05 03/05/15 2015-03-05 15 2015 Mar 23 11 064 23 11 03 51 PM pm 11:51:47 PM 23:51 1425599507 47"
            ],
        ),
        (
            '1425599507 | strftime("%T %u %U %V %w %W %x %X %y %Y %z %Z %% %f %n%t|"), strftime("%c %v %+")',
            [
                "23:51:47 4 09 10 4 09 03/05/15 23:51:47 15 2015 +0000 UTC % 000000 \n\t|",
                "Thu Mar  5 23:51:47 2015  5-Mar-2015 Thu Mar  5 23:51:47 UTC 2015",
            ],
        ),
        (
            '1425599507 | strftime("%-d %-m %_d %05d %^a %#p %10Y %:z %::z %:::z %E %Q %")',
            ["5 3  5 00005 THU pm 0000002015 +00:00 +00:00:00 +00 %E %Q %"],
        ),
        ('1425599507.125 | strftime("%S %f"), (gmtime | .[5])', ["47 125000", 47.125]),
        ('"5 Mar 2015" | strptime("%d %b %Y") | ., mktime', [[2015, 2, 5, 0, 0, 0, 4, 63], 1425513600]),
        ('"Thursday, March 05, 2015" | strptime("%A, %B %d, %Y") | todate', ["2015-03-05T00:00:00Z"]),
        (
            '"2015-03-05 23:51+02:00", "2015-03-05 23:51-0730", "2015-03-05 23:51Z" | strptime("%F %R%z") | mktime',
            [1425592260, 1425626460, 1425599460],
        ),
        ('"11:51 PM", "12:00 am" | strptime("%I:%M %p") | .[3:5]', [[23, 51], [0, 0]]),
        ('"064 2015" | strptime("%j %Y") | mktime', [1425513600]),
        ('"2015 09 4" | strptime("%Y %U %w") | .[0:3]', [[2015, 2, 5]]),
        ('"2015 09 Thu" | strptime("%Y %W %a") | .[0:3]', [[2015, 2, 5]]),
        ('"2015-W10-4" | strptime("%G-W%V-%u") | .[0:3]', [[2015, 2, 5]]),
        ('"1425599507", "-5" | strptime("%s") | mktime', [1425599507, -5]),
        (
            '"03/05/15 23:51:47", "03/05/69 00:00:00" | strptime("%D %T") | todate',
            ["2015-03-05T23:51:47Z", "1969-03-05T00:00:00Z"],
        ),
        ('"2015-03-05 23:51:47.125" | strptime("%F %T.%f") | mktime', [1425599507.125]),
        ('" 5/3/2015 UTC" | strptime("%e/%m/%Y %Z") | todate', ["2015-03-05T00:00:00Z"]),
        ('"20 15" | strptime("%C %y") | .[0]', [2015]),
        ('"2015-03-05\\t\\n23 %" | strptime("%F%t%H %%") | .[3]', [23]),
        ("now | type", ["number"]),
    ],
)
def test_times(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('"x" | todate', 'strftime("%Y-%m-%dT%H:%M:%SZ") cannot be applied to: string ("x")'),
        ("{} | mktime", "mktime cannot be applied to: object ({})"),
        ('["a"] | mktime', 'mktime cannot be applied to ["a"]: expected an array of 8 numbers'),
        ('"x" | mktime', 'mktime cannot be applied to: string ("x")'),
        ('1 | strptime("%Y")', 'strptime("%Y") cannot be applied to: number (1)'),
        ('"2015" | strptime(1)', 'strptime(1) cannot be applied to: string ("2015")'),
        ("1 | strftime(1)", "strftime(1) cannot be applied to: array ([1970,0,1,0,0,1,4,0])"),
        ('{} | strftime("%Y")', 'strftime("%Y") cannot be applied to: object ({})'),
        ('["a"] | strftime("%Y")', 'strftime("%Y") cannot be applied to ["a"]: expected an array of 8 numbers'),
        ('"x" | gmtime', 'gmtime cannot be applied to: string ("x")'),
        ("1 | fromdate", 'strptime("%Y-%m-%dT%H:%M:%S%z") cannot be applied to: number (1)'),
    ],
)
def test_what_is_no_time(query: str, message: str) -> None:
    assert failure(query) == message


@pytest.mark.parametrize(
    ("text", "layout", "words"),
    [
        ("2015", "%m", "cannot parse '%m'"),
        ("2015x", "%Y", "there is more: 'x'"),
        ("2015", "%Y-", "'-' is expected"),
        ("Foo", "%b", "cannot parse '%b'"),
        ("1", "%Q", "there is no directive '%Q'"),
        ("1", "%", "a '%' without a directive"),
        ("1", "%:Y", "a '%' without a directive"),
        ("x", "%z", "cannot parse '%z'"),
        ("+0200", "%:z", "cannot parse '%:z'"),
        ("utc", "%Z", "cannot parse '%Z'"),
        ("x", "%t", "a space is expected"),
        ("2015 10 4", "%Y %V %u", "'%V' goes with '%G'"),
        ("2015 100", "%G %j", "'%j' goes with '%Y'"),
    ],
)
def test_what_does_not_fit_the_layout(text: str, layout: str, words: str) -> None:
    assert words in failure(f'"{text}" | strptime("{layout}")')


def test_the_first_moment_of_all_is_none() -> None:
    assert failure('"0001-01-01T00:00:00Z" | fromdate').startswith("strptime")


@given(
    st.integers(-(10**10), 10**11),
    st.sampled_from(["%Y-%m-%dT%H:%M:%SZ", "%s", "%F %T", "%a %b %d %H:%M:%S %Y", "%G-W%V-%u %T"]),
)
def test_texts_are_read_back(seconds: int, layout: str) -> None:
    query = compile_query(". as $d | .s | strftime($d.l) | strptime($d.l) | mktime")
    assert query.first({"s": seconds, "l": layout}) == seconds


@given(st.integers(-62135596799, 253402300799))
def test_dates_are_those_of_python(seconds: int) -> None:
    found = compile_query(".s | todate").first({"s": seconds})
    assert found == f"{(EPOCH + timedelta(seconds=seconds)).isoformat()[:-6]}Z"
