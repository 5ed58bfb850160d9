"""triggers/target.py: URLs as Go's net/url reads them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.errors import Permanent
from triggers.target import parse_target


@pytest.mark.parametrize(
    ("text", "address", "path"),
    [
        ("http://host", "http://host", "/"),
        ("HTTP://Host:8080?x=1", "http://Host:8080/?x=1", "/?x=1"),
        ("https://host:443/x", "https://host/x", "/x"),
        ("http://host:/x", "http://host/x", "/x"),
        ("http://host//a/../b", "http://host//a/../b", "//a/../b"),
        ("http://host/a b", "http://host/a%20b", "/a%20b"),
        ("http://host/a%20b?x=1&y=é", "http://host/a%20b?x=1&y=é", "/a%20b?x=1&y=é"),
        ("http://host/a%2Fb!", "http://host/a%2Fb!", "/a%2Fb!"),
        ("http://host/a%2Fb c!", "http://host/a/b%20c%21", "/a/b%20c%21"),
        ("http://host/é?", "http://host/%C3%A9", "/%C3%A9"),
        ("http://host/x?a b=%zz", "http://host/x?a%20b=%zz", "/x?a%20b=%zz"),
        ("http://host/x#part", "http://host/x", "/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x", "/x"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/", "/"),
    ],
)
def test_reads(text: str, address: str, path: str) -> None:
    target = parse_target(text)
    assert target.address == address
    assert target.url.raw_path_qs == path
    assert target.login == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no scheme"),
        ("host/path", "no scheme"),
        ("/path", "no scheme"),
        ("://bad", "no scheme"),
        ("ftp://host/", "'ftp', which is not supported"),
        ("http:host", "no host"),
        ("http:///x", "no host"),
        ("http://host/%zz", "hexadecimal digits"),
        ("http://host/a\nb", "control character"),
        ("http://ho st/", "malformed host"),
        ("http://host:port/", "malformed host"),
        ("http://host:99999/", "malformed host"),
        ("http://us er@host/", "malformed host"),
        ("http://a:b:80/", "malformed host"),
        (f"http://{'ä' * 70}/", "no ASCII form"),
    ],
)
def test_refuses(text: str, what: str) -> None:
    with pytest.raises(Permanent, match=what):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("http://user:pass@host/", "Basic dXNlcjpwYXNz"),
        ("http://user@host/", "Basic dXNlcjo="),
        ("http://@host/", "Basic Og=="),
        ("http://us%65r:p%40ss@host/", "Basic dXNlcjpwQHNz"),
        ("http://a@b:c@host/", "Basic YUBiOmM="),
    ],
)
def test_a_login_is_no_part_of_what_is_shown(text: str, login: str) -> None:
    target = parse_target(text)
    assert target.login == login
    assert target.address == "http://host/"
    assert login not in repr(target)


@pytest.mark.parametrize(
    ("location", "address", "keeps_login"),
    [
        ("/next", "http://host:8/next", True),
        ("next", "http://host:8/a/next", True),
        ("../../next", "http://host:8/next", True),
        ("?q=2", "http://host:8/a/b?q=2", True),
        ("#part", "http://host:8/a/b?q=1", True),
        ("//other/x", "http://other/x", False),
        ("https://other/x", "https://other/x", False),
        ("http://host:9/x", "http://host:9/x", False),
    ],
)
def test_follows(location: str, address: str, keeps_login: bool) -> None:
    target = parse_target("http://user:pass@host:8/a/b?q=1").follow(location)
    assert target.address == address
    assert bool(target.login) is keeps_login


@example("http://h/\x85")
@given(st.one_of(st.text(), st.from_regex(r"https?://[a-z.:@%\[\]]+/[^\x00]*", fullmatch=True)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        target = parse_target(text)
    except Permanent:
        return
    again = parse_target(target.address)
    assert again.url == target.url
    assert " " not in target.url.raw_path_qs
