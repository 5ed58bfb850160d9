"""Requests as sources see them."""

from __future__ import annotations

import pytest

from eventsources.http.request import MASKED, canonical_name
from tests.eventsources.surroundings import unsent_request


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        (b"x-GITHUB-event", "X-Github-Event"),
        (b"content-type", "Content-Type"),
        (b"ETag", "Etag"),
        (b"x_under-score", "X_under-Score"),
        (b"x.dot", "X.dot"),
        (b"-a--b", "-A--B"),
        (b"1a", "1a"),
        (b"has space", "has space"),
        (b"\xe9", "é"),
    ],
)
def test_header_names(name: bytes, canonical: str) -> None:
    assert canonical_name(name) == canonical


def test_headers_are_lists_without_host() -> None:
    headers = unsent_request(
        [("host", "h"), ("a", "1"), ("A", "2"), ("transfer-encoding", "chunked"), ("b", "é")], b""
    ).headers()
    assert headers == {"A": ["1", "2"], "B": ["é"]}


@pytest.mark.parametrize(
    ("values", "shown"), [(["Basic x"], [MASKED]), (["", "Basic x"], [MASKED]), ([""], [""]), (["a", "b"], [MASKED])]
)
def test_credentials_are_masked(values: list[str], shown: list[str]) -> None:
    assert unsent_request([("authorization", value) for value in values], b"").headers() == {"Authorization": shown}


def test_the_first_value_of_a_header() -> None:
    request = unsent_request([("a", "1"), ("A", "2")], b"")
    assert request.header("A") == "1"
    assert request.header("B") == ""
