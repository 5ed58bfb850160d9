"""The library `string`. Texts are bytes, except where gopher-lua uses functions of Go that know letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sensors.languages.go.text import from_bytes, lower, to_bytes, upper, valid
from sensors.languages.lua.arguments import check_integer, check_text, optional_integer
from sensors.languages.lua.format import format_values
from sensors.languages.lua.matching import find, gmatch, gsub, match
from sensors.languages.lua.run import PLACE_SIZE, Run, fail
from sensors.languages.lua.values import Value


def byte(run: Run, *arguments: Value) -> Value:
    text, first, last, *_ = (*arguments, None, None, None)
    characters = check_text(text, 1)
    length = len(characters)
    start, end = optional_integer(first, 2, 1) - 1, optional_integer(last, 3, -1)
    start = length + start + 1 if start < 0 else start
    end = length + end + 1 if end < 0 else end
    if len(arguments) == 2:
        return float(ord(characters[start])) if 0 <= start < length else ()
    count = max(min(end, length) - max(start, 0), 0)
    run.take(PLACE_SIZE * count)
    run.spend(count)
    return tuple(float(ord(each)) for each in characters[max(start, 0) : max(end, 0)])


def char(run: Run, *codes: Value) -> Value:
    run.take(len(codes))
    return "".join(chr(check_integer(code, place) & 255) for place, code in enumerate(codes, 1))


def dump(run: Run, *_: Value) -> Value:
    raise fail("GopherLua does not support the string.dump")


def format(run: Run, *arguments: Value) -> Value:
    layout = check_text(arguments[0] if arguments else None, 1)
    run.take(len(layout))
    return format_values(run, layout, arguments[1:])


def len_(run: Run, text: Value = None, *_: Value) -> Value:
    return float(len(check_text(text, 1)))


def lower_(run: Run, text: Value = None, *_: Value) -> Value:
    characters = check_text(text, 1)
    run.take(len(characters))
    return characters.lower() if characters.isascii() else _mapped(run, characters, lower)


def upper_(run: Run, text: Value = None, *_: Value) -> Value:
    characters = check_text(text, 1)
    run.take(len(characters))
    return characters.upper() if characters.isascii() else _mapped(run, characters, upper)


def _mapped(run: Run, text: str, change: Callable[[str], str]) -> str:
    run.spend(len(text))
    letters = valid(from_bytes(text.encode("latin-1")))
    return to_bytes("".join(map(change, letters))).decode("latin-1")


def rep(run: Run, text: Value = None, count: Value = None, *_: Value) -> Value:
    characters, times = check_text(text, 1), check_integer(count, 2)
    if times <= 0:
        return ""
    run.take(len(characters) * times)
    return characters * times


def reverse(run: Run, text: Value = None, *_: Value) -> Value:
    characters = check_text(text, 1)
    run.take(len(characters))
    return characters[::-1]


def sub(run: Run, *arguments: Value) -> Value:
    text, first, last, *_ = (*arguments, None, None, None)
    characters = check_text(text, 1)
    length = len(characters)
    start, end = check_integer(first, 2), optional_integer(last, 3, -1)
    start = start - 1 if start > 0 else max(length + start, 0) if start < 0 else 0
    end = max(length + end + 1, 0) if end < 0 else min(end, length)
    run.take(max(end - start, 0))
    return characters[start:end] if start < end else ""


FUNCTIONS: Final = {
    "byte": byte,
    "char": char,
    "dump": dump,
    "find": find,
    "format": format,
    "gfind": gmatch,
    "gmatch": gmatch,
    "gsub": gsub,
    "len": len_,
    "lower": lower_,
    "match": match,
    "rep": rep,
    "reverse": reverse,
    "sub": sub,
    "upper": upper_,
}
