"""Parameters: values of a firing's events, written into a request body or into an object of the manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import orjson

from config.errors import Permanent
from sensors.errors import CompileError
from sensors.languages import sjson
from sensors.languages.gjson import get as gjson
from sensors.source import Resolve, Value, compile_source

if TYPE_CHECKING:
    from bus.event import Event
    from config.sensor import ParameterSource, TriggerParameter
    from sensors.languages.sjson import Destination

Events = Mapping[str, "Event"]
K = TypeVar("K")
V = TypeVar("V")

_PLAIN: Final = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
"""Destinations that are a key and nothing else."""

_KEPT_MOST: Final = 64
"""Parts that a cache keeps; a trigger has a handful, unless each firing makes its own."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One compiled item. `write_to` is None where no destination is named."""

    name: str
    operation: str
    resolve: Resolve
    current: gjson.Path
    write_to: Destination | None

    def write(self, text: str, events: Events, *, operate: bool) -> str:
        """The JSON text with the value in it, the same text if there is none. Raises Permanent."""
        value = self.resolve(events)
        if value is None:
            return text
        written, is_raw = value.text, value.is_raw
        if operate and self.operation not in ("", "overwrite"):
            written, is_raw = self._combine(value, text)
        if self.write_to is None:
            raise Permanent("it has no 'dest'", where=self.name, fix="name the field to set")
        try:
            return self.write_to.set(text, written, raw=is_raw)
        except sjson.DestinationError as error:
            raise Permanent(str(error), where=self.name, fix="correct 'dest'") from error

    def _combine(self, value: Value, text: str) -> tuple[str, bool]:
        """What to write, and whether that is JSON, if there may be something at the destination already."""
        if self.operation not in ("append", "prepend"):
            raise Permanent(
                f"unknown operation '{self.operation}'", where=self.name, fix="use 'overwrite', 'append' or 'prepend'"
            )
        current = self.current.get(text)
        if current is None:
            return value.text, value.is_raw
        before = current.string()
        return (before + value.text if self.operation == "append" else value.text + before), False


class Parameters:
    """A compiled list of parameters."""

    def __init__(self, items: Sequence[Parameter]) -> None:
        self._items = tuple(items)
        names = [item.current.text for item in items]
        plain = all(_PLAIN.fullmatch(name) for name in names) and len(set(names)) == len(names)
        # An object of distinct keys is put together at once; anything else is edited item by item.
        self._members = [(f'"{item.current.text}":', item.resolve) for item in items] if plain else None

    def payload(self, events: Events) -> bytes:
        """The body these items build, empty if none of them has a value. `operation` means nothing here.

        An item without a destination is the whole body. Raises Permanent.
        """
        if self._members is not None:
            made = [
                prefix + (value.text if value.is_raw else encode_basestring(value.text))
                for prefix, resolve in self._members
                if (value := resolve(events)) is not None
            ]
            return f"{{{','.join(made)}}}".encode(errors="replace") if made else b""
        text = ""
        for item in self._items:
            if item.write_to is not None:
                text = item.write(text, events, operate=False)
            elif (value := item.resolve(events)) is not None:
                return value.text.encode(errors="replace")
        return text.encode(errors="replace")

    def apply(self, target: Mapping[str, Any], events: Events) -> dict[str, Any]:
        """A copy of a JSON object with the values in it, written one after the other. Raises Permanent."""
        try:
            result = orjson.loads(self.edit(_to_json(target), events))
        except (TypeError, ValueError, OverflowError) as error:
            raise Permanent(f"the parameters do not leave JSON: {error}") from error
        if not isinstance(result, dict):
            raise Permanent("the parameters do not leave an object", fix="let 'dest' name fields of the object")
        return result

    def edit(self, text: str, events: Events) -> str:
        """The same with the text of any JSON value."""
        for item in self._items:
            text = item.write(text, events, operate=True)
        return text


def _to_json(target: Mapping[str, Any]) -> str:
    """The text of an object, its keys in order, as Go writes them: it shows where something is appended to an object."""
    try:
        return orjson.dumps(target, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return orjson.dumps(_within_64_bits(target), option=orjson.OPT_SORT_KEYS).decode()


def _within_64_bits(value: Any) -> Any:
    """The value with doubles, as Go reads them from a manifest, for integers that are too large. Raises OverflowError."""
    if isinstance(value, Mapping):
        return {name: _within_64_bits(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_within_64_bits(item) for item in value]
    return float(value) if type(value) is int and not -(1 << 63) <= value < 1 << 64 else value


def compile_parameters(parameters: Sequence[TriggerParameter]) -> Parameters:
    """The functions of a list of parameters. Raises CompileError, whose path begins with the index of an item."""
    return Parameters([_compile(parameter, index) for index, parameter in enumerate(parameters)])


def _compile(parameter: TriggerParameter, index: int) -> Parameter:
    if parameter.src is None:
        raise CompileError((index, "src"), "is missing", "say where the value comes from")
    name = f"parameter '{parameter.dest}'" if parameter.dest else f"parameter {index + 1}"
    try:
        # A payload may do without a destination; elsewhere it is an error when the item has a value to write.
        write_to = sjson.compile_path(parameter.dest) if parameter.dest else None
        current = gjson.compile_path(parameter.dest)
    except (sjson.DestinationError, gjson.PathError) as error:
        raise CompileError((index, "dest"), str(error)) from None
    resolve = compile_source(parameter.src, (index, "src"), name)
    return Parameter(name, parameter.operation, resolve, current, write_to)


class EventValues:
    """The events of one firing as triggers see them: their values, by the parameters of a manifest."""

    def __init__(self, events: Events, cache: ParameterCache) -> None:
        self.events = events
        self._cache = cache

    def text(self, source: ParameterSource) -> str | None:
        """One value as text; None if its dependency takes no part and there is no default. Raises Permanent."""
        value = self._cache.sources[source](self.events)
        return None if value is None else value.text

    def payload(self, parameters: Sequence[TriggerParameter]) -> bytes:
        """The body that a `payload` list builds. Raises Permanent."""
        return self._cache.lists[parameters].payload(self.events)

    def apply(self, target: Mapping[str, Any], parameters: Sequence[TriggerParameter]) -> dict[str, Any]:
        """A copy of a JSON object with parameters written into it. Raises Permanent."""
        return self._cache.lists[parameters].apply(target, self.events)


class ParameterCache:
    """What was compiled for one trigger, so that it is compiled once."""

    def __init__(self) -> None:
        self.lists: _Compiled[Sequence[TriggerParameter], Parameters] = _Compiled(compile_parameters)
        self.sources: _Compiled[ParameterSource, Resolve] = _Compiled(compile_source)


class _Compiled(Generic[K, V]):
    """Compiles parts of manifests, recognising by identity, for they never change, those it has compiled before."""

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._kept: dict[int, tuple[K, V]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, part: K) -> V:
        """Raises Permanent if it cannot be compiled."""
        kept = self._kept.get(id(part))
        if kept is None:
            try:
                kept = part, self._make(part)
            except CompileError as error:
                raise Permanent(error.what, where=error.where, fix=error.fix) from error
            if len(self._kept) == _KEPT_MOST:
                self._kept.clear()
            self._kept[id(part)] = kept
        return kept[1]
