"""Functions of jq about values of any kind, lists and objects: of the input, and of the values of their arguments."""

from __future__ import annotations

import math
from typing import Any, Final

from sensors.languages.jq.frames import Function, Halt, Run
from sensors.languages.jq.operators import ITEM_SIZE, MEMBER_SIZE, add
from sensors.languages.jq.order import equal
from sensors.languages.jq.paths import Edit
from sensors.languages.jq.text import from_text, read_number, to_text
from sensors.languages.jq.values import (
    JqError,
    Value,
    described,
    is_number,
    is_true,
    members,
    shown,
    to_integer,
    type_name,
    unfit,
)


def absolute(run: Run, value: Value) -> Value:
    if not is_number(value):
        raise unfit("abs", value)
    return abs(value)


def length(run: Run, value: Value) -> Value:
    if value is None:
        return 0
    if value.__class__ is bool:
        raise unfit("length", value)
    return abs(value) if is_number(value) else len(value)


def keys(run: Run, value: Value) -> Value:
    if value.__class__ not in (list, dict):
        raise unfit("keys", value)
    run.take(ITEM_SIZE * len(value))
    return sorted(value) if value.__class__ is dict else list(range(len(value)))


def has(run: Run, value: Value, key: Value) -> bool:
    if value is None:
        return False
    if value.__class__ is list and is_number(key):
        return 0 <= to_integer(key) < len(value)
    if value.__class__ is dict and key.__class__ is str:
        return key in value
    raise unfit("has", value, key)


def sum_of(run: Run, value: Value) -> Value:
    items = members(value)
    if items is None:
        raise unfit("add", value)
    return total(run, items)


def total(run: Run, items: list[Value]) -> Value:
    """All added up; of texts and lists, what each adds counts once."""
    run.spend(len(items))
    if items and all(item.__class__ is str for item in items):
        run.take(sum(map(len, items)))
        return "".join(items)
    if items and all(item.__class__ is list for item in items):
        run.take(ITEM_SIZE * sum(map(len, items)))
        return [each for item in items for each in item]
    if items and all(item.__class__ is dict for item in items):
        run.take(ITEM_SIZE * sum(map(len, items)))
        return {name: member for item in items for name, member in item.items()}
    result: Value = None
    for item in items:
        result = add(run, result, item)
    return result


def to_boolean(run: Run, value: Value) -> bool:
    if value.__class__ is bool:
        return bool(value)
    if value.__class__ is not str:
        raise unfit("toboolean", value)
    if value not in ("true", "false"):
        raise JqError(f"toboolean cannot be applied to {shown(value)}: invalid boolean")
    return bool(value == "true")


def to_number(run: Run, value: Value) -> Value:
    if is_number(value):
        return value
    if value.__class__ is not str:
        raise unfit("tonumber", value)
    try:
        return read_number(value)
    except ValueError:
        raise JqError(f"tonumber cannot be applied to {shown(value)}: invalid number") from None


def to_string(run: Run, value: Value) -> str:
    return value if value.__class__ is str else to_json(run, value)


def to_json(run: Run, value: Value) -> str:
    # The parts are put together, so for a moment there is twice the text.
    return to_text(value, lambda size: run.take(2 * size))


def from_json(run: Run, value: Value) -> Value:
    if value.__class__ is not str:
        raise unfit("fromjson", value)
    run.take(len(value) * ITEM_SIZE)
    run.spend(len(value))
    try:
        return from_text(value)
    except ValueError as error:
        raise JqError(f"fromjson cannot be applied to {shown(value)}: {error}") from None


def type_of(run: Run, value: Value) -> str:
    return type_name(value)


def negated(run: Run, value: Value) -> bool:
    return not is_true(value)


def contains(run: Run, value: Value, part: Value) -> bool:
    run.spend(1)
    kind = type_name(value)
    if kind == type_name(part):
        match kind:
            case "string":
                return part in value
            case "array":
                return all(any(_is_contained(run, item, each) for item in value) for each in part)
            case "object":
                return all(name in value and _is_contained(run, value[name], each) for name, each in part.items())
            case "number":
                return equal(run, value, part)
    if (value is None and part is None) or (value.__class__ is bool and value is part):
        return True
    raise unfit("contains", value, part)


def _is_contained(run: Run, value: Value, part: Value) -> bool:
    try:
        return contains(run, value, part)
    except JqError:
        return False


def inside(run: Run, value: Value, whole: Value) -> bool:
    return contains(run, whole, value)


def set_path(run: Run, value: Value, path: Value, new: Value) -> Value:
    return Edit(run).set_path(value, path, new)


def delete_paths(run: Run, value: Value, paths: Value) -> Value:
    return Edit(run).delete_paths(value, paths)


def to_entries(run: Run, value: Value) -> Value:
    names = keys(run, value)
    run.take(2 * MEMBER_SIZE * len(names))
    return [{"key": name, "value": value[name]} for name in names]


def from_entries(run: Run, value: Value) -> Value:
    entries = members(value)
    if entries is None:
        raise JqError(f"cannot iterate over: {described(value)}")
    result: dict[str, Value] = {}
    for entry in entries:
        run.take(MEMBER_SIZE)
        if entry is not None and entry.__class__ is not dict:
            raise JqError(f"expected an object but got: {described(entry)}")
        fields: dict[str, Any] = entry or {}
        name = next((fields[each] for each in ("key", "Key", "name") if is_true(fields.get(each))), fields.get("Name"))
        if name.__class__ is not str:
            raise JqError(f"expected a string for object key but got: {described(name)}")
        result[name] = fields["value"] if "value" in fields else fields.get("Value")
    return result


def error(run: Run, *value: Value) -> Value:
    raise JqError(value[-1])


def halt(run: Run, *value: Value) -> Value:
    raise Halt


def halt_error(run: Run, value: Value, code: Value = 5) -> Value:
    if not is_number(code):
        raise unfit("halt_error", code)
    raise Halt


def environment(run: Run, value: Value) -> Value:
    """No variable is set."""
    return {}


def now(run: Run, value: Value) -> Value:
    return run.now()


def infinite(run: Run, value: Value) -> Value:
    return math.inf


def module_meta(run: Run, value: Value) -> Value:
    raise unfit("modulemeta", value) if value.__class__ is not str else JqError(f"cannot load module: {shown(value)}")


FUNCTIONS: Final[dict[tuple[str, int], Function]] = {
    ("abs", 0): absolute,
    ("add", 0): sum_of,
    ("contains", 1): contains,
    ("delpaths", 1): delete_paths,
    ("env", 0): environment,
    ("error", 0): error,
    ("error", 1): error,
    ("from_entries", 0): from_entries,
    ("fromjson", 0): from_json,
    ("halt", 0): halt,
    ("halt_error", 0): halt_error,
    ("halt_error", 1): halt_error,
    ("has", 1): has,
    ("infinite", 0): infinite,
    ("inside", 1): inside,
    ("keys", 0): keys,
    ("length", 0): length,
    ("modulemeta", 0): module_meta,
    ("not", 0): negated,
    ("now", 0): now,
    ("setpath", 2): set_path,
    ("to_entries", 0): to_entries,
    ("toboolean", 0): to_boolean,
    ("tojson", 0): to_json,
    ("tonumber", 0): to_number,
    ("tostring", 0): to_string,
    ("type", 0): type_of,
}
