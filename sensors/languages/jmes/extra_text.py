"""Functions on text: letters, parts, encodings, digests. Behaviour is that of Kyverno's functions of these names."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Callable
from typing import Any, Final

from sensors.languages.go import text as go_text
from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.function import Function, Parameter
from sensors.languages.jmes.limits import check_length
from sensors.languages.semver import parse_range, parse_version

_TRUTHS: Final = {"true": True, "false": False}
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_UNFOLDED: Final = "\u0130\u0131"
"""The i with a dot in capitals and the one without in small letters, which in Unicode's simple folding are no pairs."""


def _compare(left: str, right: str) -> int:
    return (left > right) - (left < right)


def _equal_fold(left: str, right: str) -> bool:
    return left == right or (len(left) == len(right) and _folded(left) == _folded(right))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(c if c in _UNFOLDED else go_text.lower(go_text.upper(go_text.lower(c))) for c in text)


def _to_upper(text: str) -> str:
    return text.upper() if text.isascii() else "".join(map(go_text.upper, text))


def _to_lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(go_text.lower, text))


def _replace(text: str, old: str, new: str, most: float = -1) -> str:
    """The first `most` of the old texts are replaced, all of them if it is negative."""
    found, wanted = text.count(old), int(most)
    count = found if wanted < 0 else min(wanted, found)
    check_length(len(text) + count * (len(new) - len(old)))
    return text.replace(old, new, count)


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _to_boolean(text: str) -> bool:
    truth = _TRUTHS.get(text.lower())
    if truth is None:
        raise JmesRuntimeError("to_boolean() wants 'true' or 'false' in any letter case")
    return truth


def _truncate(text: str, length: float) -> str:
    return text[: max(int(length), 0)]


def _path_canonicalize(path: str) -> str:
    # To POSIX two slashes at the start are another root than one; Go knows one root.
    return posixpath.normpath(re.sub("^/+", "/", path)) if path else ""


def _base64_decode(text: str) -> str:
    plain = text.replace("\n", "").replace("\r", "")
    if not _BASE64.fullmatch(plain):
        raise JmesRuntimeError("base64_decode() wants base64 with the standard alphabet and its padding")
    return go_text.valid(go_text.from_bytes(base64.b64decode(plain)))


def _base64_encode(text: str) -> str:
    check_length(len(text) * 4 // 3)
    return base64.b64encode(_utf8(text)).decode()


def _utf8(text: str) -> bytes:
    return text.encode(errors="replace")


def _digest(algorithm: Callable[[bytes], Any]) -> Callable[[str], str]:
    def digest(text: str) -> str:
        hexadecimal: str = algorithm(_utf8(text)).hexdigest()
        return hexadecimal

    return digest


def _reading(parse: Callable[[str], Any], function: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise JmesRuntimeError(f"{function}(): {error}") from error

    return read


_STRING: Final = Parameter(("string",))
_NUMBER: Final = Parameter(("number",))
_VERSION: Final = Parameter(("string",), read=_reading(parse_version, "semver_compare"))
_RANGE: Final = Parameter(("string",), read=_reading(parse_range, "semver_compare"))

TEXT: Final = (
    Function(
        "compare",
        (_STRING, _STRING),
        _compare,
        "number",
        about="-1, 0 or 1 as the first text comes before, is, or comes after the second",
        example="compare('a', 'b')",
    ),
    Function(
        "equal_fold",
        (_STRING, _STRING),
        _equal_fold,
        "boolean",
        about="whether texts are equal but for the case of letters",
        example="equal_fold('Main', 'MAIN')",
    ),
    Function(
        "to_lower",
        (_STRING,),
        _to_lower,
        "string",
        about="the text in small letters",
        example="to_lower('Main')",
    ),
    Function(
        "to_upper",
        (_STRING,),
        _to_upper,
        "string",
        about="the text in capitals",
        example="to_upper('main')",
    ),
    Function(
        "trim",
        (_STRING, _STRING),
        str.strip,
        "string",
        about="without the characters of the second text at both ends of the first",
        example="trim(' a-b- ', '- ')",
    ),
    Function(
        "trim_prefix",
        (_STRING, _STRING),
        str.removeprefix,
        "string",
        about="without the second text at its beginning",
        example="trim_prefix('refs/heads/main', 'refs/heads/')",
    ),
    Function(
        "split",
        (_STRING, _STRING),
        _split,
        "array",
        about="the parts between the separators; the characters if the separator is empty",
        example="split('a/b/c', '/')",
    ),
    Function(
        "replace",
        (_STRING, _STRING, _STRING, _NUMBER),
        _replace,
        "string",
        about="so many of the second text replaced by the third, all of them for a negative number",
        example="replace('a-b-c', '-', '.', `1`)",
    ),
    Function(
        "replace_all",
        (_STRING, _STRING, _STRING),
        _replace,
        "string",
        about="every occurrence of the second text replaced by the third",
        example="replace_all('a-b-c', '-', '.')",
    ),
    Function(
        "truncate",
        (_STRING, _NUMBER),
        _truncate,
        "string",
        about="the first so many characters",
        example="truncate('0123456789abcdef', `7`)",
    ),
    Function(
        "to_boolean",
        (_STRING,),
        _to_boolean,
        "boolean",
        about="the truth that `true` or `false` in any letter case stands for",
        example="to_boolean('True')",
    ),
    Function(
        "path_canonicalize",
        (_STRING,),
        _path_canonicalize,
        "string",
        about="the shortest path of the same meaning",
        example="path_canonicalize('/var//lib/../run/')",
    ),
    Function(
        "base64_decode",
        (_STRING,),
        _base64_decode,
        "string",
        about="the text that was encoded; bytes that are not UTF-8 become U+FFFD",
        example="base64_decode('aGVsbG8=')",
    ),
    Function(
        "base64_encode",
        (_STRING,),
        _base64_encode,
        "string",
        about="base64 with the standard alphabet and padding",
        example="base64_encode('hello')",
    ),
    Function(
        "md5",
        (_STRING,),
        _digest(lambda data: hashlib.md5(data, usedforsecurity=False)),
        "string",
        about="the digest in hexadecimal; no protection against forgery",
        example="md5('hello')",
    ),
    Function(
        "sha1",
        (_STRING,),
        _digest(lambda data: hashlib.sha1(data, usedforsecurity=False)),
        "string",
        about="the digest in hexadecimal; no protection against forgery",
        example="sha1('hello')",
    ),
    Function(
        "sha256",
        (_STRING,),
        _digest(hashlib.sha256),
        "string",
        about="the digest in hexadecimal",
        example="sha256('hello')",
    ),
    Function(
        "semver_compare",
        (_VERSION, _RANGE),
        lambda version, holds: holds(version),
        "boolean",
        about="whether a semantic version is within a range, such as `>=1.2.0 <2.0.0`, `1.2.x` or `<1.0.0 || 3.x`",
        example="semver_compare('1.4.2', '>=1.2.0 <2.0.0')",
    ),
)
