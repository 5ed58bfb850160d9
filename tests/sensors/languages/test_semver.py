"""Versions and ranges of versions."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sensors.languages.semver import parse_range, parse_version


def test_order() -> None:
    ordered = ["1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"]
    ordered += ["1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]
    for lower, higher in pairwise(map(parse_version, ordered)):
        assert lower < higher
    assert parse_version("1.0.0+a") == parse_version("1.0.0+b.2")


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "v1.2.3", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.x", " 1.2.3", "٣.1.1"]
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="semantic version"):
        parse_version(text)


@pytest.mark.parametrize(
    ("text", "within", "without"),
    [
        ("1.2.3", ["1.2.3", "1.2.3+b"], ["1.2.4", "1.2.3-a"]),
        ("=1.2.3", ["1.2.3"], ["1.2.2"]),
        ("!1.2.3", ["1.2.4"], ["1.2.3"]),
        ("!=1.2.3", ["1.2.4"], ["1.2.3"]),
        (">1.2.3", ["1.2.4"], ["1.2.3"]),
        (">=1.2.3 <2.0.0", ["1.2.3", "2.0.0-rc.1"], ["2.0.0", "1.2.2"]),
        (">= 1.2.3  < 2.0.0 ", ["1.9.9"], ["2.0.0"]),
        ("<1.0.0 || >=2.0.0 !2.1.0", ["0.1.0", "2.0.0"], ["1.0.0", "2.1.0"]),
        ("1.x", ["1.0.0", "1.9.9"], ["2.0.0", "0.9.9"]),
        ("1.x.x", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("=1.2.x", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("!=1.2.x", ["1.1.9", "1.3.0"], ["1.2.0", "1.2.9"]),
        (">1.2.x", ["1.3.0"], ["1.2.9"]),
        (">=1.2.x", ["1.2.0"], ["1.1.9"]),
        ("<1.2.x", ["1.1.9"], ["1.2.0"]),
        ("<=1.2.x", ["1.2.9"], ["1.3.0"]),
        ("1.0.0-a.x", ["1.0.0-a.x"], ["1.0.0"]),
    ],
)
def test_ranges(text: str, within: list[str], without: list[str]) -> None:
    holds = parse_range(text)
    assert all(holds(parse_version(version)) for version in within)
    assert not any(holds(parse_version(version)) for version in without)


@pytest.mark.parametrize(
    "text", ["", "x", ">", "||", "1.2.3 ||", "|| 1.2.3", ">>1.2.3", "=>1.2.3", "1.2", "1.x.2", "9" * 2000]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match=r"range|semantic version"):
        parse_range(text)
