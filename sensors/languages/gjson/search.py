"""The search of a path through JSON text: the walk into objects and arrays, and what stands around it.

The walk goes over the text once, left to right, and stops at the first hit. An object member that matches but does not
lead to a hit is left behind and the walk goes on, so that of repeated keys, or of keys under a wildcard, the first one
with an answer wins.
"""

from __future__ import annotations

import re
from typing import Final

from sensors.languages.gjson.modifiers import MODIFIERS, TooMuch, check_depth, check_length
from sensors.languages.gjson.path import ArrayStep, Call, Literal, Selection, Steps, split_pipe
from sensors.languages.gjson.result import ABSENT, Result, Type
from sensors.languages.gjson.text import (
    find_item,
    find_key,
    members,
    parse,
    read_any,
    read_value,
    skip_value,
)

_OPENING = re.compile(r"[{\[]")
_CONTENT = re.compile(r"[^ \t\r\n]")
_CLOSING: Final = {"{": "}", "[": "]"}


def search(text: str, path: str, steps: Steps) -> Result:
    """What ``path`` finds in ``text``; ABSENT for nothing, and for what would take too much work to find.

    ``steps`` keeps the readings of the path between calls.
    """
    try:
        return _search(text, path, steps)
    except TooMuch:
        return ABSENT


def _search(text: str, path: str, steps: Steps) -> Result:
    head = steps.head(path)
    if isinstance(head, str):
        return _walk(text, head, steps)
    if isinstance(head, Selection):
        found = Result(Type.JSON, _select(text, head, steps))
        if head.rest:
            found = _search(found.raw, head.rest[1:], steps)
        return found._replace(start=0)
    made = head.json if isinstance(head, Literal) else _call(text, head, steps)
    if head.rest[:1] in ("|", "."):
        return _search(made, head.rest[1:], steps)._replace(start=0, starts=None)
    return parse(made)


def _call(text: str, call: Call, steps: Steps) -> str:
    check_length(text)
    if call.name == "dig":
        return _dig(text, call.argument, steps)
    return MODIFIERS[call.name](text, call.argument)


def _dig(text: str, path: str, steps: Steps) -> str:
    """``@dig:path`` collects what the path finds in the value and in everything inside it, outermost first."""
    check_depth(text)
    answers: list[str] = []
    waiting = [parse(text)]
    while waiting:
        value = waiting.pop()
        found = _search(value.raw, path, steps)
        if found.exists:
            answers.append(found.raw)
        if value.type is Type.JSON:
            waiting.extend(reversed([member for _, _, member in members(value)]))
    return f"[{','.join(answers)}]"


def _select(text: str, selection: Selection, steps: Steps) -> str:
    check_length(text)
    parts: list[str] = []
    for name, path in selection.parts:
        found = _search(text, path, steps)
        if found.exists:
            parts.append(f"{name}:{found.raw}" if selection.opening == "{" else found.raw)
    return f"{selection.opening}{','.join(parts)}{_CLOSING[selection.opening]}"


def _walk(text: str, path: str, steps: Steps) -> Result:
    walk = _Walk(text, steps)
    if path.startswith(".."):
        walk.array(0, path[2:])
    else:
        opening = _OPENING.search(text)
        if opening is not None and opening[0] == "{":
            walk.object(opening.end(), path)
        elif opening is not None:
            walk.array(opening.end(), path)
    if walk.pipe is not None:
        return _search(walk.found.raw, walk.pipe, steps)._replace(start=0)
    return walk.found


class _Walk:
    """One walk over one text. ``object`` and ``array`` return where they stopped and whether they hit."""

    __slots__ = ("found", "pipe", "steps", "text")

    def __init__(self, text: str, steps: Steps) -> None:
        self.text = text
        self.steps = steps
        self.found = ABSENT
        self.pipe: str | None = None

    def object(self, at: int, path: str) -> tuple[int, bool]:
        text, step = self.text, self.steps.in_object(path)
        if step.pipe is not None:
            self.pipe = step.pipe
        while True:
            key, at = find_key(text, at)
            if key is None or at >= len(text):
                return at, False
            at, hit = self._value(at, step.matches(key), step.rest)
            if hit or at < 0:
                return at if hit else len(text), hit

    def array(self, at: int, path: str) -> tuple[int, bool]:
        text, step = self.text, self.steps.in_array(path)
        if step.pipe is not None:
            self.pipe = step.pipe
        if step.query is not None:
            return self._query(at, step)
        if step.gather is not None:
            return self._gather(at, step.gather)
        count = 0
        while True:
            at = find_item(text, at)
            if at >= len(text) or text[at] == "]":
                if step.counts:
                    self.found = Result(Type.NUMBER, str(count))
                return at + 1, step.counts
            at, hit = self._value(at, not step.hash and count == step.index, step.rest)
            if hit or at < 0:
                return at if hit else len(text), hit
            count += 1

    def _value(self, at: int, wanted: bool, rest: str | None) -> tuple[int, bool]:
        """Past the value at ``at``, taking it or what ``rest`` finds in it when it is ``wanted``; -1 for a broken one."""
        if not wanted:
            return skip_value(self.text, at), False
        if rest is None:
            end, value = read_value(self.text, at)
            if end < 0:
                return end, False
            self.found = value
            return end, True
        opening = self.text[at]
        if opening == "{":
            return self.object(at + 1, rest)
        if opening == "[":
            return self.array(at + 1, rest)
        return skip_value(self.text, at), False

    def _query(self, at: int, step: ArrayStep) -> tuple[int, bool]:
        """``#(…)`` stops at the first element that satisfies it, ``#(…)#`` gathers all and lets the walk go on."""
        text, query, rest, steps = self.text, step.query, step.rest, self.steps
        assert query is not None
        answers: list[str] = []
        starts: list[int] = []
        while True:
            at = find_item(text, at)
            if at >= len(text) or text[at] == "]":
                break
            start = at
            at, element = read_value(text, start)
            if at < 0:
                return len(text), False
            if element.type is Type.JSON:
                subject = _search(element.raw, query.path, steps)
            elif query.path == "":
                subject = element
            else:
                continue
            if not query.accepts(subject):
                continue
            if rest is None:
                found, offset = element, 0
            else:
                rest, pipe = split_pipe(rest)
                self.pipe = self.pipe if pipe is None else pipe
                found = _search(element.raw, rest, steps)
                offset = found.start
            if not query.every:
                self.found = found._replace(start=start + offset if rest is None or offset else 0)
                return at, True
            if found.exists:
                answers.append(found.raw)
                starts.append(start + offset)
        if query.every and not self.found.exists:
            self.found = Result(Type.JSON, f"[{','.join(answers)}]", starts=tuple(starts) if answers else None)
        return at + 1, False

    def _gather(self, at: int, path: str) -> tuple[int, bool]:
        """``#.path`` collects what the path finds in each element that has it."""
        text, steps = self.text, self.steps
        places = []
        while True:
            places.append(at)
            at = find_item(text, at)
            if at >= len(text) or text[at] == "]":
                break
            at = skip_value(text, at)
            if at < 0:
                return len(text), False
        path, pipe = split_pipe(path)
        self.pipe = self.pipe if pipe is None else pipe
        answers: list[str] = []
        starts: list[int] = []
        for place in places:
            content = _CONTENT.search(text, place)
            read = read_any(text, content.start()) if content is not None and content[0] != "]" else None
            if read is None:
                continue
            element = read[1]
            found = _search(element.raw, path, steps)
            if found.exists:
                answers.append(found.raw)
                base = element.start if element.type is Type.JSON and found.starts is None else 0
                starts.append(base + found.start)
        self.found = Result(Type.JSON, f"[{','.join(answers)}]", starts=tuple(starts))
        return at + 1, True
