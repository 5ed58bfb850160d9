"""URLs as Go reads them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import EventyardError
from eventsources.go.url import clean_path, compile_endpoint, escape_path, parse_query, split_target


@pytest.mark.parametrize(
    ("text", "values", "error"),
    [
        (b"", {}, ""),
        (b"a", {"a": [""]}, ""),
        (b"=v", {"": ["v"]}, ""),
        (b"a=b=c&&a=", {"a": ["b=c", ""]}, ""),
        (b"a+b=c+d&%61+b=%2B", {"a b": ["c d", "+"]}, ""),
        (b"%C3%A9=\xff%E2%82", {"é": ["\ufffd\ufffd\ufffd"]}, ""),
        (b"a=%&b=1", {"b": ["1"]}, 'invalid URL escape "%"'),
        (b"a=%g1x&b=%1", {}, 'invalid URL escape "%g1"'),
        (b'a=%"\n', {}, 'invalid URL escape "%\\"\\n"'),
        (b"a;b=1&c=%zz&d=1", {"d": ["1"]}, "invalid semicolon separator in query"),
    ],
)
def test_queries(text: bytes, values: dict[str, list[str]], error: str) -> None:
    assert parse_query(text) == (values, error)


@given(st.lists(st.tuples(st.text(), st.text())))
def test_what_python_encodes_is_read(pairs: list[tuple[str, str]]) -> None:
    text = urlencode(pairs, errors="replace")
    values, error = parse_query(text.encode())
    assert not error
    assert values == parse_qs(text, keep_blank_values=True)


@pytest.mark.parametrize(
    ("target", "split"),
    [
        ("/a", ("/a", "")),
        ("/a?b?c#d", ("/a", "b?c#d")),
        ("/a#b", ("/a#b", "")),
        ("/%2F%C3%A9%FF", ("//é\udcff", "")),
        ("http://x.test/a?b", ("/a", "b")),
        ("https://x.test", ("/", "")),
        ("//x/y", ("//x/y", "")),
        ("*", ("*", "")),
    ],
)
def test_targets(target: str, split: tuple[str, str]) -> None:
    assert split_target(target) == split


@pytest.mark.parametrize("target", ["", "?a", "/%", "/%g0", "/a b", "/a\x7f", "/\x00"])
def test_what_is_no_target(target: str) -> None:
    with pytest.raises(ValueError, match="invalid request target"):
        split_target(target)


@given(st.text("/.ab"))
def test_a_clean_path_is_clean(path: str) -> None:
    clean = clean_path(path)
    assert clean.startswith("/")
    assert "//" not in clean
    assert not {".", ".."} & set(clean.split("/"))
    assert clean_path(clean) == clean
    assert clean == "/" or clean.endswith("/") == path.endswith("/")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_path_is_itself_again(path: str) -> None:
    assert split_target("/" + escape_path(path))[0] == "/" + path


@pytest.mark.parametrize("endpoint", ["", "a", "/a/../b", "//", "/{a", "/a}", "/{}", "/{a}/{a}", "/{a:(b)}", "/{a:[}"])
def test_endpoints_that_no_request_reaches(endpoint: str) -> None:
    with pytest.raises(EventyardError):
        compile_endpoint(endpoint)


@given(st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1))
def test_a_variable_is_one_segment(part: str) -> None:
    matches = compile_endpoint("/v/{one}/w")
    assert callable(matches)
    assert matches(f"/v/{part}/w")
    assert not matches(f"/v/{part}/{part}/w")
    assert not matches("/v//w")
