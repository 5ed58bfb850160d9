"""The functions of the JMESPath specification, as the `jmespath` library 1.1 implements them."""

import json
import math
import operator
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.function import Function, Parameter, either, with_article
from sensors.languages.jmes.values import kind_of


def _average(numbers: list[Any]) -> Any:
    return sum(numbers) / len(numbers) if numbers else None


def _reverse(value: Any) -> Any:
    return value[::-1]


def _map(apply: Callable[[Any], Any], array: list[Any]) -> list[Any]:
    return [apply(element) for element in array]


def _merge(*objects: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for each in objects:
        merged.update(each)
    return merged


def _not_null(*candidates: Any) -> Any:
    return next((candidate for candidate in candidates if candidate is not None), None)


def _to_array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _to_string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


def _to_number(value: Any) -> int | float | None:
    if isinstance(value, str):
        for parse in (int, float):
            try:
                return parse(value)
            except ValueError:
                continue
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _key(function: str, apply: Callable[[Any], Any], kinds: Collection[str]) -> Callable[[Any], Any]:
    """`apply`, refusing keys that are of none of `kinds`."""

    def key(element: Any) -> Any:
        made = apply(element)
        if kind_of(made) not in kinds:
            raise JmesRuntimeError(
                f"{function}() compares {either(f'{kind}s' for kind in kinds)}, found {with_article(kind_of(made))}"
            )
        return made

    return key


def _sort_by(array: list[Any], apply: Callable[[Any], Any]) -> list[Any]:
    if not array:
        return array
    # The first element decides whether numbers or strings are compared, so that a mixture is refused.
    first = _key("sort_by", apply, ("number", "string"))(array[0])
    return sorted(array, key=_key("sort_by", apply, (kind_of(first),)))


def _min_by(array: list[Any], apply: Callable[[Any], Any]) -> Any:
    return min(array, key=_key("min_by", apply, ("number", "string")), default=None)


def _max_by(array: list[Any], apply: Callable[[Any], Any]) -> Any:
    return max(array, key=_key("max_by", apply, ("number", "string")), default=None)


def _minimum(array: list[Any]) -> Any:
    return min(array, default=None)


def _maximum(array: list[Any]) -> Any:
    return max(array, default=None)


_ANY = Parameter()
_NUMBER = Parameter(("number",))
_STRING = Parameter(("string",))
_OBJECT = Parameter(("object",))
_ARRAY = Parameter(("array",))
_NUMBERS = Parameter(("array",), ("number",))
_STRINGS = Parameter(("array",), ("string",))
_SORTABLE = Parameter(("array",), ("number", "string"))
_EXPRESSION = Parameter(("expression",))

STANDARD: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for function in (
            Function("abs", (_NUMBER,), abs, "number", about="without its sign", example="abs(`-1`)"),
            Function("avg", (_NUMBERS,), _average, "number", about="the mean; null of none", example="avg([`1`, `2`])"),
            Function("ceil", (_NUMBER,), math.ceil, "number", about="the next integer up", example="ceil(`1.2`)"),
            Function(
                "contains",
                (Parameter(("array", "string")), _ANY),
                operator.contains,
                "boolean",
                about="whether the element or the part of the text is there",
                example="contains(['a', 'b'], 'a')",
            ),
            Function(
                "ends_with",
                (_STRING, _STRING),
                str.endswith,
                "boolean",
                about="whether the first text ends with the second",
                example="ends_with('a.md', '.md')",
            ),
            Function("floor", (_NUMBER,), math.floor, "number", about="the next integer down", example="floor(`1.8`)"),
            Function(
                "join",
                (_STRING, _STRINGS),
                str.join,
                "string",
                about="the texts with the first argument between them",
                example="join('-', ['a', 'b'])",
            ),
            Function("keys", (_OBJECT,), list, "array", about="names of the members", example='keys(`{"a": 1}`)'),
            Function(
                "length",
                (Parameter(("string", "array", "object")),),
                len,
                "number",
                about="characters, elements or members",
                example="length('abc')",
            ),
            Function(
                "map",
                (_EXPRESSION, _ARRAY),
                _map,
                "array",
                about="what the expression makes of each element, nulls included",
                example='map(&a, `[{"a": 1}, {}]`)',
            ),
            Function("max", (_SORTABLE,), _maximum, about="the greatest; null of none", example="max([`1`, `2`])"),
            Function(
                "max_by",
                (_ARRAY, _EXPRESSION),
                _max_by,
                about="the element for which the expression is greatest",
                example='max_by(`[{"a": 1}, {"a": 2}]`, &a)',
            ),
            Function(
                "merge",
                (_OBJECT,),
                _merge,
                "object",
                variadic=True,
                about="the members of all objects, the last of each name",
                example='merge(`{"a": 1}`, `{"b": 2}`)',
            ),
            Function("min", (_SORTABLE,), _minimum, about="the least; null of none", example="min(['b', 'a'])"),
            Function(
                "min_by",
                (_ARRAY, _EXPRESSION),
                _min_by,
                about="the element for which the expression is least",
                example='min_by(`[{"a": 1}, {"a": 2}]`, &a)',
            ),
            Function(
                "not_null",
                (_ANY,),
                _not_null,
                variadic=True,
                about="the first that is not null",
                example="not_null(missing, 'default')",
            ),
            Function(
                "reverse",
                (Parameter(("array", "string")),),
                _reverse,
                about="in the opposite order",
                example="reverse(['a', 'b'])",
            ),
            Function("sort", (_SORTABLE,), sorted, "array", about="in ascending order", example="sort(['b', 'a'])"),
            Function(
                "sort_by",
                (_ARRAY, _EXPRESSION),
                _sort_by,
                "array",
                about="in the order of what the expression makes of the elements",
                example='sort_by(`[{"a": 2}, {"a": 1}]`, &a)',
            ),
            Function(
                "starts_with",
                (_STRING, _STRING),
                str.startswith,
                "boolean",
                about="whether the first text begins with the second",
                example="starts_with('refs/tags/v1', 'refs/tags/')",
            ),
            Function("sum", (_NUMBERS,), sum, "number", about="the sum; 0 of none", example="sum([`1`, `2`])"),
            Function(
                "to_array",
                (_ANY,),
                _to_array,
                "array",
                about="an array as it is, anything else as the only element of one",
                example="to_array('a')",
            ),
            Function(
                "to_number",
                (_ANY,),
                _to_number,
                "number",
                about="a number as it is or as a text has it; null of anything else",
                example="to_number('1.5')",
            ),
            Function(
                "to_string",
                (_ANY,),
                _to_string,
                "string",
                about="a text as it is, anything else as JSON",
                example="to_string([`1`, `2`])",
            ),
            Function("type", (_ANY,), kind_of, "string", about="the kind of the value", example="type(`1`)"),
            Function(
                "values",
                (_OBJECT,),
                lambda value: list(value.values()),
                "array",
                about="values of the members",
                example='values(`{"a": 1}`)',
            ),
        )
    }
)
"""The functions by name."""
