"""snake_case, kebab-case and PascalCase, with words told apart as xstrings 1.5 tells them apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from sensors.languages.go.text import SPACES, is_letter, is_number, is_punctuation, is_upper, lower, upper, valid

_CONNECTORS: Final = "-_"
_NO_ALPHABET: Final = re.compile("[\u3400-\u4d85\u4e00-\u9fcc\U00020000-\U0002b81d]")
"""Letters of Chinese and Japanese, which have no case and are no words of several letters."""


class _Word(NamedTuple):
    """`kind` is number, upper, letters, connector, punctuation, other, or nothing at the end of a text."""

    kind: str
    text: str


def _is_connector(character: str) -> bool:
    return character in _CONNECTORS or character in SPACES


def _is_alphabet(character: str) -> bool:
    return is_letter(character) and not _NO_ALPHABET.match(character)


def pascal_case(text: str) -> str:
    """Words joined, each with a capital first; connectors at the ends, and all but one of several, are kept."""
    if not text:
        return ""
    text = valid(text)
    result: list[str] = []
    at = 0
    while at < len(text) and _is_connector(text[at]):
        result.append(text[at])
        at += 1
    if at == len(text):
        # The last of nothing but connectors comes twice.
        return "".join(result) + text[-1]
    # A word that begins with a capital goes on with small letters as long as there are capitals.
    lowers = is_upper(text[at])
    current = upper(text[at])
    for character in text[at + 1 :]:
        before, current = current, character
        if _is_connector(current) and _is_connector(before):
            result.append(before)
            continue
        if _is_connector(before):
            lowers = is_upper(current)
            current = upper(current)
            continue
        if lowers:
            if is_upper(current):
                current = lower(current)
            else:
                lowers = False
        result.append(before)
    return "".join(result) + current


def snake_case(text: str) -> str:
    return _separated(text, "_")


def kebab_case(text: str) -> str:
    return _separated(text, "-")


def _separated(text: str, connector: str) -> str:
    """Words in small letters with a connector between them; a number belongs to the letters after it, if there are some."""
    if not text:
        return ""
    words = _Words(valid(text))
    result: list[str] = []

    def put(word: _Word) -> None:
        result.append(_lowered(word, connector))

    def connect(following: _Word, *kinds: str) -> None:
        if following.kind not in kinds:
            result.append(connector)

    word = words.next()
    while words.are_left():
        if word.kind != "connector":
            put(word)
        before, word = word, words.next()
        match before.kind:
            case "number":
                word = _put_run(words, word, put)
                connect(word, "nothing", "punctuation", "connector")
            case "connector":
                put(before)
            case "punctuation":
                pass
            case _ if word.kind != "number":
                connect(word, "connector", "punctuation")
            case _ if words.are_left():
                number, word = word, words.next()
                if word.kind == "letters":
                    result.append(connector)
                    put(number)
                    word = _put_run(words, word, put)
                    connect(word, "nothing", "connector", "punctuation")
                else:
                    put(number)
                    connect(word, "connector", "punctuation")
    put(word)
    return "".join(result)


def _put_run(words: _Words, word: _Word, put: Callable[[_Word], None]) -> _Word:
    """Puts letters and numbers, and gives the word after them."""
    while word.kind in ("letters", "number"):
        put(word)
        word = words.next()
    return word


def _lowered(word: _Word, connector: str) -> str:
    if word.kind not in ("upper", "connector"):
        return word.text
    return "".join(
        connector if _is_connector(character) else lower(character) if is_upper(character) else character
        for character in word.text
    )


class _Words:
    """Takes words off a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def are_left(self) -> bool:
        return self._at < len(self._text)

    def next(self) -> _Word:
        """The next word, which is of kind nothing if there is none."""
        text, start = self._text, self._at
        if start == len(text):
            return _Word("nothing", "")
        kind = _kind(text[start])
        end = start + 1
        if kind == "upper":
            end = self._end_of_capital(start)
        else:
            while end < len(text) and _continues(kind, text[end]):
                end += 1
        self._at = end
        return _Word(kind, text[start:end])

    def _end_of_capital(self, start: int) -> int:
        """After small letters that follow a capital, or after capitals, the last of which may begin another word."""
        text, end = self._text, start + 1
        if end < len(text) and is_upper(text[end]):
            while end < len(text) and is_upper(text[end]):
                end += 1
            return end - 1 if end < len(text) and _is_alphabet(text[end]) else end
        while end < len(text) and _continues("letters", text[end]):
            end += 1
        return end


def _kind(character: str) -> str:
    if _is_connector(character):
        return "connector"
    if is_punctuation(character):
        return "punctuation"
    if is_upper(character):
        return "upper"
    if _is_alphabet(character):
        return "letters"
    return "number" if is_number(character) else "other"


def _continues(kind: str, character: str) -> bool:
    """Whether a character belongs to a word of this kind that is before it."""
    match kind:
        case "number":
            return is_number(character)
        case "punctuation":
            return is_punctuation(character)
        case "connector":
            return _is_connector(character)
        case "letters":
            return _is_alphabet(character) and not is_upper(character)
    return _kind(character) == "other"
