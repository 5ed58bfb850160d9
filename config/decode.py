"""JSON-like values -> models, as Go's encoding/json decodes them, every fault with its place.

Keys are matched without regard to case, null means absent, nothing is converted: a number is no text. Keys that no
field has are warnings, with the name that may have been meant, or with what the key of an older version became.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.block import Block, FieldPath, Marks, path_text
from config.errors import Fault, Severity
from config.legacy import became

M = TypeVar("M", bound=BaseModel)

_LONGEST: Final = 60
_STEP_END: Final = re.compile(r"[.\[]")
_ZEROS: Final[dict[Any, Any]] = {str: "", int: 0, float: 0.0, bool: False}
_CODES: Final = {"duration": "bad-duration", "amount": "bad-amount", "missing": "missing"}
_WANTED: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def decode(
    model: type[M],
    value: Any,
    path: FieldPath,
    marks: Marks,
    faults: list[Fault],
    *,
    others: Collection[str] = (),
    warn_unknown: bool = True,
) -> M | None:
    """The model of a value, or None after adding what is wrong to `faults`.

    `path` leads to the value from the document's root; `others` are keys that someone else reads.
    """
    walk = _Walk(path, marks, faults, warn_unknown)
    value = walk.object(model, value, (), others)
    try:
        return model.model_validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        seen: set[FieldPath] = set()
        for detail in error.errors(include_url=False, include_input=False):
            place = _within(value, detail["loc"])
            if place not in seen:
                seen.add(place)
                faults.append(walk.fault(detail, value, place))
        return None


def decode_rest(
    model: type[M],
    value: Any,
    path: FieldPath,
    marks: Marks,
    faults: list[Fault],
    *,
    others: Collection[str] = (),
    warn_unknown: bool = True,
) -> tuple[M, Collection[str]]:
    """The same, without the fields that are wrong, so that what else is said of the value is true; and their names.

    Only for models that do not demand any field.
    """
    before = len(faults)
    found = decode(model, value, path, marks, faults, others=others, warn_unknown=warn_unknown)
    if found is not None:
        return found, ()
    start = len(path_text(path)) + 1
    wrong = {_STEP_END.split(fault.path[start:])[0] for fault in faults[before:] if fault.severity is Severity.FAULT}
    rest = {key: inner for key, inner in value.items() if key not in wrong} if isinstance(value, dict) else {}
    return decode(model, rest, path, marks, [], others=others) or model(), wrong


def decode_block(model: type[M], block: Block, faults: list[Fault]) -> M | None:
    """The model of an adapter's own part of a manifest."""
    return decode(model, block.value, block.path, block.marks, faults)


def field_names(model: type[BaseModel]) -> Collection[str]:
    """The names of a model's fields in a manifest."""
    return _fields(model).keys()


def field_of(value: Mapping[str, Any], name: str) -> tuple[str, Any]:
    """A field's name as it was written, and its value; the case of letters does not matter."""
    if name not in value:
        name = next((key for key in value if key.casefold() == name.casefold()), name)
    return name, value.get(name)


def nearest(name: str, known: Collection[str]) -> str:
    """`did you mean 'x'?` for the closest of the known names, or nothing."""
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold(), folded, n=1)
    return f"did you mean '{folded[close[0]]}'?" if close else ""


def shorten(text: str) -> str:
    """A text that is fit to be repeated in a message."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@dataclass(frozen=True, slots=True)
class _Walk:
    """Brings the keys of a value into the spelling of a model's fields, and remembers how they were written."""

    path: FieldPath
    marks: Marks
    faults: list[Fault]
    warn_unknown: bool
    written: dict[FieldPath, str] = field(default_factory=dict)

    def object(self, model: type[BaseModel], value: Any, at: FieldPath, others: Collection[str] = ()) -> Any:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            return value
        fields = _fields(model)
        folded = {name.casefold(): name for name in fields}
        result: dict[str, Any] = {}
        for key, inner in value.items():
            name = key if key in fields else folded.get(key.casefold())
            if name is None:
                if model.model_config.get("extra") == "allow":
                    result[key] = inner
                elif key not in others:
                    self._unknown(key, [*fields, *others], at)
                continue
            if name != key:
                if name in value:
                    continue
                self.written[(*at, name)] = key
            if inner is not None:
                result[name] = self.value(fields[name], inner, (*at, name))
        return result

    def value(self, shape: _Shape, value: Any, at: FieldPath) -> Any:
        if shape.model is not None:
            return self.object(shape.model, value, at)
        if shape.item is not None and isinstance(value, list):
            return [self._inner(shape.item, item, (*at, index)) for index, item in enumerate(value)]
        if shape.item is not None and isinstance(value, dict):
            return {key: self._inner(shape.item, item, (*at, key)) for key, item in value.items()}
        return value

    def _inner(self, shape: _Shape, value: Any, at: FieldPath) -> Any:
        if value is None and shape.model is None:
            return shape.zero
        return self.value(shape, value, at)

    def _unknown(self, key: str, known: Sequence[str], at: FieldPath) -> None:
        if not self.warn_unknown:
            return
        path = (*self.as_written(at), key)
        fix = became(path) or nearest(key, known)
        what = f"unknown field '{key}' is ignored"
        place = self.marks.place(path)
        self.faults.append(Fault(what, place, path_text(path), fix, Severity.WARNING, "unknown-field"))

    def as_written(self, at: FieldPath) -> FieldPath:
        """The whole path of a field, in the spelling of the manifest."""
        steps = (self.written.get(at[: end + 1], step) for end, step in enumerate(at))
        return (*self.path, *steps)

    def fault(self, detail: ErrorDetails, value: Any, at: FieldPath) -> Fault:
        """A fault as a person would say it."""
        path = self.as_written(at)
        found = _found(value, at)
        kind, context = detail["type"], detail.get("ctx", {})
        what, fix, code = detail["msg"], "", _CODES.get(kind, "invalid")
        if kind in _WANTED:
            what, code = f"{_WANTED[kind]} is wanted, but this is {_described(found)}", "wrong-type"
            fix = _advice(kind, found)
        elif kind == "missing":
            what = "is missing"
        elif kind in ("literal_error", "enum"):
            what = f"'{shorten(str(found))}' is none of {context.get('expected')}"
            fix = nearest(str(found), str(context.get("expected")).replace("'", "").replace(" or ", ", ").split(", "))
        elif "fix" in context:
            fix = str(context["fix"])
            what = what.removesuffix(f"; {fix}")
            if code == "bad-duration" and not isinstance(found, str):
                code = "wrong-type"
        else:
            what = what.removeprefix("Value error, ").replace("Input should", "should")
        return Fault(what, self.marks.place(path), path_text(path), fix, code=code)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decoding needs to know of a field's type: a model, a collection of something, or neither."""

    model: type[BaseModel] | None = None
    item: _Shape | None = None
    zero: Any = None


@cache
def _fields(model: type[BaseModel]) -> dict[str, _Shape]:
    fields: dict[str, _Shape] = {}
    for name, info in model.model_fields.items():
        alias = info.validation_alias or info.alias or name
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
        shape = _shape(info.annotation)
        fields.update((choice, shape) for choice in choices if isinstance(choice, str))
    return fields


def _shape(annotation: Any) -> _Shape:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        shapes = [_shape(one) for one in arguments if one is not NoneType]
        return next((one for one in shapes if one.model or one.item), shapes[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _Shape(model=annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _Shape(item=_shape(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Collection):
        return _Shape(item=_shape(arguments[0]))
    return _Shape(zero=_ZEROS.get(annotation))


def _within(value: Any, location: Sequence[str | int]) -> FieldPath:
    """The part of pydantic's location that is a path; names of union members and the like are not."""
    path: list[str | int] = []
    for step in location:
        if (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int)):
            value = _found(value, (step,))
            path.append(step)
        else:
            if isinstance(value, dict) and step == location[-1]:
                path.append(step)
            break
    return tuple(path)


def _found(value: Any, path: FieldPath) -> Any:
    for step in path:
        if isinstance(value, dict) and step not in value:
            return None
        value = value[step]
    return value


def _described(value: Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "nothing"


def _advice(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, bool):
        return "y, n, yes, no, on, off, true and false are booleans unless they are quoted"
    if kind == "string_type" and isinstance(value, int | float):
        return f'write it in quotes: "{value}"'
    if kind == "list_type" and isinstance(value, str | int | float):
        return "begin it with '- ', or put it in [ ]"
    if kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        if value.strip("+-.0123456789") == "" or value in ("true", "false"):
            return "remove the quotes"
        return nearest(value, ("true", "false")) if kind == "bool_type" else ""
    return ""
