"""Quantities: the canonical text of what Kubernetes reads."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.quantity import parse_quantity


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("0Mi", "0"),
        ("-0.0", "0"),
        ("00012", "12"),
        ("+4", "4"),
        (".5", "500m"),
        ("5.", "5"),
        ("1500m", "1500m"),
        ("1.5", "1500m"),
        ("1000m", "1"),
        ("1000k", "1M"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("12e-3", "12e-3"),
        ("2e2", "200"),
        ("10e5", "1e6"),
        ("1E", "1E"),
        ("1000E", "1e21"),
        ("10000000E", "10e24"),
        ("1023Ki", "1023Ki"),
        ("1024Ki", "1Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("0.1Ki", "102400m"),
        ("0.0001Ki", "102400u"),
        ("-2Ki", "-2Ki"),
        ("1Ei", "1Ei"),
        ("8Ei", "9223372036854775807"),
        ("-16Ei", "-9223372036854775807"),
        ("0.3n", "1n"),
        ("-0.3n", "-1n"),
        ("0.123456789012", "123456790n"),
        ("123456789012345678901", "123456789012345678901"),
        ("1e30", "1e30"),
    ],
)
def test_canonical_texts(text: str, canonical: str) -> None:
    assert str(parse_quantity(text)) == canonical
    assert str(parse_quantity(canonical)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", ".", "+", "Mi", "e5", "5 Mi", " 5", "5x", "1..2", "--1", "1e", "1Ki5", "1mi", "1K", "٣", "1e9999", "1" * 401],
)
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        parse_quantity(text)


@settings(deadline=None)
@given(st.decimals(-(10**12), 10**12, places=9), st.sampled_from(["", "m", "k", "Ki", "Mi", "E", "e-3", "e7"]))
def test_the_canonical_text_stays(number: object, suffix: str) -> None:
    quantity = parse_quantity(f"{number:f}{suffix}")
    again = parse_quantity(str(quantity))
    assert str(again) == str(quantity)
    assert float(again) == pytest.approx(float(quantity))
