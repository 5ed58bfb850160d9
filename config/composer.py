"""YAML events -> values and places, in one pass and without recursion, so that no text can exhaust the stack.

As Go's yaml.v2 does: the last of repeated keys wins, a merge key takes effect where it stands, and keys that are
numbers or booleans become text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import yaml

from config.block import FieldPath, path_text
from config.errors import EventyardError, Fault, Place, Severity
from config.scalars import json_number, resolve_plain, resolve_tagged

_DEPTH: Final = 100
# Aliases may repeat what was written until a document holds this many values more than its text does.
_ALIASED: Final = 100_000
_MERGE: Final = "<<"
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_LITERAL_BOOLEANS: Final = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


class BadDocument(Exception):
    """A document that is given up; line and column count from 0 within the text."""

    def __init__(self, what: str, line: int, column: int, fix: str = "", code: str = "not-yaml") -> None:
        super().__init__(what)
        self.what, self.line, self.column, self.fix, self.code = what, line, column, fix, code


class Events(Protocol):
    """A PyYAML loader, seen from here."""

    def get_event(self) -> Any: ...


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not complete yet. `key` is that of the value to come; `merging` if it is `<<`."""

    container: dict[str, Any] | list[Any]
    path: FieldPath
    anchor: str | None
    weight: int = 1
    key: str | None = None
    merging: bool = False
    written: dict[str, int] = field(default_factory=dict)
    torn: bool = False

    @property
    def wants_key(self) -> bool:
        return isinstance(self.container, dict) and self.key is None and not self.merging


class Composer:
    """Composes document after document; `value` and `places` are those of the last one."""

    def __init__(self, loader: Events, file: str, line: int, faults: list[Fault]) -> None:
        self.value: Any = None
        self.places: dict[FieldPath, tuple[int, int]] = {}
        self._loader, self._file, self._line, self._faults = loader, file, line, faults
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._aliased = 0
        self._stack: list[_Open] = []

    def next_document(self) -> bool:
        """Whether there was another document. Raises BadDocument, and what PyYAML raises for bad syntax."""
        while not isinstance(event := self._loader.get_event(), yaml.DocumentStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                return False
        self.value, self.places, self._anchors, self._aliased, self._stack = None, {}, {}, 0, []
        while not isinstance(event := self._loader.get_event(), yaml.DocumentEndEvent):
            self._take(event)
        return True

    def _take(self, event: Any) -> None:
        stack, mark, kind = self._stack, event.start_mark, type(event)
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            done = stack.pop()
            if done.anchor:
                self._anchors[done.anchor] = (done.container, done.weight)
            self._add(done.container, done.weight, mark)
        elif kind is yaml.ScalarEvent:
            if stack and stack[-1].wants_key:
                self._scalar_key(stack[-1], event)
                return
            value = self._scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1)
            self._place(mark)
            self._add(value, 1, mark)
        elif kind is yaml.AliasEvent:
            value, weight = self._alias(event.anchor, mark)
            if stack and stack[-1].wants_key:
                self._key(stack[-1], value, str(value), mark)
                return
            self._place(mark)
            self._add(value, weight, mark)
        else:
            self._open(event, mark)

    def _open(self, event: Any, mark: Any) -> None:
        stack = self._stack
        if stack and stack[-1].wants_key:
            raise BadDocument(
                "a mapping or list stands where a key should",
                mark.line,
                mark.column,
                "put quotes around a value that begins with '{' or '['",
            )
        if len(stack) == _DEPTH:
            raise BadDocument(f"nested deeper than {_DEPTH} levels", mark.line, mark.column, code="too-deep")
        container: dict[str, Any] | list[Any] = {} if type(event) is yaml.MappingStartEvent else []
        if event.anchor:
            self._anchors[event.anchor] = None
        stack.append(_Open(container, self._place(mark), event.anchor))

    def _place(self, mark: Any) -> FieldPath:
        """The path of the value that begins here, its place noted; a field's place is that of its key."""
        if not self._stack:
            path: FieldPath = ()
        else:
            inner = self._stack[-1]
            if isinstance(inner.container, dict):
                return (*inner.path, _MERGE if inner.key is None else inner.key)
            path = (*inner.path, len(inner.container))
        self.places[path] = (self._line + mark.line + 1, mark.column + 1)
        return path

    def _add(self, value: Any, weight: int, mark: Any) -> None:
        if not self._stack:
            self.value = value
            return
        inner = self._stack[-1]
        inner.weight += weight
        if isinstance(inner.container, list):
            inner.container.append(value)
        elif inner.merging:
            inner.merging = False
            for source in reversed(value if isinstance(value, list) else [value]):
                if not isinstance(source, dict):
                    raise BadDocument("a merge key '<<' takes a mapping or a list of mappings", mark.line, mark.column)
                inner.container.update(source)
        else:
            assert inner.key is not None  # a key came before its value
            inner.container[inner.key] = value
            inner.key = None

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag is None and not event.implicit[0]:
            return text
        try:
            value = resolve_plain(text) if event.tag is None else resolve_tagged(event.tag, text)
            return json_number(value) if isinstance(value, float) else value
        except EventyardError as error:
            raise BadDocument(error.what, event.start_mark.line, event.start_mark.column, error.fix) from None

    def _scalar_key(self, inner: _Open, event: Any) -> None:
        if event.value == _MERGE and (event.implicit[0] or event.tag == _MERGE_TAG):
            inner.merging = True
            return
        value = self._scalar(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._key(inner, value, event.value, event.start_mark)

    def _key(self, inner: _Open, value: Any, text: str, mark: Any) -> None:
        line, column = self._line + mark.line + 1, mark.column + 1
        if value is None or isinstance(value, dict | list):
            raise BadDocument("a key is empty or no text", mark.line, mark.column, "write every key as text")
        if isinstance(value, bool):
            key = "true" if value else "false"
            if text not in _LITERAL_BOOLEANS:
                what = f"the unquoted key '{text}' is a boolean in YAML, so it is read as '{key}'"
                self._warn(
                    what, line, column, (*inner.path, key), f'if the word is meant, write "{text}"', "boolean-key"
                )
        else:
            key = value if isinstance(value, str) else repr(value)
        inner.key = key
        if (before := inner.written.get(key)) is not None:
            self._repeated(inner, key, before, line, column)
        inner.written[key] = line
        self.places[*inner.path, key] = (line, column)

    def _repeated(self, inner: _Open, key: str, before: int, line: int, column: int) -> None:
        if inner.torn:
            return
        if not inner.path and key in ("apiVersion", "kind"):
            inner.torn = True
            what = f"'{key}' is given at line {before} and again here: what repeats replaces what came before"
            self._warn(
                what,
                line,
                column,
                (key,),
                f"write --- before line {line} if a new manifest begins",
                "forgotten-separator",
            )
            return
        what = f"'{key}' is given at line {before} and again here: only the last counts"
        self._warn(what, line, column, (*inner.path, key), "remove one of them", "duplicate-key")

    def _warn(self, what: str, line: int, column: int, path: FieldPath, fix: str, code: str) -> None:
        place = Place(self._file, line, column)
        self._faults.append(Fault(what, place, path_text(path), fix, Severity.WARNING, code))

    def _alias(self, anchor: str, mark: Any) -> tuple[Any, int]:
        if anchor not in self._anchors:
            raise BadDocument(f"no anchor '&{anchor}' stands before this", mark.line, mark.column)
        found = self._anchors[anchor]
        if found is None:
            raise BadDocument(f"the anchor '&{anchor}' contains itself", mark.line, mark.column)
        self._aliased += found[1]
        if self._aliased > _ALIASED:
            raise BadDocument("aliases repeat too much", mark.line, mark.column, code="too-many-aliases")
        return found
