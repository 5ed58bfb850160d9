"""Functions of jq about texts, and its formats: `@csv`, `@sh`, `@uri`, …"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from sensors.languages.go.text import SPACES, from_bytes, to_bytes, valid
from sensors.languages.jq.frames import Function, Run
from sensors.languages.jq.functions import to_json, to_string, total
from sensors.languages.jq.operators import ITEM_SIZE, split
from sensors.languages.jq.text import to_text
from sensors.languages.jq.values import JqError, Value, described, is_number, members, shown, to_integer, unfit

_CHARACTER_MOST: Final = 0x10FFFF
_HALVES: Final = range(0xD800, 0xE000)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2}).{0,2}", re.DOTALL)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*")
_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def _text_of(name: str, value: Value) -> str:
    if value.__class__ is not str:
        raise unfit(name, value)
    return value


def _changing(name: str, change: Callable[[str], str]) -> Function:
    """A function that gives a text of about the same length."""

    def function(run: Run, value: Value) -> Value:
        text = _text_of(name, value)
        run.take(len(text))
        return change(text)

    return function


def _comparing(name: str, compute: Callable[[str, str], Value]) -> Function:
    def function(run: Run, value: Value, other: Value) -> Value:
        if value.__class__ is not str or other.__class__ is not str:
            raise unfit(name, value, other)
        run.take(len(value))
        return compute(value, other)

    return function


def byte_length(run: Run, value: Value) -> Value:
    text = _text_of("utf8bytelength", value)
    run.read(len(text))
    return len(to_bytes(text))


def explode(run: Run, value: Value) -> Value:
    text = _text_of("explode", value)
    run.take(ITEM_SIZE * len(text))
    run.spend(len(text) // 4)
    return list(map(ord, text))


def implode(run: Run, value: Value) -> Value:
    if value.__class__ is not list or not all(map(is_number, value)):
        raise unfit("implode", value)
    run.spend(len(value))
    return "".join(map(_character, map(to_integer, value)))


def _character(code: int) -> str:
    return chr(code) if 0 <= code <= _CHARACTER_MOST and code not in _HALVES else "\ufffd"


def split_text(run: Run, value: Value, separator: Value) -> Value:
    return split(run, _text_of("split", value), _text_of("split", separator))


def join(run: Run, value: Value, separator: Value) -> Value:
    items = members(value)
    if items is None:
        raise unfit("join", value, separator)
    if not items:
        return ""
    pieces: list[Value] = []
    for place, item in enumerate(items):
        pieces.append(separator if place else "")
        pieces.append(to_text(item) if is_number(item) or item.__class__ is bool else item)
    if all(piece is None or piece.__class__ is str for piece in pieces):
        return total(run, [piece for piece in pieces if piece is not None])
    return total(run, pieces)


def to_uri(run: Run, value: Value) -> str:
    text = to_string(run, value)
    run.take(3 * len(text))
    return quote(text, safe="", errors="replace")


def from_uri(run: Run, value: Value) -> str:
    text = to_string(run, value)
    run.take(len(text))
    if (wrong := _BAD_ESCAPE.search(text)) is not None:
        raise JqError(f'@urid cannot be applied to {shown(value)}: invalid URL escape "{wrong[0]}"')
    return valid(from_bytes(unquote_to_bytes(text)))


def _escaping(replacements: dict[str, str]) -> Callable[[str], str]:
    table = str.maketrans(replacements)
    return lambda text: text.translate(table)


_html: Final = _escaping({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&apos;", '"': "&quot;"})
_csv: Final = _escaping({'"': '""', "\0": "\\0"})
_tsv: Final = _escaping({"\t": "\\t", "\r": "\\r", "\n": "\\n", "\\": "\\\\", "\0": "\\0"})
_shell: Final = _escaping({"'": "'\\''", "\0": "\\0"})


def to_html(run: Run, value: Value) -> str:
    text = _html(to_string(run, value))
    run.take(len(text))
    return text


def _row(run: Run, name: str, value: Value, separator: str, escape: Callable[[str], str]) -> str:
    if value.__class__ is not list:
        raise unfit(f"@{name}", value)
    pieces: list[str] = []
    for item in value:
        if item.__class__ in (list, dict):
            raise JqError(f"@{name} cannot format an array including: {described(item)}")
        piece = escape(item) if item.__class__ is str else to_text(item)
        pieces.append("" if item is None and name != "sh" else piece)
        run.take(len(pieces[-1]) + 1)
        run.spend(1)
    return separator.join(pieces)


def to_csv(run: Run, value: Value) -> str:
    return _row(run, "csv", value, ",", lambda text: f'"{_csv(text)}"')


def to_tsv(run: Run, value: Value) -> str:
    return _row(run, "tsv", value, "\t", _tsv)


def to_shell(run: Run, value: Value) -> str:
    return _row(run, "sh", value if value.__class__ is list else [value], " ", lambda text: f"'{_shell(text)}'")


def to_base64(run: Run, value: Value) -> str:
    data = to_bytes(to_string(run, value))
    run.take(2 * len(data))
    return base64.b64encode(data).decode()


def from_base64(run: Run, value: Value) -> str:
    """What follows the first `=` does not count."""
    text = to_string(run, value).partition("=")[0].replace("\r", "").replace("\n", "")
    run.take(len(text))
    plain = _BASE64.match(text)
    wrong = plain.end() if plain is not None and plain.end() < len(text) else len(text) - 1
    if (plain is not None and plain.end() < len(text)) or len(text) % 4 == 1:
        raise JqError(f"@base64d cannot be applied to {shown(value)}: illegal base64 data at input byte {wrong}")
    return valid(from_bytes(binascii.a2b_base64(text + "=" * (-len(text) % 4))))


def format(run: Run, value: Value, name: Value) -> Value:
    if name.__class__ is not str:
        raise unfit("format", name)
    function = FORMATS.get(f"@{name}")
    if function is None:
        raise JqError(f"format not defined: @{name}")
    return function(run, value)


FORMATS: Final[dict[str, Function]] = {
    "@base64": to_base64,
    "@base64d": from_base64,
    "@csv": to_csv,
    "@html": to_html,
    "@json": to_json,
    "@sh": to_shell,
    "@text": to_string,
    "@tsv": to_tsv,
    "@uri": to_uri,
    "@urid": from_uri,
}

FUNCTIONS: Final[dict[tuple[str, int], Function]] = {
    ("ascii_downcase", 0): _changing("ascii_downcase", lambda text: text.translate(_LOWER)),
    ("ascii_upcase", 0): _changing("ascii_upcase", lambda text: text.translate(_UPPER)),
    ("endswith", 1): _comparing("endswith", str.endswith),
    ("explode", 0): explode,
    ("format", 1): format,
    ("implode", 0): implode,
    ("join", 1): join,
    ("ltrim", 0): _changing("ltrim", lambda text: text.lstrip(SPACES)),
    ("ltrimstr", 1): _comparing("ltrimstr", str.removeprefix),
    ("rtrim", 0): _changing("rtrim", lambda text: text.rstrip(SPACES)),
    ("rtrimstr", 1): _comparing("rtrimstr", str.removesuffix),
    ("split", 1): split_text,
    ("startswith", 1): _comparing("startswith", str.startswith),
    ("trim", 0): _changing("trim", lambda text: text.strip(SPACES)),
    ("trimstr", 1): _comparing("trimstr", lambda text, end: text.removeprefix(end).removesuffix(end)),
    ("utf8bytelength", 0): byte_length,
    **{(name, 0): function for name, function in FORMATS.items()},
}
