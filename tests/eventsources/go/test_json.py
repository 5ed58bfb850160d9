"""JSON as Go reads it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventsources.go.json import MAX_DEPTH, NotJson, compact, decode, number


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", "unexpected end of JSON input"),
        (b"  ", "unexpected end of JSON input"),
        (b"nul", "unexpected end of JSON input"),
        (b"not", "invalid character 'o' in literal null (expecting 'u')"),
        (b"tru3", "invalid character '3' in literal true (expecting 'e')"),
        (b"\xef\xbb\xbf1", "invalid character 'ï' looking for beginning of value"),
        (b"{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        (b"{,", "invalid character ',' looking for beginning of object key string"),
        (b'{"a",', "invalid character ',' after object key"),
        (b'{"a":1 "b"', "invalid character '\"' after object key:value pair"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"[1}", "invalid character '}' after array element"),
        (b"1 x", "invalid character 'x' after top-level value"),
        (b"01", "invalid character '1' after top-level value"),
        (b"-", "unexpected end of JSON input"),
        (b"-a", "invalid character 'a' in numeric literal"),
        (b"1.a", "invalid character 'a' after decimal point in numeric literal"),
        (b"1.", "unexpected end of JSON input"),
        (b"1ea", "invalid character 'a' in exponent of numeric literal"),
        (b"1e+a", "invalid character 'a' in exponent of numeric literal"),
        (b"1.5.5", "invalid character '.' after top-level value"),
        (b"1e5.5", "invalid character '.' after top-level value"),
        (b"1e5e5", "invalid character 'e' after top-level value"),
        (b'"a\n"', "invalid character '\\n' in string literal"),
        (b'"a\x00"', "invalid character '\\x00' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12g"', "invalid character 'g' in \\u hexadecimal character escape"),
        (b'"\\u12', "unexpected end of JSON input"),
        (b'"abc', "unexpected end of JSON input"),
        (b'"\\', "unexpected end of JSON input"),
        (b"[" * (MAX_DEPTH + 1), "exceeded max depth"),
    ],
)
def test_errors_are_go_s(text: bytes, error: str) -> None:
    with pytest.raises(NotJson) as caught:
        compact(text)
    assert str(caught.value) == error


def test_strings_and_numbers_stay_as_they_were_written() -> None:
    text = b' { "a" : [ 1.50 , 1e3 , -0 , {} , [ ] , "\\u00e9\\/ \xff \\ud800" ] , "a" : null } '
    assert compact(text) == b'{"a":[1.50,1e3,-0,{},[],"\\u00e9\\/ \xff \\ud800"],"a":null}'


def test_the_greatest_depth() -> None:
    text = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert compact(text) == text
    with pytest.raises(NotJson, match="exceeded max depth"):
        decode(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'"\\ud800"', "\ufffd"),
        (b'"\\udc00\\ud800\\u0041"', "\ufffd\ufffdA"),
        (b'"\\ud83d\\ude00\\\\ud800"', "😀\\ud800"),
        (b'"\xe2\x82"', "\ufffd\ufffd"),
        (b'{"a":1,"a":{"\xff":2}}', {"a": {"\ufffd": 2}}),
    ],
)
def test_broken_text_is_repaired_as_go_does(text: bytes, value: Any) -> None:
    assert decode(text) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.0", "1"),
        ("1e3", "1000"),
        ("-2.50", "-2.5"),
        ("9007199254740993", "9007199254740992"),
        ("12345678901234567890", "12345678901234567000"),
        ("123456789012345683968", "123456789012345680000"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("0.1", "0.1"),
    ],
)
def test_numbers_are_float64(text: str, shown: str) -> None:
    assert str(number(text)) == shown
    assert str(decode(text.encode())) == shown


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1" * 400])
def test_a_number_beyond_float64(text: str) -> None:
    with pytest.raises(NotJson, match=f"cannot unmarshal number {text} into Go value of type float64"):
        decode(b"[" + text.encode() + b"]")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_values, st.sampled_from([None, 0, 3]))
def test_what_python_writes_is_read(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent).encode()
    assert compact(text) == json.dumps(value, separators=(",", ":")).encode()


@given(
    st.lists(
        st.sampled_from([*'{}[],:"\\0123456789.eE+-tfn \t\n', "true", "null", "\\u00e9", '"a"', "\x00", "é"]),
        max_size=12,
    ).map("".join)
)
@example('{"a":[1,{"b":2}],"c":3}')
@example("[01]")
def test_what_the_fast_parsers_take_is_taken_alike(text: str) -> None:
    """They may refuse more, never take more; and what they make of it is the same."""
    raw = text.encode()
    try:
        fast = msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, ValueError):
        fast = None
    try:
        parsed = orjson.loads(raw)
    except ValueError:
        with pytest.raises((NotJson, ValueError)):
            orjson.loads(compact(raw))
        return
    assert fast == compact(raw)
    assert orjson.loads(compact(raw)) == parsed
