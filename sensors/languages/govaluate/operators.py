"""What the operators of govaluate do: each takes the value on its left and the operand on its right, which it need not ask.

Nothing is converted: arithmetic wants numbers, logic wants booleans, equality is of kind and value. The one exception is
`+`, which makes text of anything beside a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sensors.languages.go.arithmetic import divide, power, remainder, truncate_unsigned
from sensors.languages.go.format import show
from sensors.languages.go.numbers import truncate
from sensors.languages.regex_search import Regex, RegexError, compile_regex

Parameters: TypeAlias = Mapping[str, Any]
Operand: TypeAlias = Callable[[Parameters], Any]
Operator: TypeAlias = Callable[[Any, Operand, Parameters], Any]


class EvaluationError(ValueError):
    """A value that does not fit the expression. Messages name kinds of values, never the values."""


def kind_of(value: object) -> str:
    """What a value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case float() | int():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
    return "a pattern"


def is_equal(left: Any, right: Any) -> bool:
    """Whether both are of one kind and equal, all the way down."""
    if left.__class__ is not right.__class__:
        return False
    if left.__class__ is list:
        return len(left) == len(right) and all(map(is_equal, left, right))
    if left.__class__ is dict:
        return left.keys() == right.keys() and all(is_equal(value, right[key]) for key, value in left.items())
    return bool(left == right)


def _number(operator: str, value: Any) -> float:
    if value.__class__ is not float:
        raise EvaluationError(f"'{operator}' wants numbers, found {kind_of(value)}")
    return value


def _boolean(operator: str, value: Any) -> bool:
    if value.__class__ is not bool:
        raise EvaluationError(f"'{operator}' wants a boolean, found {kind_of(value)}")
    return value


def _equal(left: Any, right: Operand, parameters: Parameters) -> bool:
    return is_equal(left, right(parameters))


def _not_equal(left: Any, right: Operand, parameters: Parameters) -> bool:
    return not is_equal(left, right(parameters))


def _and(left: Any, right: Operand, parameters: Parameters) -> bool:
    return left is not False and _boolean("&&", right(parameters)) & _boolean("&&", left)


def _or(left: Any, right: Operand, parameters: Parameters) -> bool:
    return left is True or _boolean("||", right(parameters)) | _boolean("||", left)


def _then(left: Any, right: Operand, parameters: Parameters) -> Any:
    """The first half of a choice: null says that the condition was false, and so does a null behind the question mark."""
    return right(parameters) if _boolean("?", left) else None


def _else(left: Any, right: Operand, parameters: Parameters) -> Any:
    return right(parameters) if left is None else left


def _add(left: Any, right: Operand, parameters: Parameters) -> Any:
    other = right(parameters)
    if left.__class__ is str or other.__class__ is str:
        return _text(left) + _text(other)
    return _number("+", left) + _number("+", other)


def _text(value: Any) -> str:
    return value.text if isinstance(value, Regex) else show(value)


def _in(left: Any, right: Operand, parameters: Parameters) -> bool:
    values = right(parameters)
    if values.__class__ is not list:
        raise EvaluationError(f"'in' wants a list of at least two values, found {kind_of(values)}")
    for value in values:
        if left.__class__ is value.__class__:
            if left.__class__ in (list, dict):
                raise EvaluationError(f"'in' cannot compare {kind_of(left)}")
            if left == value:
                return True
    return False


def _match(left: Any, right: Operand, parameters: Parameters) -> bool:
    pattern = right(parameters)
    if left.__class__ is not str:
        raise EvaluationError(f"a pattern is searched for in a text, not in {kind_of(left)}")
    if pattern.__class__ is str:
        try:
            pattern = compile_regex(pattern)
        except RegexError as error:
            raise EvaluationError(str(error)) from None
    elif pattern.__class__ is not Regex:
        raise EvaluationError(f"a pattern is a text, not {kind_of(pattern)}")
    return bool(pattern.matches(left))


def _not_match(left: Any, right: Operand, parameters: Parameters) -> bool:
    return not _match(left, right, parameters)


def _ordering(symbol: str, compare: Callable[[Any, Any], bool]) -> Operator:
    def order(left: Any, right: Operand, parameters: Parameters) -> bool:
        other = right(parameters)
        if left.__class__ is not other.__class__ or left.__class__ not in (float, str):
            kinds = f"{kind_of(left)} and {kind_of(other)}"
            raise EvaluationError(f"'{symbol}' wants two numbers or two texts, found {kinds}")
        return compare(left, other)

    return order


def _arithmetic(symbol: str, compute: Callable[[float, float], float]) -> Operator:
    def operate(left: Any, right: Operand, parameters: Parameters) -> float:
        other = right(parameters)
        return compute(_number(symbol, left), _number(symbol, other))

    return operate


def _whole(compute: Callable[[int, int], int]) -> Callable[[float, float], float]:
    return lambda left, right: float(compute(truncate(left), truncate(right)))


def _shift_left(left: float, right: float) -> float:
    places = truncate_unsigned(right)
    return float((truncate_unsigned(left) << places) % (1 << 64)) if places < 64 else 0.0


def _shift_right(left: float, right: float) -> float:
    places = truncate_unsigned(right)
    return float(truncate_unsigned(left) >> places) if places < 64 else 0.0


def _list(left: Any, right: Operand, parameters: Parameters) -> list[Any]:
    value = right(parameters)
    return [*left, value] if left.__class__ is list else [left, value]


LEVELS: Final[tuple[Mapping[str, Operator], ...]] = (
    {",": _list},
    {"?": _then, ":": _else, "??": _else},
    {"||": _or},
    {"&&": _and},
    {
        "==": _equal,
        "!=": _not_equal,
        ">": _ordering(">", lambda left, right: bool(left > right)),
        ">=": _ordering(">=", lambda left, right: bool(left >= right)),
        "<": _ordering("<", lambda left, right: bool(left < right)),
        "<=": _ordering("<=", lambda left, right: bool(left <= right)),
        "=~": _match,
        "!~": _not_match,
        "in": _in,
    },
    {
        "&": _arithmetic("&", _whole(lambda left, right: left & right)),
        "|": _arithmetic("|", _whole(lambda left, right: left | right)),
        "^": _arithmetic("^", _whole(lambda left, right: left ^ right)),
    },
    {"<<": _arithmetic("<<", _shift_left), ">>": _arithmetic(">>", _shift_right)},
    {"+": _add, "-": _arithmetic("-", lambda left, right: left - right)},
    {
        "*": _arithmetic("*", lambda left, right: left * right),
        "/": _arithmetic("/", divide),
        "%": _arithmetic("%", remainder),
    },
    {"**": _arithmetic("**", power)},
)
"""The operators by precedence, the loosest first. All of them group from the left."""


def prefix(symbol: str, operand: Operand) -> Operand:
    """The operation that a prefix is."""
    match symbol:
        case "-":
            return lambda parameters: -_number("-", operand(parameters))
        case "!":
            return lambda parameters: not _boolean("!", operand(parameters))
        case _:
            return lambda parameters: float(~truncate(_number("~", operand(parameters))))
