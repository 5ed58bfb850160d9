"""triggers/status.py: statuses and Retry-After."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent, Temporary
from triggers.status import LONGEST_RETRY_AFTER, failure, is_success, parse_retry_after

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("999999999", LONGEST_RETRY_AFTER),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        (formatdate(NOW + 1e8, usegmt=True), LONGEST_RETRY_AFTER),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after(text, lambda: NOW) == seconds


@given(st.text())
def test_any_retry_after_is_seconds_or_nothing(text: str) -> None:
    seconds = parse_retry_after(text)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER


@given(st.integers(100, 599))
def test_without_a_policy(status: int) -> None:
    assert is_success(status, None) is (200 <= status <= 399)


@given(st.integers(100, 599), st.frozensets(st.integers(100, 599)))
def test_a_policy_rules(status: int, allowed: frozenset[int]) -> None:
    assert is_success(status, allowed) is (status in allowed)


@given(st.integers(100, 599))
def test_failures(status: int) -> None:
    error = failure(status, "5", "because\n of it", where="host", named=False)
    assert str(error) == f"host: answered {status}: because of it"
    if status in (408, 429) or status >= 500:
        assert isinstance(error, Temporary)
        assert error.after == 5.0
    else:
        assert isinstance(error, Permanent)
        assert error.fix
    assert error.status == status  # type: ignore[union-attr]


def test_the_policy_is_named() -> None:
    assert "policy.status.allow" in failure(200, None, "", where="host", named=True).fix
    assert str(failure(404, None, " ", where="host", named=False)) == "host: answered 404"
