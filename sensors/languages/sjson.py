"""Setting values in JSON text by path, the language of parameter destinations, as Go's tidwall/sjson 1.2 does it.

    destination = sjson.compile_path("spec.arguments.parameters.0.value")
    text = destination.set(text, "refs/heads/main")          # written as a JSON string
    text = destination.set(text, "[1,2]", raw=True)          # written as the JSON it is

The text is edited in place: whatever the path does not touch stays as it was spelled. A path is keys and indexes between
dots. ``\\`` takes the next character as is, ``:1`` makes a number a key, ``-1`` appends to an array. Missing parents are
made, a number making an array whose gap is filled with null, and a parent that is no object or array is replaced.
A path with ``*``, ``?``, ``#``, ``|`` or ``@`` is a gjson path and only replaces what it finds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from sensors.languages.gjson import get as gjson
from sensors.languages.gjson.text import members, parse

__all__ = ["Destination", "DestinationError", "compile_path", "set"]

_COMPLEX: Final = re.compile(r"[|#@*?]")
_SEGMENT: Final = re.compile(r":?((?:[^.\\]|\\.|\\\Z)*+)(\.|\Z)", re.DOTALL)
_CONTENT: Final = re.compile(r"[^\x00-\x20]")
_BLANKS: Final = "".join(map(chr, range(0x21)))
_MAX_GAP: Final = 65536


class DestinationError(ValueError):
    """A destination that cannot be written: empty, too long, a name in an array, or an index far behind its end."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """One step of a destination: ``key`` to make, ``path`` to find it, ``index`` when it can be made in an array."""

    key: str
    path: gjson.Path
    index: int | None
    appends: bool


class Destination:
    """A path that values are written to, read once."""

    __slots__ = ("_path", "_segments", "text")

    def __init__(self, text: str) -> None:
        if text == "":
            raise DestinationError("a destination cannot be empty; name the field to set")
        try:
            self._path = gjson.compile_path(text)
        except gjson.PathError as error:
            raise DestinationError(str(error)) from None
        self._segments = _read_segments(text)
        self.text = text

    def set(self, text: str, value: str, *, raw: bool = False) -> str:
        """The JSON text with the value written: as a JSON string, or with ``raw`` as the JSON that it is.

        An empty text is an object or array yet to be made. Raises DestinationError.
        """
        written = value if raw else json.dumps(value, ensure_ascii=False)
        if self._segments is None:
            return _replace_found(text, self._path, written)
        return _set(text, self._segments, written)

    def __repr__(self) -> str:
        return f"Destination({self.text!r})"


def compile_path(path: str) -> Destination:
    """The destination, ready to be written to; DestinationError for an empty or too long one."""
    return Destination(path)


def set(text: str, path: str, value: str, *, raw: bool = False) -> str:
    """``compile_path(path).set(text, value)``, for a path that is used once."""
    return Destination(path).set(text, value, raw=raw)


def _read_segments(text: str) -> list[_Segment] | None:
    """The steps of a path of keys and indexes, None for a path that looks for something."""
    segments: list[_Segment] = []
    at, more = 0, True
    while more:
        found = _SEGMENT.match(text, at)
        assert found is not None
        path = found[1]
        key = re.sub(r"\\(.?)", r"\1", path, flags=re.DOTALL)
        forced = text.startswith(":", at)
        if _COMPLEX.search(re.sub(r"\\.", "", path, flags=re.DOTALL)):
            return None
        digits = key == "" or (key.isascii() and key.isdigit())
        index = int(key or "0") if digits and not forced else None
        segments.append(_Segment(key, gjson.compile_path(path), index, appends=key == "-1" and not forced))
        at, more = found.end(), found[2] == "."
    return segments


def _set(text: str, segments: list[_Segment], written: str) -> str:
    """Goes down as far as the path exists, and there replaces the value or makes the rest of the path."""
    before, after = "", ""
    for depth, segment in enumerate(segments):
        found = segment.path.find(text)
        if not found.start:
            return f"{before}{_add(text, segments[depth:], written)}{after}"
        before += text[: found.start]
        after = text[found.start + len(found.raw) :] + after
        text = found.raw
    return f"{before}{written}{after}"


def _add(text: str, segments: list[_Segment], written: str) -> str:
    first = segments[0]
    container = parse(text)
    body = container.raw if container.is_object or container.is_array else "{}" if first.index is None else "[]"
    content = _CONTENT.search(body, 1)
    comma = "," if content is not None and content[0] not in "}]" else ""
    made = _make(segments, written)
    if body.startswith("{"):
        return f"{body[: max(body.rfind('}'), 0)]}{comma}{json.dumps(first.key, ensure_ascii=False)}:{made}}}"
    if first.appends:
        return f"{body.rstrip(_BLANKS).removesuffix(']')}{comma}{made}]"
    if first.index is None:
        raise DestinationError(f"{first.key!r} is no index, but there is an array at this place of the destination")
    elements = [member.raw for _, _, member in members(parse(body))]
    elements += _gap(first.index - len(elements))
    return f"[{','.join([*elements, made])}]"


def _make(segments: list[_Segment], written: str) -> str:
    """The value with the parents that are missing around it, innermost first."""
    for segment in reversed(segments[1:]):
        if segment.index is None and not segment.appends:
            written = f"{{{json.dumps(segment.key, ensure_ascii=False)}:{written}}}"
        else:
            written = f"[{','.join([*_gap(segment.index or 0), written])}]"
    return written


def _gap(length: int) -> list[str]:
    if length > _MAX_GAP:
        raise DestinationError(
            f"the index lies too far behind the end of its array; at most {_MAX_GAP} places are filled"
        )
    return ["null"] * length


def _replace_found(text: str, path: gjson.Path, written: str) -> str:
    """Replaces the one place that the path found, or all places that it gathered from; neither: nothing changes."""
    found = path.find(text)
    if found.start:
        text = text[: found.start] + written + text[found.start + len(found.raw) :]
    if found.starts:
        lengths = [len(member.raw) for _, _, member in members(found)]
        if len(lengths) != len(found.starts):
            return text
        for start, length in sorted(zip(found.starts, lengths, strict=True), key=lambda place: -place[0]):
            text = text[:start] + written + text[start + length :]
    return text
