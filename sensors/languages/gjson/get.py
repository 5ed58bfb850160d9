"""gjson paths, the language of dataKey, contextKey and of data filters, with the answers of Go's tidwall/gjson 1.19.

    path = gjson.compile_path("body.commits.#(author.name==ann).id")
    found = path.get(event.data)           # a Result, or None where the path leads nowhere
    found.string(), found.number(), found.boolean(), found.raw, found.type

A path is looked up in the text of a document, not in what a parser made of it, because the text is what users see come
out: 1.50 stays 1.50, an object keeps its order and its blanks. For the many paths that are only keys and indexes and end
at a string, a truth or an integer, the parse has the same answer a hundred times cheaper: ``Path.read`` takes it from a
``Document``, and from the text where the parse cannot know.

Nothing is an error here but a path too long to be meant: what gjson does not understand finds nothing.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring
from typing import Any, Final

import orjson

from sensors.languages.gjson.path import Steps
from sensors.languages.gjson.result import Result, Type
from sensors.languages.gjson.search import search
from sensors.languages.gjson.text import parse as _parse
from sensors.languages.gjson.text import valid as _valid

__all__ = ["Document", "Path", "PathError", "Result", "Type", "compile_path", "parse", "valid"]

_MAX_LENGTH: Final = 4096
_MAX_LEVELS: Final = 128
_MAX_DIGS: Final = 2
_LEVEL: Final = re.compile(r"[.|(\[{]")
_NOT_PLAIN: Final = re.compile(r"[|*?]")
_NEGATIVE_ZERO: Final = re.compile(r"-0(?=[\s,\]}]|\Z)")
_NOTHING: Final = object()
_TRUE: Final = Result(Type.TRUE, "true")
_FALSE: Final = Result(Type.FALSE, "false")
_NULL: Final = Result(Type.NULL, "null")


class PathError(ValueError):
    """A path that cannot be searched in bounded time and stack."""


class Document:
    """A JSON text with what a parser made of it: one per event, shared by all paths that are read from it.

    ``parsed`` is the value of ``text`` by orjson, msgspec or json; without it every path is looked up in the text.
    ``trusted`` says that no key repeats, as where the text was written from ``parsed``; else that is found out when needed.
    """

    __slots__ = ("_string", "_trusted", "parsed", "text")

    def __init__(self, text: str | bytes, parsed: Any = _NOTHING, *, trusted: bool = False) -> None:
        self.text = text
        self.parsed = parsed
        self._string: str | None = None
        self._trusted: bool | None = trusted or None

    @property
    def string(self) -> str:
        if self._string is None:
            self._string = _decoded(self.text)
        return self._string

    @property
    def trusted(self) -> bool:
        """Whether the parse says what the text says: a parser keeps the last of repeated keys, gjson the first.

        A few microseconds, once per document.
        """
        if self._trusted is None:
            self._trusted = self.parsed is not _NOTHING and self._has_single_keys()
        return self._trusted

    def _has_single_keys(self) -> bool:
        """A key that was dropped took its colon with it, so no key repeats exactly when the text and the parse written
        out have the same number of colons. A colon spelled as an escape would make up for one that is missing.
        """
        text = self.text if isinstance(self.text, bytes) else self.text.encode(errors="replace")
        try:
            written = orjson.dumps(self.parsed)
        except orjson.JSONEncodeError:
            return False
        if written == text:
            return True
        if b"\\u003" in text and (b"\\u003a" in text or b"\\u003A" in text):
            return False
        return written.count(b":") == text.count(b":")


class Path:
    """A gjson path, read once; safe to share between threads."""

    __slots__ = ("_plain", "_steps", "text")

    def __init__(self, text: str) -> None:
        if len(text) > _MAX_LENGTH or len(_LEVEL.findall(text)) > _MAX_LEVELS:
            raise PathError(
                f"path {text[:40]!r}… has more than {_MAX_LEVELS} steps or {_MAX_LENGTH} characters; shorten it"
            )
        if text.count("@dig") > _MAX_DIGS:
            # Each dig inside another multiplies the work by the depth of the document.
            raise PathError(f"path {text[:40]!r}… digs more than {_MAX_DIGS} times; name the way instead")
        self.text = text
        self._steps = Steps()
        self._plain = _read_plain(text, self._steps)

    def get(self, text: str | bytes) -> Result | None:
        """What the path finds in a JSON text; None for nothing. Bytes are UTF-8, broken ones become U+FFFD."""
        return self._search(_decoded(text))

    def read(self, document: Document) -> Result | None:
        """As ``get`` of the document's text, but from its parse where that has the same answer.

        The raw of a string is then that string quoted, which may use other escapes than the source.
        """
        if self._plain is None or not document.trusted:
            return self._search(document.string)
        node = document.parsed
        if type(node) is not dict and type(node) is not list:
            return self._search(document.string)
        for key, index in self._plain:
            if type(node) is dict:
                node = node.get(key, _NOTHING)
                if node is _NOTHING:
                    return None
            elif type(node) is list:
                if index is None:
                    return self._search(document.string)
                if not 0 <= index < len(node):
                    return None
                node = node[index]
            else:
                return None
        kind = type(node)
        if kind is str:
            return Result(Type.STRING, encode_basestring(node), node)
        if kind is bool:
            return _TRUE if node else _FALSE
        if kind is int and (node or not _NEGATIVE_ZERO.search(document.string)):
            return Result(Type.NUMBER, str(node))
        # Objects, arrays and fractions are their spelling, and so is a zero where the text has a -0.
        return _NULL if node is None else self._search(document.string)

    def find(self, text: str) -> Result:
        """As ``get``, with ABSENT for nothing: the places of what was found matter to whoever edits the text."""
        return search(text, self.text, self._steps)

    def _search(self, text: str) -> Result | None:
        found = search(text, self.text, self._steps)
        return found if found.exists else None

    def __repr__(self) -> str:
        return f"Path({self.text!r})"


def compile_path(path: str) -> Path:
    """The path, ready to be searched for; PathError for more than 128 steps, 4096 characters or two ``@dig``."""
    return Path(path)


def parse(text: str | bytes) -> Result | None:
    """The whole text as one result; None where no value begins."""
    value = _parse(_decoded(text))
    return value if value.exists else None


def valid(text: str | bytes) -> bool:
    """Whether the text is one JSON value, by RFC 8259 (lone surrogate escapes are fine, as they are in Go)."""
    return _valid(_decoded(text))


def _decoded(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode(errors="replace")


def _read_plain(path: str, steps: Steps) -> list[tuple[str, int | None]] | None:
    """The keys and indexes of a path that has nothing else, None for other paths.

    An index of None marks a segment that means something of its own in an array: a ``#`` or an escape.
    """
    if path.startswith("..") or _NOT_PLAIN.search(path) or steps.head(path) != path:
        return None
    plain: list[tuple[str, int | None]] = []
    rest: str | None = path
    while rest is not None:
        step = steps.in_object(rest)
        if step.pipe is not None:
            return None
        segment = rest if step.rest is None else rest[: len(rest) - len(step.rest) - 1]
        special = "#" in segment or "\\" in segment
        plain.append((step.key, None if special else steps.in_array(rest).index))
        rest = step.rest
    return plain
