"""triggers/message.py: what becomes of a request that is redirected."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from triggers.message import Message
from triggers.target import parse_target

HEADERS = {
    "Host": "hooks.example",
    "Authorization": "Bearer x",
    "COOKIE": "a=b",
    "X-Secret": "s",
    "X-Plain": "p",
    "Content-Type": "a/b",
}


def message(method: str = "POST", url: str = "https://host.example/run", **headers: str) -> Message:
    """A request with a body and one secret header."""
    return Message(method, parse_target(url), CIMultiDict({**HEADERS, **headers}), b"body", ("x-secret",))


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize(
    ("method", "then"), [("POST", "GET"), ("PUT", "GET"), ("DELETE", "GET"), ("GET", "GET"), ("HEAD", "HEAD")]
)
def test_most_methods_become_get_without_a_body(status: int, method: str, then: str) -> None:
    first = message(method)
    following = first.redirected(first, status, "/next")
    assert (following.method, following.body, following.target.address) == (then, b"", "https://host.example/next")
    assert "Content-Type" not in following.headers


@pytest.mark.parametrize("status", [307, 308])
def test_some_keep_all(status: int) -> None:
    first = message("PUT")
    following = first.redirected(first, status, "/next")
    assert (following.method, following.body) == ("PUT", b"body")
    assert dict(following.headers) == {**HEADERS, "Referer": "https://host.example/run"}


def test_a_body_once_dropped_does_not_come_back() -> None:
    first = message()
    last = first.redirected(first, 302, "/a").redirected(first, 307, "/b")
    assert (last.method, last.body) == ("GET", b"")
    assert "Content-Type" not in last.headers


@pytest.mark.parametrize(
    ("location", "trusted"),
    [
        ("https://host.example:8443/x", True),
        ("https://sub.host.example/x", True),
        ("https://HOST.example/x", True),
        ("http://host.example/x", True),
        ("https://example/x", False),
        ("https://evilhost.example/x", False),
        ("https://other.example/x", False),
    ],
)
def test_secrets_stay_in_the_domain(location: str, trusted: bool) -> None:
    first = message()
    headers = first.redirected(first, 307, location).headers
    for name in ("Authorization", "Cookie", "X-Secret"):
        assert (name in headers) is trusted
    assert headers["X-Plain"] == "p"


def test_secrets_once_dropped_do_not_come_back() -> None:
    first = message()
    last = first.redirected(first, 307, "https://other.example/").redirected(first, 307, "https://host.example/")
    assert "Authorization" not in last.headers


def test_an_address_has_nothing_below_it() -> None:
    first = message(url="http://[::1]/")
    assert "Authorization" in first.redirected(first, 307, "http://[::1]:99/").headers
    assert "Authorization" not in first.redirected(first, 307, "http://[a::1]/").headers


def test_the_host_header_is_for_its_own_server() -> None:
    first = message()
    assert first.redirected(first, 307, "/next").headers["Host"] == "hooks.example"
    assert "Host" not in first.redirected(first, 307, "https://other.example/").headers


def test_referer() -> None:
    first = message(url="https://user:pass@host.example/run")
    second = first.redirected(first, 302, "/a")
    assert second.headers["Referer"] == "https://host.example/run"
    third = second.redirected(first, 302, "/b")
    assert third.headers["Referer"] == "https://host.example/a"
    assert "Referer" not in third.redirected(first, 302, "http://host.example/").headers
    own = message(Referer="https://mine.example/")
    assert own.redirected(own, 302, "/a").headers["Referer"] == "https://mine.example/"


def test_a_request_shows_no_header() -> None:
    assert "Bearer" not in repr(message())
