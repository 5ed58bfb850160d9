"""How each node is written in Python: expressions where possible, statements for projections and what lies around them.

The common case is written inline, anything else is left to the functions of `jmes_values`. CPython bounds how deep
blocks and parentheses may nest. So beyond a number of blocks a node becomes a function of its own, which any node can,
being a function of one value; and an expression that has grown long is put into a variable first.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sensors.languages import jmes_tree as tree
from sensors.languages.jmes_functions import Parameter

_SPILL = 400
"""Characters of an expression before it is put into a variable; CPython allows 200 nested parentheses."""

_SYMBOLS = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_MIRRORED: dict[tree.Comparison, tree.Comparison] = {
    "eq": "eq",
    "ne": "ne",
    "lt": "gt",
    "lte": "gte",
    "gt": "lt",
    "gte": "lte",
}
_SMALL = (tree.Given, tree.Constant, tree.Field, tree.Index)
"""Nodes that are never worth a function."""

_UNKNOWN = object()
"""What a side of a comparison stands for that is no constant."""


class Surroundings(Protocol):
    """The program a body is part of."""

    nesting: int
    """Blocks allowed within blocks."""

    def function(self, node: tree.Node) -> str:
        """The name of a new function for `node`."""

    def constant(self, value: object) -> str:
        """How the source writes `value`."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A Python expression.

    `is_name`: it is a variable. `is_constant`: it is a constant, written out or global. What is neither must not be
    written twice. `is_plain`: Python holds it for true when JMESPath does; with numbers that is not so.
    """

    text: str
    is_name: bool = False
    is_constant: bool = False
    is_plain: bool = False

    @property
    def is_atom(self) -> bool:
        return self.is_name or self.is_constant


class Body:
    """Writes the body of one function, whose argument is `v`."""

    def __init__(self, program: Surroundings) -> None:
        self._program = program
        self._lines: list[str] = []
        self._depth = 0
        self._variables = 0

    def lines_for(self, node: tree.Node) -> list[str]:
        result = self._operand(node, "v")
        return [*self._lines, f"return {result.text}"]

    # Every method below that is given a node gives an expression for it, after writing the statements it needs.

    def _operand(self, node: tree.Node, given: str) -> Operand:
        """`node` applied to the variable `given`."""
        if self._depth >= self._program.nesting and not isinstance(node, _SMALL):
            return Operand(f"{self._program.function(node)}({given})")
        return self._short(self._expression(node, given))

    def _expression(self, node: tree.Node, given: str) -> Operand:
        match node:
            case tree.Given():
                return Operand(given, is_name=True)
            case tree.Constant(value):
                return Operand(
                    self._program.constant(value), is_constant=True, is_plain=type(value) not in (int, float)
                )
            case tree.Field() | tree.Index() | tree.Slice():
                return self._member(node, Operand(given, is_name=True))
            case tree.Chain(steps):
                return self._chain(steps, given)
            case tree.Flatten(base):
                return Operand(f"flatten({self._operand(base, given).text})", is_plain=True)
            case tree.Projection():
                return self._projection(node, given)
            case tree.Compare():
                return self._compare(node, given)
            case tree.Logic():
                return self._logic(node, given)
            case tree.Not(term):
                return Operand(f"(not {self._truth(self._operand(term, given))})", is_plain=True)
            case tree.MultiList(items):
                return self._multi_select(items, given, "[{}]", [""] * len(items))
            case tree.MultiHash(items):
                keys = [f"{self._program.constant(key)}: " for key, _ in items]
                return self._multi_select([item for _, item in items], given, "{{{}}}", keys)
            case tree.Reference(body):
                return Operand(self._program.function(body), is_constant=True)
            case tree.Call():
                return self._call(node, given)

    def _operands(self, nodes: Iterable[tree.Node], given: str) -> list[Operand]:
        """Several nodes, computed in their order."""
        made: list[Operand] = []
        settled = 0
        for node in nodes:
            start = len(self._lines)
            operand = self._operand(node, given)
            if len(self._lines) > start:
                # Its statements run before any expression still to be written: earlier ones must come before them.
                own, self._lines[start:] = self._lines[start:], []
                made[settled:] = [each if each.is_atom else self._variable(each) for each in made[settled:]]
                self._lines += own
                settled = len(made)
            made.append(operand)
        return made

    def _chain(self, steps: Sequence[tree.Node], given: str) -> Operand:
        made = Operand(given, is_name=True)
        for step in steps:
            if isinstance(step, tree.Field | tree.Index | tree.Slice):
                made = self._short(self._member(step, made))
            else:
                made = self._operand(step, self._name(made))
        return made

    def _member(self, node: tree.Field | tree.Index | tree.Slice, base: Operand) -> Operand:
        first, again = self._bound(base)
        match node:
            case tree.Field(name):
                key = self._program.constant(name)
                otherwise = f"None if {again} is None else field({again}, {key})"
                return Operand(f"({again}.get({key}) if {first}.__class__ is dict else {otherwise})")
            case tree.Index(position):
                inside = f"len({again}) > {position}" if position >= 0 else f"len({again}) >= {-position}"
                return Operand(f"({again}[{position}] if isinstance({first}, list) and {inside} else None)")
            case tree.Slice(start, stop, step):
                bounds = ":".join("" if bound is None else repr(bound) for bound in (start, stop, step))
                return Operand(f"({again}[{bounds}] if isinstance({first}, list) else None)", is_plain=True)

    def _projection(self, node: tree.Projection, given: str) -> Operand:
        base = self._name(self._operand(node.base, given))
        found, element, elements = self._fresh(), self._fresh(), base
        opening = f"if isinstance({base}, list):"
        if node.of_values:
            elements = self._fresh()
            opening = f"if ({elements} := values({base})) is not None:"
        with self._block() as loop:
            if node.condition is None:
                self._collect(node.each, element, found)
            else:
                test = self._truth(self._operand(node.condition, element))
                with self._block() as chosen:
                    self._collect(node.each, element, found)
                self._lines += [f"if {test}:", *indented(chosen)]
        filled = [f"{found} = []", f"for {element} in {elements}:", *indented(loop)]
        self._lines += [opening, *indented(filled), f"else: {found} = None"]
        return Operand(found, is_name=True, is_plain=True)

    def _collect(self, node: tree.Node, element: str, found: str) -> None:
        first, again = self._bound(self._operand(node, element))
        self._lines.append(f"if {first} is not None: {found}.append({again})")

    def _compare(self, node: tree.Compare, given: str) -> Operand:
        left, right = self._operands((node.left, node.right), given)
        comparison, constant = node.comparison, node.right
        if isinstance(node.left, tree.Constant) and not isinstance(node.right, tree.Constant):
            left, right, comparison, constant = right, left, _MIRRORED[node.comparison], node.left
        value = constant.value if isinstance(constant, tree.Constant) else _UNKNOWN
        if comparison in ("eq", "ne"):
            return Operand(f"({self._equality(left, right, value, comparison == 'ne')})", is_plain=True)
        if type(value) not in (int, float, str):
            return Operand(f"order({comparison}, {left.text}, {right.text})", is_plain=True)
        first, again = self._bound(left)
        same = f"{again} {_SYMBOLS[comparison]} {right.text} if {first}.__class__ is {type(value).__name__}"
        return Operand(f"({same} else order({comparison}, {again}, {right.text}))", is_plain=True)

    def _equality(self, left: Operand, right: Operand, value: object, negated: bool) -> str:
        """`value` is what `right` stands for, if that is a constant."""
        if value is _UNKNOWN:
            return f"{'not ' if negated else ''}equals({left.text}, {right.text})"
        if value is None or value is True or value is False:
            return f"{self._bound(left)[0]} {'is not' if negated else 'is'} {right.text}"
        if type(value) in (int, float) and value in (0, 1):  # to Python also False or True
            first, again = self._bound(left)
            if negated:
                return f"{first} != {right.text} or {again}.__class__ is bool"
            return f"{first} == {right.text} and {again}.__class__ is not bool"
        return f"{left.text} {'!=' if negated else '=='} {right.text}"

    def _logic(self, node: tree.Logic, given: str) -> Operand:
        conjunction = node.operator == "and"
        made = self._operand(node.terms[0], given)
        for term in node.terms[1:]:
            with self._block() as lines:
                following = self._operand(term, given)
            # What ends an `and` is false, and all that JMESPath holds for false is false to Python, too.
            is_plain = following.is_plain and (conjunction or made.is_plain)
            if lines:
                result = self._fresh()
                self._lines.append(f"{result} = {made.text}")
                test = self._truth(Operand(result, is_name=True, is_plain=made.is_plain))
                opening = f"if {test}:" if conjunction else f"if not {test}:"
                self._lines += [opening, *indented([*lines, f"{result} = {following.text}"])]
                made = Operand(result, is_name=True, is_plain=is_plain)
            elif made.is_plain:
                made = self._short(Operand(f"({made.text} {node.operator} {following.text})", is_plain=is_plain))
            else:
                first, again = self._bound(made)
                positive, negative = (following.text, again) if conjunction else (again, following.text)
                made = self._short(Operand(f"({positive} if {_test(first, again)} else {negative})", is_plain=is_plain))
        return made

    def _multi_select(self, items: Sequence[tree.Node], given: str, form: str, prefixes: Sequence[str]) -> Operand:
        with self._block() as lines:
            operands = self._operands(items, given)
        display = form.format(", ".join(key + each.text for key, each in zip(prefixes, operands, strict=True)))
        if not lines:
            return Operand(f"(None if {given} is None else {display})", is_plain=True)
        result = self._fresh()
        self._lines += [f"if {given} is None: {result} = None", "else:", *indented([*lines, f"{result} = {display}"])]
        return Operand(result, is_name=True, is_plain=True)

    def _call(self, node: tree.Call, given: str) -> Operand:
        function = node.function
        operands = self._operands(node.arguments, given)
        call = self._program.constant(function.call)
        checked = self._program.constant(function.checked)
        is_plain = function.returns not in ("any", "number")
        tested = [
            at for at, parameter in enumerate(function.parameters) if not _surely_fits(node.arguments[at], parameter)
        ]
        if any(function.parameters[at].elements for at in tested):
            return Operand(f"{checked}({_listed(operands)})", is_plain=is_plain)
        if not tested:
            return Operand(f"{call}({_listed(operands)})", is_plain=is_plain)
        # Arguments are written twice. One that needs a test, and nothing before it, is bound by that very test.
        bindable = tested[0] if [at for at, each in enumerate(operands) if not each.is_atom] == tested[:1] else None
        tests = []
        for at, operand in enumerate(operands):
            first = operand.text
            if at == bindable:
                first, again = self._bound(operand)
                operands[at] = Operand(again, is_name=True)
            elif not operand.is_atom:
                operands[at] = self._variable(operand)
                first = operands[at].text
            if at in tested:
                tests.append(f"({first}).__class__ {self._class_test(function.parameters[at].classes)}")
        arguments = _listed(operands)
        return Operand(f"({call}({arguments}) if {' and '.join(tests)} else {checked}({arguments}))", is_plain=is_plain)

    def _class_test(self, classes: tuple[type, ...]) -> str:
        if len(classes) == 1:
            return f"is {self._program.constant(classes[0])}"
        return f"in {self._program.constant(classes)}"

    def _truth(self, operand: Operand) -> str:
        """A Python condition that holds if JMESPath holds the operand for true."""
        return operand.text if operand.is_plain else _test(*self._bound(operand))

    def _bound(self, operand: Operand) -> tuple[str, str]:
        """How to write the operand the first time, and how any other time after that."""
        if operand.is_name:
            return operand.text, operand.text
        name = self._fresh()
        return f"({name} := {operand.text})", name

    def _name(self, operand: Operand) -> str:
        return operand.text if operand.is_name else self._variable(operand).text

    def _variable(self, operand: Operand) -> Operand:
        name = self._fresh()
        self._lines.append(f"{name} = {operand.text}")
        return Operand(name, is_name=True, is_plain=operand.is_plain)

    def _short(self, operand: Operand) -> Operand:
        return operand if len(operand.text) <= _SPILL else self._variable(operand)

    def _fresh(self) -> str:
        self._variables += 1
        return f"t{self._variables}"

    @contextmanager
    def _block(self) -> Iterator[list[str]]:
        """What is written within goes to the list given instead, one block deeper."""
        outer, self._lines = self._lines, []
        self._depth += 1
        yield self._lines
        self._depth -= 1
        self._lines = outer


def indented(lines: Iterable[str]) -> list[str]:
    return [f" {line}" for line in lines]


def _listed(operands: Iterable[Operand]) -> str:
    return ", ".join(operand.text for operand in operands)


def _test(first: str, again: str) -> str:
    """JMESPath's truth of any value; of what is false to Python, numbers are true."""
    return f"({first} or {again} is not None and {again} is not False and is_true({again}))"


def _surely_fits(argument: tree.Node, parameter: Parameter) -> bool:
    """Whether an argument need not be tested. That a reference goes to a parameter for one, the parser has seen to."""
    if not parameter.kinds or isinstance(argument, tree.Reference):
        return True
    return isinstance(argument, tree.Constant) and parameter.mismatch(argument.value) is None
