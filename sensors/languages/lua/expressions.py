"""How expressions of Lua are written in Python: each is one expression there, too.

`t`, `r`, `g` and `o` are variables of the moment: what is put into one is used before anything else is evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Protocol

from sensors.languages.lua import tree

_ARITHMETIC: Final = {"+": "add", "-": "subtract", "*": "multiply", "/": "divided", "%": "remainder", "^": "raised"}
_ORDERS: Final = {"<": "less", "<=": "less_or_equal", ">": "greater", ">=": "greater_or_equal"}
_BOOLEAN: Final = frozenset(("==", "~=", *_ORDERS))


class Surroundings(Protocol):
    """The program an expression is part of."""

    has_coroutines: bool
    """Whether every function may be left halfway, and so is called by a generator."""

    used: set[str]
    """Global variables that are read, and members of them, as in `os.date`."""

    def function(self, body: tree.FunctionBody) -> str:
        """The name of what makes a function, given the variables that it shares."""


class Expressions:
    """Writes expressions; `cost` counts what they are made of."""

    def __init__(self, program: Surroundings) -> None:
        self.program = program
        self.cost = 0

    def value(self, node: tree.Expression) -> str:
        """One value."""
        self.cost += 1
        match node:
            case tree.Constant(constant):
                return _literal(constant)
            case tree.Varargs():
                return "(rest[0] if rest else None)"
            case tree.Call() | tree.MethodCall():
                return f"(r if (r := {self._call(node)}).__class__ is not tuple else r[0] if r else None)"
            case tree.Single(inner):
                return self.value(inner)
            case tree.Local(variable):
                return f"{name_of(variable)}[0]" if variable.is_shared else name_of(variable)
            case tree.Global(name):
                self.program.used.add(name)
                return f"field(run, run.globals, {name!r})"
            case tree.Index(base, key):
                if isinstance(base, tree.Global) and isinstance(key, tree.Constant):
                    self.program.used.add(f"{base.name}.{key.value}")
                return f"{'field' if is_name(key) else 'index'}(run, {self.value(base)}, {self.value(key)})"
            case tree.Binary():
                return self._binary(node)
            case tree.Unary("not", operand):
                return f"(not {self.condition(operand)})"
            case tree.Unary(operator, operand):
                return f"{'negate' if operator == '-' else 'length'}(run, {self.value(operand)})"
            case tree.Logic(operator, terms):
                chosen = [f"t if {self._decides(operator, term)}" for term in terms[:-1]]
                return f"({' else '.join((*chosen, self.value(terms[-1])))})"
            case tree.Concatenation(terms):
                return f"concatenate(run, {', '.join(map(self.value, terms))})"
            case tree.TableMaker(items):
                return self._table(items)
            case tree.Closure(body):
                return f"{self.program.function(body)}({', '.join(map(name_of, body.free))})"

    def several(self, node: tree.Expression) -> str | None:
        """All values, as a function returns them; None for what is always one value."""
        match node:
            case tree.Varargs():
                self.cost += 1
                return "rest"
            case tree.Call() | tree.MethodCall():
                self.cost += 1
                return self._call(node)
            case _:
                return None

    def values(self, nodes: Sequence[tree.Expression]) -> list[str]:
        """All values of a list, of which the last may stand for any number, as elements of a Python list."""
        if not nodes:
            return []
        *before, last = nodes
        written = [self.value(node) for node in before]
        several = self.several(last)
        if several is None:
            return [*written, self.value(last)]
        return [*written, "*rest" if several == "rest" else f"*spread({several})"]

    def condition(self, node: tree.Expression) -> str:
        """Whether a value is neither nil nor false."""
        match node:
            case tree.Logic(operator, terms):
                self.cost += 1
                return f"({f' {operator} '.join(map(self.condition, terms))})"
            case _ if _is_boolean(node):
                return self.value(node)
            case _:
                return f"((t := {self.value(node)}) is not None and t is not False)"

    def _decides(self, operator: str, term: tree.Expression) -> str:
        """Whether a term is the value of the whole, which it leaves in `t`."""
        value = self.value(term)
        if operator == "or":
            return f"((t := {value}) is not None and t is not False)"
        return f"((t := {value}) is None or t is False)"

    def _call(self, node: tree.Call | tree.MethodCall) -> str:
        if isinstance(node, tree.MethodCall):
            callee = f"field(run, (o := {self.value(node.base)}), {node.name!r})"
            given = ["o"]
        else:
            callee, given = self.value(node.callee), []
        return self.called(callee, [*given, *self.values(node.arguments)])

    def called(self, callee: str, arguments: Sequence[str]) -> str:
        """A call, which gives all its values."""
        if self.program.has_coroutines:
            return f"(yield from invoke({', '.join(('run', callee, *arguments))}))"
        return (
            f"(g if (g := {callee}).__class__ is FunctionType else run.function(g))({', '.join(('run', *arguments))})"
        )

    def _binary(self, node: tree.Binary) -> str:
        if node.operator in ("==", "~="):
            return self._equality(node)
        left, right = self.value(node.left), self.value(node.right)
        return f"{_ARITHMETIC.get(node.operator) or _ORDERS[node.operator]}(run, {left}, {right})"

    def _equality(self, node: tree.Binary) -> str:
        negated = node.operator == "~="
        left, right = self.value(node.left), self.value(node.right)
        # Without a constant on the right alone, Python has no operator for it.
        is_simple = isinstance(node.right, tree.Constant) and not isinstance(node.left, tree.Constant)
        constant = node.right.value if is_simple else 0.0  # type: ignore[union-attr]
        if constant is None or constant is True or constant is False:
            return f"({left} is {'not ' if negated else ''}{right})"
        # To Python, 0 and 1 equal the truths as well.
        if constant not in (0.0, 1.0) and constant == constant:
            return f"({left} {'!=' if negated else '=='} {right})"
        return f"({'not ' if negated else ''}equal(run, {left}, {right}))"

    def _table(self, items: Sequence[tuple[tree.Expression | None, tree.Expression]]) -> str:
        array = [value for key, value in items if key is None]
        members = [(key, value) for key, value in items if key is not None]
        # Only the last of all items may stand for any number of values.
        is_open = bool(items) and items[-1][0] is None
        listed = ", ".join(self.values(array) if is_open else [self.value(value) for value in array])
        if all(is_name(key) for key, _ in members):
            named = [f"{self.value(key)}: {self.value(value)}" for key, value in members]
            return f"make_table(run, [{listed}], {{{', '.join(named)}}})"
        pairs = [f"({self.value(key)}, {self.value(value)})" for key, value in members]
        return f"make_mixed_table(run, [{listed}], [{', '.join(pairs)}])"


def name_of(variable: tree.Variable) -> str:
    """The name that a variable has in Python."""
    return f"{variable.name}_{variable.number}"


def is_name(node: tree.Expression | None) -> bool:
    return isinstance(node, tree.Constant) and isinstance(node.value, str)


def _is_boolean(node: tree.Expression) -> bool:
    match node:
        case tree.Binary(operator):
            return operator in _BOOLEAN
        case tree.Unary(operator):
            return operator == "not"
        case tree.Constant(constant):
            return constant is True or constant is False
        case _:
            return False


def _literal(constant: str | float | bool | None) -> str:
    if isinstance(constant, float) and not math.isfinite(constant):
        return "nan" if math.isnan(constant) else "inf"
    return repr(constant)
