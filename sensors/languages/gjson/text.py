"""Reading raw JSON text without parsing it: where a value ends, what a string says, which members follow each other.

gjson looks at the text and only at as much of it as it needs. It expects valid JSON and shrugs at the rest, in ways that
can be observed (a path into a string that contains a bracket, for one), so the character classes below are gjson's own,
wider than the grammar of RFC 8259. All scanning is done by possessive patterns: no backtracking, time linear in the text.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final

from sensors.languages.gjson.result import ABSENT, Result, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

# Runs between escapes and between strings are taken at one go, which halves the time of a scan.
_CHARS: Final = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
_PLAIN: Final = r'[^"{}\[\]()]*+'
_DEPTH: Final = 12  # containers nested deeper are closed by counting, which is slower


def _balanced(depth: int) -> str:
    inner = f"|{_balanced(depth - 1)}{_PLAIN}" if depth else ""
    return rf'[{{\[(]{_PLAIN}(?:"{_CHARS}"{_PLAIN}{inner})*+[}}\])]'


_START: Final = r'"{\[ntf+\-0-9iIN'
_NUMBER_TAIL: Final = r"[^\x00-\x20,\]}]*+"
_LITERAL: Final = r"(?:[tf]|n(?=u|\Z))[a-z]*+"

_STRING = re.compile(f'"({_CHARS})"', re.DOTALL)
_CONTAINER = re.compile(_balanced(_DEPTH), re.DOTALL)
_RUN = re.compile(rf'{_PLAIN}(?:"{_CHARS}"{_PLAIN}|{_balanced(_DEPTH)}{_PLAIN})*+', re.DOTALL)
_UNBALANCED: Final = ("", '"')
_TOKEN = re.compile(rf'"{_CHARS}(?:"|\\?\Z)|([{{\[(])|[}}\])]', re.DOTALL)
_SCALAR = re.compile(f'{_LITERAL}|[^{{\\["]{_NUMBER_TAIL}', re.DOTALL)
_VALUE = re.compile(f'"{_CHARS}"|{_LITERAL}|[^{{\\["]{_NUMBER_TAIL}|{_balanced(_DEPTH)}', re.DOTALL)
_KEY = re.compile(rf'[^"}}]*+(?:}}|("{_CHARS}")[^{_START}]*+)', re.DOTALL)
_ITEM = re.compile(rf"[^{_START}\]]*+", re.DOTALL)
_ANY = re.compile(rf"[^{_START}]*+", re.DOTALL)

_GOOD = re.compile(r'(?:[^\x00-\x1f\\]++|\\["\\/bfnrt]|\\u.{4})*+', re.DOTALL)
_ESCAPE = re.compile(r"\\u([dD][89a-fA-F][0-9a-fA-F]{2})(?:\\u(.{4}))?|\\u(.{4})|\\(.)", re.DOTALL)
_CONTROLS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = re.compile("[0-9a-fA-F]{4}")

_INSIGNIFICANT = re.compile(rf'("{_CHARS}(?:"|\\?\Z))|[\x00-\x20]+', re.DOTALL)
_BLANKS: Final = "".join(map(chr, range(0x21)))
_NOT_FOR_HTML: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def find_key(text: str, at: int) -> tuple[str | None, int]:
    """The next key of an object from ``at`` on and the place where its value begins.

    None for the key: the object ends there, by its brace or with the text.
    """
    found = _KEY.match(text, at)
    if found is None:
        return None, len(text)
    raw = found[1]
    if raw is None:
        return None, found.end()
    return content(raw), found.end()


def find_item(text: str, at: int) -> int:
    """Where the next element of an array, or the bracket that closes it, begins; len(text) when neither follows."""
    found = _ITEM.match(text, at)
    return found.end() if found else at


def skip_value(text: str, at: int) -> int:
    """Where the value that begins at ``at`` ends; -1 for a string that never does."""
    found = _VALUE.match(text, at)
    if found is not None:
        return found.end()
    return -1 if text[at] == '"' else skip_container(text, at)


def skip_container(text: str, at: int) -> int:
    """Where the group that begins at ``at`` ends. Brackets of all kinds count alike; an open group ends with the text."""
    found = _CONTAINER.match(text, at)
    if found is not None:
        return found.end()
    depth = 1
    while True:
        run = _RUN.match(text, at + 1)
        at = run.end() if run else at + 1
        character = text[at : at + 1]
        if character in _UNBALANCED:
            return len(text)
        depth += 1 if character in "{[(" else -1
        if depth == 0:
            return at + 1


def skip_argument(text: str) -> int:
    """Where the string or group that ``text`` begins with ends."""
    if text[0] != '"':
        return skip_container(text, 0)
    found = _STRING.match(text)
    return found.end() if found else len(text)


def read_value(text: str, at: int) -> tuple[int, Result]:
    """The value that begins at ``at`` and where it ends; -1 and nothing for a string that never does."""
    first = text[at]
    if first == '"':
        found = _STRING.match(text, at)
        if found is None:
            return -1, ABSENT
        raw = found[0]
        return found.end(), Result(Type.STRING, raw, content(raw), at)
    if first in "{[":
        end = skip_container(text, at)
        return end, Result(Type.JSON, text[at:end], "", at)
    scalar = _SCALAR.match(text, at)
    end = scalar.end() if scalar else at + 1
    return end, Result(_scalar_type(text, at), text[at:end], "", at)


def read_any(text: str, at: int) -> tuple[int, Result] | None:
    """The next value at or after ``at``, whatever stands before it; None when there is none."""
    found = _ANY.match(text, at)
    if found is None or found.end() >= len(text):
        return None
    end, value = read_value(text, found.end())
    return None if end < 0 else (end, value)


def parse(text: str) -> Result:
    """The text as one value. Of an object or array everything up to the end of the text is its raw."""
    body = text.lstrip(_BLANKS)
    at = len(text) - len(body)
    if body == "":
        return ABSENT
    first = body[0]
    if first in "{[":
        return Result(Type.JSON, body, "", at)
    if first not in '"ntf+-0123456789iIN':
        return ABSENT
    end, value = read_value(text, at)
    if end < 0:
        return Result(Type.STRING, body, unescape(body[1:]) if "\\" in body else body[1:], at)
    return value


def members(value: Result) -> Iterator[tuple[str, str, Result]]:
    """Key, key as spelled (both empty in an array) and value of each member; a scalar is its own only member."""
    if not value.exists:
        return
    if value.type is not Type.JSON:
        yield "", "", value
        return
    text = value.raw
    is_object = text.startswith("{")
    at = 1
    while at < len(text):
        key = spelled = ""
        if is_object:
            opening = text.find('"', at)
            found = _STRING.match(text, opening) if opening >= 0 else None
            if found is None:
                return
            spelled, at = found[0], found.end()
            key = content(spelled)
        read = read_any(text, at)
        if read is None:
            return
        at, member = read
        yield key, spelled, member
        at += 1


def valid(text: str) -> bool:
    """Whether the text is one JSON value; nesting beyond Python's recursion limit counts as not valid."""
    try:
        json.loads(text, parse_int=float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def nesting(text: str) -> int:
    """How many groups are open at the deepest place of the text."""
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        if token[1] is not None:
            depth += 1
            deepest = max(deepest, depth)
        elif text[token.start()] != '"':
            depth -= 1
    return deepest


def content(raw: str) -> str:
    """What a quoted string says."""
    return unescape(raw[1:-1]) if "\\" in raw else raw[1:-1]


def unescape(text: str) -> str:
    """The text without its JSON escapes, cut before the first one that is none; half a surrogate pair is U+FFFD."""
    good = _GOOD.match(text)
    if good is not None and good.end() < len(text):
        text = good[0]
    return _ESCAPE.sub(_unescaped, text)


def quote(text: str) -> str:
    """The text as a JSON string, with < > & and the two line separators escaped as Go does."""
    quoted = encode_basestring(text)
    for character, escape in _NOT_FOR_HTML.items():
        quoted = quoted.replace(character, escape)
    return quoted


def compact(text: str) -> str:
    """The text without what is blank outside of its strings."""
    return _INSIGNIFICANT.sub(r"\1", text)


def _scalar_type(text: str, at: int) -> Type:
    first = text[at]
    if first == "t":
        return Type.TRUE
    if first == "f":
        return Type.FALSE
    return Type.NULL if first == "n" and text[at + 1 : at + 2] in ("u", "") else Type.NUMBER


def _unescaped(escape: re.Match[str]) -> str:
    surrogate, second, code, letter = escape.groups()
    if letter is not None:
        return _CONTROLS.get(letter, letter)
    if code is not None:
        return chr(_unit(code))
    # The escape after half a pair belongs to it, whether it completes it or not.
    high, low = _unit(surrogate), _unit(second or "")
    if high < 0xDC00 <= low <= 0xDFFF:
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return "\ufffd"


def _unit(digits: str) -> int:
    return int(digits, 16) if _HEX.fullmatch(digits) else 0


def _refuse(constant: str) -> float:
    raise ValueError(constant)
