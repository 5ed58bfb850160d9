"""sprig's functions of strings: parts, affixes, lists of strings, quotes."""

from __future__ import annotations

from typing import Any, Final

from sensors.languages.go.format import show
from sensors.languages.go.limits import GoError, check_items, check_text
from sensors.languages.go.text import (
    SPACES,
    byte_length,
    is_digit,
    is_letter,
    lower,
    quote,
    slice_bytes,
    title,
    upper,
    valid,
)
from sensors.languages.go.values import StringMap, Strings, elements
from sensors.languages.gotemplate.functions import ANY, INT, STRING, Function


def string_of(value: Any) -> str:
    """A value as text, as `toString` makes it."""
    return value if value.__class__ is str else show(value)


def strings_of(value: Any) -> Strings:
    """The elements of a list as texts, without nils; what is no list is the only element."""
    if value.__class__ is Strings:
        return value
    if isinstance(value, list):
        return Strings(string_of(element) for element in elements(value) if element is not None)
    return Strings() if value is None else Strings([string_of(value)])


def joined_by(separator: str, texts: list[str]) -> str:
    """Texts with a separator between them. Raises GoError if that is too long."""
    check_text(sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0))
    return separator.join(texts)


def _upper(text: str) -> str:
    return text.upper() if text.isascii() else "".join(map(upper, valid(text)))


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(lower, valid(text)))


def _title(text: str) -> str:
    """Each letter that follows a blank or a sign as a title has it."""
    result: list[str] = []
    before = " "
    for character in valid(text):
        result.append(title(character) if _separates(before) else character)
        before = character
    return "".join(result)


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return not is_letter(character) and not is_digit(character) and character in SPACES


def _substr(start: int, end: int, text: str) -> str:
    length = byte_length(text)
    if start < 0:
        return _slice(text, 0, end, length)
    if end < 0 or end > length:
        return _slice(text, start, length, length)
    return _slice(text, start, end, length)


def _slice(text: str, start: int, end: int, length: int) -> str:
    if not 0 <= start <= end <= length:
        raise GoError(f"bytes {start} to {end} are out of range, for there are {length}")
    return slice_bytes(text, start, end)


def _trunc(count: int, text: str) -> str:
    length = byte_length(text)
    if count < 0 and length + count > 0:
        return slice_bytes(text, length + count, length)
    return slice_bytes(text, 0, count) if 0 <= count < length else text


def _repeat(count: int, text: str) -> str:
    if count < 0:
        raise GoError("a text cannot be repeated less than 0 times")
    check_text(count * len(text))
    return text * count


def _replace(old: str, new: str, text: str) -> str:
    check_text(len(text) + max(len(new) - len(old), 0) * text.count(old))
    return text.replace(old, new)


def _indent(spaces: int, text: str) -> str:
    if spaces < 0:
        raise GoError("a text cannot be indented by less than 0 blanks")
    check_text(len(text) + spaces * (text.count("\n") + 1))
    pad = " " * spaces
    return pad + text.replace("\n", f"\n{pad}")


def _split_list(separator: str, text: str) -> Strings:
    check_items(text.count(separator))
    return Strings(text.split(separator) if separator else text)


def _split(separator: str, text: str) -> StringMap:
    return StringMap((f"_{index}", part) for index, part in enumerate(_split_list(separator, text)))


def _splitn(separator: str, most: int, text: str) -> StringMap:
    if most == 0:
        return StringMap()
    if most < 0:
        return _split(separator, text)
    check_items(min(most, text.count(separator)))
    if separator:
        parts = text.split(separator, most - 1)
    else:
        parts = [*text[: most - 1], text[most - 1 :]] if len(text) > most - 1 else list(text)
    return StringMap((f"_{index}", part) for index, part in enumerate(parts))


def _quote(*values: Any) -> str:
    return joined_by(" ", [quote(string_of(value)) for value in values if value is not None])


def _squote(*values: Any) -> str:
    return joined_by(" ", [f"'{show(value)}'" for value in values if value is not None])


def _cat(*values: Any) -> str:
    return joined_by(" ", [show(value) for value in values if value is not None])


def _sort_alpha(value: Any) -> Strings:
    if not isinstance(value, list):
        return Strings([string_of(value)])
    texts = strings_of(value)
    # A list of strings is sorted where it is.
    texts.sort()
    return texts


FUNCTIONS: Final = (
    Function("hello", lambda: "Hello!"),
    Function("upper", _upper, (STRING,)),
    Function("lower", _lower, (STRING,)),
    Function("title", _title, (STRING,)),
    Function("trim", lambda text: text.strip(SPACES), (STRING,)),
    Function("trimAll", lambda characters, text: text.strip(characters), (STRING, STRING)),
    Function("trimall", lambda characters, text: text.strip(characters), (STRING, STRING)),
    Function("trimPrefix", lambda prefix, text: text.removeprefix(prefix), (STRING, STRING)),
    Function("trimSuffix", lambda suffix, text: text.removesuffix(suffix), (STRING, STRING)),
    Function("contains", lambda part, text: part in text, (STRING, STRING)),
    Function("hasPrefix", lambda prefix, text: text.startswith(prefix), (STRING, STRING)),
    Function("hasSuffix", lambda suffix, text: text.endswith(suffix), (STRING, STRING)),
    Function("substr", _substr, (INT, INT, STRING)),
    Function("trunc", _trunc, (INT, STRING)),
    Function("repeat", _repeat, (INT, STRING)),
    Function("replace", _replace, (STRING, STRING, STRING)),
    Function("indent", _indent, (INT, STRING)),
    Function("nindent", lambda spaces, text: "\n" + _indent(spaces, text), (INT, STRING)),
    Function("plural", lambda one, many, count: one if count == 1 else many, (STRING, STRING, INT)),
    Function("split", _split, (STRING, STRING)),
    Function("splitn", _splitn, (STRING, INT, STRING)),
    Function("splitList", _split_list, (STRING, STRING)),
    Function("join", lambda separator, value: joined_by(separator, strings_of(value)), (STRING, ANY)),
    Function("sortAlpha", _sort_alpha, (ANY,)),
    Function("toString", string_of, (ANY,)),
    Function("toStrings", strings_of, (ANY,)),
    Function("quote", _quote, (ANY,), variadic=True),
    Function("squote", _squote, (ANY,), variadic=True),
    Function("cat", _cat, (ANY,), variadic=True),
)
