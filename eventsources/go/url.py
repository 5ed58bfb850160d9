"""URLs as Go's `net/url`, `path` and gorilla/mux read them: queries, clean paths and the patterns of endpoints."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote as percent_quote
from urllib.parse import unquote_to_bytes

from config.errors import EventyardError
from eventsources.go import text as go_text

_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9a-fA-F]{2}).{0,2}", re.DOTALL)
_CONTROL: Final = re.compile("[\x00-\x20\x7f]")
_PATH_SAFE: Final = "$&+,/:;=@"
_ABSOLUTE: Final = re.compile("[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*")

Values = dict[str, list[str]]


def parse_query(text: bytes) -> tuple[Values, str]:
    """`a=1&b=2` as a map of lists, and the first error. Pairs in error are left out, the others are there."""
    values: Values = {}
    error = ""
    for pair in text.split(b"&"):
        if not pair:
            continue
        if b";" in pair:
            error = error or "invalid semicolon separator in query"
            continue
        key, _, value = pair.partition(b"=")
        if b"%" in pair and (wrong := _BROKEN_ESCAPE.search(key) or _BROKEN_ESCAPE.search(value)):
            error = error or f"invalid URL escape {go_text.quote(wrong[0].decode('utf-8', 'surrogateescape'))}"
            continue
        values.setdefault(_unescape(key), []).append(_unescape(value))
    return values, error


def _unescape(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    return go_text.decode(unquote_to_bytes(text) if b"%" in text else text)


def split_target(target: str) -> tuple[str, str]:
    """The decoded path and the raw query of a request line. Raises ValueError for what is no URL."""
    if absolute := _ABSOLUTE.match(target):
        target = target[absolute.end() :] or "/"
    path, _, query = target.partition("?")
    if _CONTROL.search(target) or not path:
        raise ValueError("invalid request target")
    if "%" in path:
        raw = path.encode("utf-8", "surrogateescape")
        if _BROKEN_ESCAPE.search(raw):
            raise ValueError("invalid request target")
        path = unquote_to_bytes(raw).decode("utf-8", "surrogateescape")
    return path, query


def clean_path(path: str) -> str:
    """The shortest path of the same meaning, with its trailing slash if it had one."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if path.endswith("/") and clean != "/" else clean


def escape_path(path: str) -> str:
    """A decoded path for a Location header."""
    return percent_quote(path.encode("utf-8", "surrogateescape"), safe=_PATH_SAFE)


def compile_endpoint(endpoint: str) -> str | Callable[[str], object]:
    """The literal path of an endpoint, or for one with `{name}` or `{name:regexp}` a function from a decoded path to
    something true if it matches. Raises EventyardError."""
    if not endpoint.startswith("/"):
        raise EventyardError(f"'{endpoint}' can never be reached", fix="begin the endpoint with '/'")
    if "{" not in endpoint and "}" not in endpoint:
        if clean_path(endpoint) != endpoint:
            raise EventyardError(f"'{endpoint}' can never be reached", fix=f"write it as '{clean_path(endpoint)}'")
        return endpoint
    import re2

    pattern, names = "", set[str]()
    rest = 0
    for start, end in _braces(endpoint):
        name, colon, inner = endpoint[start + 1 : end].partition(":")
        inner = inner if colon else "[^/]+"
        if not name or not inner or name in names:
            raise EventyardError(f"'{endpoint[start : end + 1]}' needs a name of its own and, after ':', a pattern")
        names.add(name)
        pattern += re2.escape(endpoint[rest:start]) + f"(?:{inner})"
        rest = end + 1
    try:
        compiled = re2.compile(pattern + re2.escape(endpoint[rest:]))
    except re2.error as error:
        raise EventyardError(f"the pattern in '{endpoint}' cannot be read: {error}") from None
    if compiled.groups:
        raise EventyardError(f"the pattern in '{endpoint}' has a group", fix="write (?:…) instead of (…)")
    matches: Callable[[str], object] = compiled.fullmatch
    return lambda path: matches(path.encode("utf-8", "replace").decode())


def _braces(endpoint: str) -> list[tuple[int, int]]:
    """Where the outermost `{` and `}` stand."""
    pairs: list[tuple[int, int]] = []
    depth = start = 0
    for index, character in enumerate(endpoint):
        if character == "{":
            depth += 1
            if depth == 1:
                start = index
        elif character == "}":
            depth -= 1
            if depth == 0:
                pairs.append((start, index))
            elif depth < 0:
                break
    if depth:
        raise EventyardError(f"'{endpoint}' has unbalanced braces")
    return pairs
