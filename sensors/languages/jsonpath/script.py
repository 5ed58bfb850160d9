"""Scripts within a JSONPath, `@.price < 10 && @.name =~ '^a'`, by the rules of evilmonkeyinc/jsonpath 0.8.1.

A script is cut at its loosest operator, again and again; what has none is a text, and texts are read as numbers, truths
or lists where an operator wants such. There is no precedence of quotes over parentheses, and both sides of `&&` are asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from sensors.languages.gjson.result import read_float, read_truth
from sensors.languages.go.arithmetic import divide, power
from sensors.languages.go.format import show
from sensors.languages.go.json import decode
from sensors.languages.go.limits import GoError
from sensors.languages.go.numbers import fits, read_integer
from sensors.languages.go.values import Int64
from sensors.languages.regex_search import RegexError, compile_regex


class Walk(Protocol):
    """A query under way. With no steps `left`, an error ends it, even where what is not found is left out."""

    root: Any
    left: int


Evaluate: TypeAlias = Callable[[Any, Any], Any]
"""Of a walk and the current value. Raises GoError."""
Select: TypeAlias = Callable[[str], Evaluate]
"""Makes the function that a path within a script is."""
Argument: TypeAlias = "Evaluate | str | list[Any] | dict[str, Any] | None"

_OPERATORS: Final = (
    *("||", "&&", "==", "!=", "<=", ">=", "<", ">", "=~", "!", "+", "-", "**", "*", "/", "%", "not in", "in", "@", "$"),
)
_PATHS: Final = ("@", "$")
_NAMES: Final = ("$", "@", "nil", "null")
_MOST_CUTS: Final = 2000
_MAX_DEPTH: Final = 30


def compile_script(text: str, select: Select) -> Evaluate:
    """The function of a script. Raises GoError."""
    operator = _Cutter(select).cut(text, _OPERATORS)
    if operator is not None:
        return operator
    if not text:
        return _failing("the script is empty")
    return lambda walk, current: _plain(text, walk, current)


def is_true(value: Any) -> bool:
    """Whether a filter keeps what its script gives this value for."""
    if isinstance(value, str):
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        return bool(value)
    return value is not None and bool(value)


def _failing(reason: str) -> Evaluate:
    def run(walk: Walk, current: Any) -> Any:
        raise GoError(reason)

    return run


def _plain(text: str, walk: Walk, current: Any) -> Any:
    """A script without an operator: a number, a truth, or its own text."""
    if text in _NAMES:
        return _named(text, walk, current)
    for read in (_number, _boolean):
        try:
            return read(text, walk, current)
        except GoError:
            continue
    return text


class _Cutter:
    def __init__(self, select: Select) -> None:
        self._select = select
        self._left = _MOST_CUTS
        self._depth = 0

    def cut(self, text: str, operators: tuple[str, ...]) -> Evaluate | None:
        """The function of a text with one of these operators, the loosest first; None if there is none."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise GoError("the script is nested too deeply")
        found = self._cut(text.strip(), operators)
        self._depth -= 1
        return found

    def _cut(self, text: str, operators: tuple[str, ...]) -> Evaluate | None:
        while text and operators:
            self._left -= 1
            if self._left < 0:
                raise GoError("the script is too long")
            operator = operators[0]
            if text.startswith("(") and text.endswith(")"):
                # The operator at hand is looked for once more before all are; then no text is left for the sides.
                text, operators = text[1:-1].strip(), ("", *_OPERATORS)
            at = _find(text, operator)
            if at >= 0 and (found := self._at(text, at, operator, operators)) is not None:
                return found
            operators = operators[1:]
        return None

    def _at(self, text: str, at: int, operator: str, operators: tuple[str, ...]) -> Evaluate | None:
        """The function of the operator at this place, None if it does not belong there."""
        before, after = text[:at].strip(), text[at + len(operator) :].strip()
        if operator in _PATHS:
            self._argument(after, operators)
            return self._select(text) if self._argument(before, operators) is None else None
        if not after or (not before and operator != "!"):
            return None
        right = self._argument(after, operators)
        left = self._argument(before, operators)
        if operator == "!":
            return None if left is not None else lambda walk, current: not _boolean(right, walk, current)
        if not operator:
            raise GoError("the script is not understood: leave out the outer parentheses")
        run = _RUN[operator]
        return lambda walk, current: run(left, right, walk, current)

    def _argument(self, text: str, operators: tuple[str, ...]) -> Argument:
        operator = self.cut(text, operators)
        if operator is not None:
            return operator
        text = text.strip()
        if not text:
            return None
        if text[0] + text[-1] in ("[]", "{}"):
            value, problem = decode(text)
            if not problem:
                return value  # type: ignore[no-any-return]
        return text


def _find(text: str, operator: str) -> int:
    """Where an operator stands outside of quotes and brackets, negative if nowhere."""
    quote, squares, rounds = "", 0, 0
    for at, character in enumerate(text):
        if character in "()" and not quote and squares <= 0:
            rounds += 1 if character == "(" else -1
        elif character in "[]" and not quote and rounds <= 0:
            squares += 1 if character == "[" else -1
        elif character in "'\"" and quote in ("", character) and squares <= 0 and rounds <= 0:
            quote = "" if quote else character
        if quote or squares > 0 or rounds > 0:
            continue
        start = at + 1 - len(operator)
        if start >= 0 and text[start : at + 1] == operator:
            return start
    return -1


def _named(name: str, walk: Walk, current: Any) -> Any:
    return walk.root if name == "$" else current if name == "@" else None


def _value(argument: Argument, walk: Walk, current: Any) -> Any:
    """The value of an argument; the few names that there are stand for theirs."""
    value = argument(walk, current) if callable(argument) else argument
    return _named(value, walk, current) if isinstance(value, str) and value in _NAMES else value


def _number(argument: Argument, walk: Walk, current: Any) -> float:
    value = None if argument is None else show(_value(argument, walk, current))
    try:
        return read_float(value or "")
    except (ValueError, OverflowError):
        raise GoError("the script wants a number") from None


def _integer(argument: Argument, walk: Walk, current: Any) -> int:
    value = None if argument is None else show(_value(argument, walk, current))
    try:
        number = read_integer(value or "", 10)
    except ValueError:
        number = 1 << 64
    if not fits(number):
        raise GoError("the script wants an integer")
    return number


def _boolean(argument: Argument, walk: Walk, current: Any) -> bool:
    value = None if argument is None else _value(argument, walk, current)
    truth = False if value is None else read_truth(show(value))
    if truth is None:
        raise GoError("the script wants true or false")
    return truth


def _text(argument: Argument, walk: Walk, current: Any) -> str:
    """The text of an argument; one that was quoted, or is a value of the document, in single quotes."""
    if argument is None:
        raise GoError("the script wants a text")
    value = argument(walk, current) if callable(argument) else argument
    is_name = isinstance(value, str) and value in _NAMES
    if isinstance(value, str) and is_name:
        value = _named(value, walk, current)
    if not isinstance(value, str):
        return show(value)
    is_single = len(value) > 1 and value[0] == value[-1] == "'"
    if not is_single and len(value) > 1 and value[0] == value[-1] == '"':
        return f"'{value[1:-1]}'"
    return f"'{value}'" if is_name and not is_single else value


def _elements(argument: Argument, walk: Walk, current: Any) -> list[Any]:
    if argument is None:
        raise GoError("the script wants a list")
    value = _value(argument, walk, current)
    if isinstance(value, str) and value[:1] + value[-1:] in ("[]", "{}"):
        value, problem = decode(value)
        if problem:
            raise GoError(problem)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise GoError("the script wants a list")


def _is_equal(left: Argument, right: Argument, walk: Walk, current: Any) -> bool:
    try:
        return _number(left, walk, current) == _number(right, walk, current)
    except GoError:
        if walk.left < 0:
            raise
        return _text(left, walk, current) == _text(right, walk, current)


def _is_in(left: Argument, right: Argument, walk: Walk, current: Any) -> bool:
    item: Any = left
    for read in (_number, _text, _boolean):
        try:
            item = read(left, walk, current)
            break
        except GoError:
            if walk.left < 0:
                raise
    elements = _elements(right, walk, current)
    return any(isinstance(element, bool) is isinstance(item, bool) and element == item for element in elements)


def _matches(left: Argument, right: Argument, walk: Walk, current: Any) -> bool:
    text, pattern = (_unquoted(_text(argument, walk, current)) for argument in (left, right))
    try:
        return compile_regex(pattern).matches(text)
    except RegexError as error:
        raise GoError(str(error)) from None


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text


def _remainder(left: Argument, right: Argument, walk: Walk, current: Any) -> Int64:
    number, divisor = _integer(left, walk, current), _integer(right, walk, current)
    if not divisor:
        walk.left = -1
        raise GoError("a division by zero")
    rest = abs(number) % abs(divisor)
    return Int64(-rest if number < 0 else rest)


def _with(read: Callable[[Argument, Walk, Any], Any], compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """An operator on two arguments that are read in one way."""

    def run(left: Argument, right: Argument, walk: Walk, current: Any) -> Any:
        return compute(read(left, walk, current), read(right, walk, current))

    return run


_RUN: Final[dict[str, Callable[..., Any]]] = {
    "||": _with(_boolean, lambda left, right: left or right),
    "&&": _with(_boolean, lambda left, right: left and right),
    "==": _is_equal,
    "!=": lambda left, right, walk, current: not _is_equal(left, right, walk, current),
    "<=": _with(_number, lambda left, right: left <= right),
    ">=": _with(_number, lambda left, right: left >= right),
    "<": _with(_number, lambda left, right: left < right),
    ">": _with(_number, lambda left, right: left > right),
    "=~": _matches,
    "+": _with(_number, lambda left, right: left + right),
    "-": _with(_number, lambda left, right: left - right),
    "**": _with(_number, power),
    "*": _with(_number, lambda left, right: left * right),
    "/": _with(_number, divide),
    "%": _remainder,
    "not in": lambda left, right, walk, current: not _is_in(left, right, walk, current),
    "in": _is_in,
}
