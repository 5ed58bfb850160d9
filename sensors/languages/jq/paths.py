"""Paths of jq: what lies at one, and values in which something else does, which are made anew around the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sensors.languages.jq.lookup import at_index, bounds, clamp, slice_places
from sensors.languages.jq.operators import ITEM_SIZE, MEMBER_SIZE
from sensors.languages.jq.values import JqError, Value, described, is_number, shown, to_integer, unfit

if TYPE_CHECKING:
    from sensors.languages.budget import Budget

_GONE: Final = float("nan")
"""Put in the place of what is to be deleted, so that the other places stay what they are; a number, as messages show it."""

_INDEX_MOST: Final = 0x20000000


def get_path(budget: Budget, value: Value, path: Value) -> Value:
    """`value | getpath(path)`"""
    if path.__class__ is not list:
        raise unfit("getpath", value, path)
    found = value
    for key in path:
        if found is not None and found.__class__ not in (list, dict):
            raise unfit("getpath", value, path)
        try:
            found = at_index(budget, found, key)
        except JqError as error:
            raise _wrapped("getpath", value, (path,), error) from None
    return found


def _wrapped(name: str, value: Value, arguments: tuple[Value, ...], error: JqError) -> JqError:
    return JqError(f"{name}({'; '.join(map(shown, arguments))}) cannot be applied to {shown(value)}: {error}")


class Edit:
    """Changes that belong together: what the first of them made anew, the others may change."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._own: dict[int, Any] = {}

    def set_path(self, value: Value, path: Value, new: Value) -> Value:
        """`value | setpath(path; new)`"""
        if path.__class__ is not list:
            raise unfit("setpath", value, path)
        try:
            return self._updated(value, path, 0, new)
        except JqError as error:
            raise _wrapped("setpath", value, (path, new), error) from None

    def delete_paths(self, value: Value, paths: Value) -> Value:
        """`value | delpaths(paths)`"""
        if paths.__class__ is not list:
            raise unfit("delpaths", value, paths)
        if not paths:
            return value
        result = value
        for path in paths:
            try:
                if path.__class__ is not list:
                    raise JqError(f"expected an array but got: {described(path)}")
                result = self._updated(result, path, 0, _GONE)
            except JqError as error:
                raise _wrapped("delpaths", value, (paths,), error) from None
        return self._without_gone(result)

    def _updated(self, value: Value, path: list[Value], at: int, new: Any) -> Any:
        """The value with `new` at the path from its `at`-th key on."""
        self._budget.spend(1)
        if at == len(path):
            return new
        key = path[at]
        is_place = is_number(key) or key.__class__ is dict
        if key.__class__ is not str and not is_place:
            kind = "a number for indexing an array" if value.__class__ is list else "a string for object key"
            raise JqError(f"expected {kind} but got: {described(key)}")
        if value is _GONE:
            return value
        if value is not None and value.__class__ is not (list if is_place else dict):
            raise JqError(f"expected {'an array' if is_place else 'an object'} but got: {described(value)}")
        if not is_place:
            return self._updated_object(value, key, path, at, new)
        if key.__class__ is dict:
            return self._updated_slice(value, key, path, at, new)
        return self._updated_array(value, to_integer(key), path, at, new)

    def _updated_object(self, value: Value, name: str, path: list[Value], at: int, new: Any) -> Any:
        if new is _GONE and (value is None or name not in value):
            return value
        updated = self._updated(None if value is None else value.get(name), path, at + 1, new)
        own = self._owned(value, {})
        self._budget.take(MEMBER_SIZE)
        own[name] = updated
        return own

    def _updated_array(self, value: Value, index: int, path: list[Value], at: int, new: Any) -> Any:
        length = 0 if value is None else len(value)
        place = clamp(index, -1, length)
        if not 0 <= place < length and new is _GONE:
            return value
        if place < 0:
            raise JqError(f"array index should not be negative: {index}")
        if place == length:
            if index >= _INDEX_MOST:
                raise JqError(f"array index too large: {index}")
            place = index
        updated = self._updated(value[place] if place < length else None, path, at + 1, new)
        own = self._owned(value, [])
        if place >= length:
            self._budget.take(ITEM_SIZE * (place + 1 - length))
            own += [None] * (place + 1 - length)
        own[place] = updated
        return own

    def _updated_slice(self, value: Value, key: dict[str, Value], path: list[Value], at: int, new: Any) -> Any:
        start, end = slice_places(value or [], *bounds(key))
        if start == end and new is _GONE:
            return value
        updated = self._updated((value or [])[start:end], path, at + 1, new)
        if updated is _GONE:
            updated = [_GONE] * (end - start)
        if updated.__class__ is not list:
            raise JqError(f"expected an array but got: {described(updated)}")
        own = self._owned(value, [])
        self._budget.take(ITEM_SIZE * len(updated))
        own[start:end] = updated
        return own

    def _owned(self, value: Value, empty: Any) -> Any:
        """The value itself if it was made here, else a copy."""
        if value is not None and id(value) in self._own:
            return value
        if value is not None:
            self._budget.take(ITEM_SIZE * len(value))
        own = empty if value is None else value.copy()
        self._own[id(own)] = own
        return own

    def _without_gone(self, value: Any) -> Any:
        if value is _GONE:
            return None
        if value.__class__ is list:
            self._budget.take(ITEM_SIZE * len(value))
            return [self._without_gone(item) for item in value if item is not _GONE]
        if value.__class__ is dict:
            self._budget.take(ITEM_SIZE * len(value))
            return {name: self._without_gone(member) for name, member in value.items() if member is not _GONE}
        return value
