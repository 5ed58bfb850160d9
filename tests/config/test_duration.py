from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from config.duration import Duration, format_duration, parse_duration
from config.errors import EventyardError

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)


class Holder(BaseModel):
    wait: Duration = Duration(1)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("-0", 0),
        ("+0", 0),
        ("0s", 0),
        ("1s", 1_000_000_000),
        ("+1s", 1_000_000_000),
        ("-1.5s", -1_500_000_000),
        ("500ms", 500_000_000),
        ("1h2m3.5s", 3_723_500_000_000),
        ("1µs", 1_000),
        ("1μs", 1_000),
        ("1us", 1_000),
        (".5s", 500_000_000),
        ("1.s", 1_000_000_000),
        ("3s1h", 3_603_000_000_000),
        ("0.100000000000000000000h", 360_000_000_000),
        ("0.9223372036854775807h", 3_320_413_933_267),
        ("0.830103483285477580700h", 2_988_372_539_827),
        ("52763797000ns", 52_763_797_000),
        ("0.3333333333333333333h", 1_200_000_000_000),
        ("9223372036854775807ns", (1 << 63) - 1),
        ("9223372036854775.807us", (1 << 63) - 1),
        ("-9223372036854775808ns", -(1 << 63)),
        ("-9223372036854775.808us", -(1 << 63)),
        ("2562047h47m16.854775807s", (1 << 63) - 1),
        ("00000000000000000000000001s", 1_000_000_000),
    ],
)
def test_parse(text: str, ns: int) -> None:
    assert parse_duration(text) == Duration(ns)


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("", "'' is no duration", "column 1"),
        ("-", "'-' is no duration", "column 2"),
        ("bad", "'bad' is no duration", "column 1"),
        (".s", "'.s' is no duration", "column 1"),
        ("10", "duration '10' has no unit", "column 1"),
        ("1h10", "duration '1h10' has no unit", "column 3"),
        ("1..5s", "duration '1..5s' has no unit", "column 1"),
        ("1d", "unknown unit 'd' in duration '1d'", "column 1"),
        ("1h 2m", "unknown unit 'h ' in duration '1h 2m'", "column 1"),
        ("1e3s", "unknown unit 'e' in duration '1e3s'", "column 1"),
        ("1s-2s", "unknown unit 's-' in duration '1s-2s'", "column 1"),
        ("１s", "'１s' is no duration", "column 1"),
        ("1s\n", "unknown unit 's\n' in duration '1s\n'", "column 1"),
        ("9223372036854775808ns", "duration '9223372036854775808ns' is longer than 292 years", ""),
        ("-9223372036854775809ns", "duration '-9223372036854775809ns' is longer than 292 years", "column 2"),
        ("3000000h", "duration '3000000h' is longer than 292 years", "column 1"),
        ("2562047h48m", "duration '2562047h48m' is longer than 292 years", ""),
        (
            "9223372036854775808ns9223372036854775808ns",
            "duration '9223372036854775808ns9223372036854775808ns' is longer",
            "",
        ),
    ],
)
def test_refuse(text: str, what: str, where: str) -> None:
    with pytest.raises(EventyardError) as caught:
        parse_duration(text)
    assert caught.value.what.startswith(what)
    assert caught.value.where == where
    assert caught.value.fix


def test_days_are_explained() -> None:
    with pytest.raises(EventyardError) as caught:
        parse_duration("1d")
    assert caught.value.fix == "there are no days or weeks: write 24h"


def test_huge_values_are_refused_at_once() -> None:
    with pytest.raises(EventyardError):
        parse_duration("9" * 1_000_000 + "s")
    with pytest.raises(EventyardError):
        parse_duration(1 << 1_000_000)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (-500_000_000, "-500ms"),
        (3_300_000_000, "3.3s"),
        (60_000_000_000, "1m0s"),
        (3_600_250_000_000, "1h0m0.25s"),
        (245_001_000_000, "4m5.001s"),
        (100_000_000, "100ms"),
        ((1 << 63) - 1, "2562047h47m16.854775807s"),
        (-(1 << 63), "-2562047h47m16.854775808s"),
    ],
)
def test_format(ns: int, text: str) -> None:
    assert format_duration(ns) == str(Duration(ns)) == text


@given(INT64)
def test_round_trip(ns: int) -> None:
    assert parse_duration(str(Duration(ns))).ns == ns


@given(st.text(alphabet="0123456789.hmsuµnd+- ", max_size=12) | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = parse_duration(text)
    except EventyardError as error:
        assert error.fix
    else:
        assert parse_duration(str(read)) == read


@given(INT64, INT64)
def test_order_and_seconds(one: int, other: int) -> None:
    assert (Duration(one) < Duration(other)) is (one < other)
    assert Duration(one).seconds == one / 1e9


@pytest.mark.parametrize(
    ("given_value", "ns"),
    [("1s", 1_000_000_000), (5, 5), (-5, -5), (Duration(7), 7), ("-1s", -1_000_000_000)],
)
def test_field(given_value: object, ns: int) -> None:
    assert Holder.model_validate({"wait": given_value}).wait == Duration(ns)


@pytest.mark.parametrize("given_value", [True, 1.5, 1e9, None, [], {}, "10", "1d", 1 << 63, -(1 << 63) - 1])
def test_field_refuses(given_value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"wait": given_value})
    (error,) = caught.value.errors()
    assert error["type"] == "duration"
    assert error["ctx"]["fix"]


def test_field_serializes_to_text() -> None:
    holder = Holder(wait=Duration(1_500_000_000))
    assert json.loads(holder.model_dump_json()) == {"wait": "1.5s"}
    assert holder.model_dump() == {"wait": "1.5s"}
    assert Holder.model_validate_json(holder.model_dump_json()) == holder


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_json_schema(mode: str) -> None:
    schema = Holder.model_json_schema(mode=mode)  # type: ignore[arg-type]
    assert schema["properties"]["wait"]["anyOf"] == [{"type": "string"}, {"type": "integer"}]
    assert schema["properties"]["wait"]["default"] == "1ns"
