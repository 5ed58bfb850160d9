"""JSON as Go's `encoding/json` reads it, where that differs from our parsers: invalid UTF-8, unpaired surrogates and up to
10,000 levels are accepted, and what is not JSON is named in its words, which are the body of an answer.

The fast parsers go first; this is for what they refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from eventsources.go import text as go_text

MAX_DEPTH: Final = 10_000
_OPEN: Final = {ord("{"): ord("}"), ord("["): ord("]")}
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_STRING: Final = re.compile(rb'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
_WORDS: Final = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}
_NUMERIC: Final = frozenset(b"-0123456789")


class NotJson(ValueError):
    """The text is no JSON; the message is Go's."""


def compact(text: bytes, *, repair: bool = False) -> bytes:
    """The text without insignificant space, its strings and numbers as they were written. Raises NotJson.

    With `repair` they are as Go writes them after decoding: invalid UTF-8 and unpaired surrogates are U+FFFD, numbers went
    through float64.
    """
    return b"".join(_tokens(text, _repaired, _normal) if repair else _tokens(text, bytes, bytes))


def _normal(digits: bytes) -> bytes:
    return str(number(digits.decode())).encode()


def _repaired(string: bytes) -> bytes:
    if b"\\u" in string:
        string = _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], string)
    return go_text.decode(string).encode()


def _tokens(text: bytes, string_of: Callable[[bytes], bytes], number_of: Callable[[bytes], bytes]) -> list[bytes]:
    """Go's scanner, token by token."""
    tokens: list[bytes] = []
    closers: list[int] = []
    key = False
    at = _after_space(text, 0)
    while True:
        # A value, or the first thing in an object or array.
        start = at
        byte = _byte(text, at)
        fresh = bool(tokens) and tokens[-1] in (b"{", b"[")
        if fresh and byte == closers[-1]:
            tokens.append(bytes((closers.pop(),)))
            at += 1
        elif key:
            if byte != ord('"'):
                raise _unexpected(byte, "looking for beginning of object key string")
            at = _string_end(text, at)
            tokens.append(string_of(text[start:at]))
            at = _after_space(text, at)
            if (byte := _byte(text, at)) != ord(":"):
                raise _unexpected(byte, "after object key")
            tokens.append(b":")
            at = _after_space(text, at + 1)
            key = False
            continue
        elif byte in _OPEN:
            if len(closers) == MAX_DEPTH:
                raise NotJson("exceeded max depth")
            closers.append(_OPEN[byte])
            tokens.append(text[at : at + 1])
            key = byte == ord("{")
            at = _after_space(text, at + 1)
            continue
        elif byte == ord('"'):
            at = _string_end(text, at)
            tokens.append(string_of(text[start:at]))
        elif byte in _NUMERIC:
            at = _number_end(text, at)
            tokens.append(number_of(text[start:at]))
        elif byte in _WORDS:
            at = _word_end(text, at, _WORDS[byte])
            tokens.append(text[start:at])
        else:
            raise _unexpected(byte, "looking for beginning of value")
        # A value has ended: what may follow depends on what it is in.
        while True:
            at = _after_space(text, at)
            if not closers:
                if at < len(text):
                    raise _unexpected(text[at], "after top-level value")
                return tokens
            byte = _byte(text, at)
            at += 1
            if byte == ord(","):
                tokens.append(b",")
                key = closers[-1] == ord("}")
                at = _after_space(text, at)
                break
            if byte != closers[-1]:
                context = "after object key:value pair" if closers[-1] == ord("}") else "after array element"
                raise _unexpected(byte, context)
            tokens.append(bytes((closers.pop(),)))


def _after_space(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _byte(text: bytes, at: int) -> int:
    if at >= len(text):
        raise NotJson("unexpected end of JSON input")
    return text[at]


def _unexpected(byte: int, context: str) -> NotJson:
    return NotJson(f"invalid character {go_text.quote_character(chr(byte))} {context}")


def _string_end(text: bytes, at: int) -> int:
    found = _STRING.match(text, at + 1)
    assert found is not None
    at = found.end()
    byte = _byte(text, at)
    if byte == ord('"'):
        return at + 1
    if byte != ord("\\"):
        raise _unexpected(byte, "in string literal")
    escape = _byte(text, at + 1)
    if escape != ord("u"):
        raise _unexpected(escape, "in string escape code")
    at += 2
    while (byte := _byte(text, at)) in b"0123456789abcdefABCDEF":
        at += 1
    raise _unexpected(byte, "in \\u hexadecimal character escape")


def _number_end(text: bytes, at: int) -> int:
    found = _NUMBER.match(text, at)
    if found is None:  # a minus sign without digits
        raise _unexpected(_byte(text, at + 1), "in numeric literal")
    end = found.end()
    part = found[0]
    follows = text[end] if end < len(text) else 0
    if follows == ord(".") and b"." not in part and not _has_exponent(part):
        raise _unexpected(_byte(text, end + 1), "after decimal point in numeric literal")
    if follows in b"eE" and follows and not _has_exponent(part):
        sign = _byte(text, end + 1)
        wrong = _byte(text, end + 2) if sign in b"+-" else sign
        raise _unexpected(wrong, "in exponent of numeric literal")
    return end


def _has_exponent(number: bytes) -> bool:
    return b"e" in number or b"E" in number


def _word_end(text: bytes, at: int, word: bytes) -> int:
    for offset in range(1, len(word)):
        if (byte := _byte(text, at + offset)) != word[offset]:
            expected = go_text.quote_character(chr(word[offset]))
            raise _unexpected(byte, f"in literal {word.decode()} (expecting {expected})")
    return at + len(word)


def decode(text: bytes) -> Any:
    """The value as Go decodes it into `any` and writes it again: every number goes through float64, and an integer comes
    back as `int`. Raises NotJson, also for a number beyond float64."""
    try:
        return msgspec.json.decode(compact(text, repair=True))
    except (msgspec.DecodeError, RecursionError):
        raise NotJson("exceeded max depth") from None


def number(text: str) -> int | float:
    """A number as Go writes the float64 it reads: 1.0 and 1e3 are 1 and 1000. Raises NotJson beyond float64."""
    value = float(text)
    if value - value != 0:
        raise NotJson(f"json: cannot unmarshal number {text} into Go value of type float64")
    return _whole(value) if value.is_integer() and abs(value) < 1e21 else value


def _whole(value: float) -> int:
    # The shortest digits that mean this float64, not its exact value: those are what Go prints.
    digits, _, exponent = repr(value).partition("e")
    whole, _, fraction = digits.partition(".")
    if not exponent:
        return int(whole)
    zeros = int(exponent) - len(fraction)
    return int(whole + fraction + "0" * zeros)
