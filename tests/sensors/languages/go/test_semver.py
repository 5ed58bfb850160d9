"""Versions: their order, and what is too long to be one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sensors.languages.go.limits import GoError
from sensors.languages.go.semver import compare, constraints_of, parse_version

ORDERED = (
    "0.0.1",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.10.0",
    "2",
)


def test_order() -> None:
    versions = list(map(parse_version, ORDERED))
    for lower, higher in pairwise(versions):
        assert (compare(lower, higher), compare(higher, lower), compare(lower, lower)) == (-1, 1, 0)
    assert compare(parse_version("1.0.0+a"), parse_version("v1+b")) == 0


@pytest.mark.parametrize("text", ["", "1.2.3.4", "a", "1.2.3-", "1.2.3-01", "1.2.3+", "-1", "1" * 257, "1.2.3\n"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(GoError):
        parse_version(text)


@pytest.mark.parametrize("text", ["", "a", ">", "1.2.3 y", "1" * 600, "||".join(["1"] * 40), "1|2"])
def test_what_is_no_constraint(text: str) -> None:
    with pytest.raises(GoError):
        constraints_of(text)


def test_ranges_and_alternatives() -> None:
    [alternative] = constraints_of("1.2 - 3.4.5")
    assert [(each.operator, each.version.go_string()) for each in alternative] == [(">=", "1.2.0"), ("<=", "3.4.5")]
    assert len(constraints_of("1 || 2 || 3")) == 3
