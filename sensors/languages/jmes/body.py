"""How each node is written in Python: expressions where possible, statements for projections and what lies around them.

The common case is written inline, anything else is left to the functions of `jmes_values`. CPython bounds how deep
blocks and parentheses may nest. So beyond a number of blocks a node becomes a function of its own, which any node can,
being a function of one value; and an expression that has grown long is put into a variable first.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sensors.languages.jmes import tree
from sensors.languages.jmes.function import Parameter
from sensors.languages.jmes.writer import Operand, Writer, indented, listed

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


class Body(Writer):
    """Writes the function for a node, whose argument is `v`."""

    def __init__(self, program: Surroundings) -> None:
        super().__init__()
        self._program = program

    def lines_for(self, node: tree.Node) -> list[str]:
        result = self._operand(node, "v")
        return [*self.lines, f"return {result.text}"]

    # Every method below that is given a node gives an expression for it, after writing the statements it needs.

    def _operand(self, node: tree.Node, given: str) -> Operand:
        """`node` applied to the variable `given`."""
        if self.depth >= self._program.nesting and not isinstance(node, _SMALL):
            return Operand(f"{self._program.function(node)}({given})")
        return self.short(self._expression(node, given))

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
                return self._multi_select([("", item) for item in items], given, "[]")
            case tree.MultiHash(items):
                named = [(f"{self._program.constant(name)}: ", item) for name, item in items]
                return self._multi_select(named, given, "{}")
            case tree.Reference(body):
                return Operand(self._program.function(body), is_constant=True)
            case tree.Call():
                return self._call(node, given)

    def _operands(self, nodes: Iterable[tree.Node], given: str) -> list[Operand]:
        """Several nodes, computed in their order."""
        made: list[Operand] = []
        settled = 0
        for node in nodes:
            start = len(self.lines)
            operand = self._operand(node, given)
            if len(self.lines) > start:
                # Its statements run before any expression still to be written: earlier ones must come before them.
                own, self.lines[start:] = self.lines[start:], []
                made[settled:] = [each if each.is_atom else self.variable(each) for each in made[settled:]]
                self.lines += own
                settled = len(made)
            made.append(operand)
        return made

    def _chain(self, steps: Sequence[tree.Node], given: str) -> Operand:
        made = Operand(given, is_name=True)
        for step in steps:
            if isinstance(step, tree.Field | tree.Index | tree.Slice):
                made = self.short(self._member(step, made))
            else:
                made = self._operand(step, self.name(made))
        return made

    def _member(self, node: tree.Field | tree.Index | tree.Slice, base: Operand) -> Operand:
        first, again = self.bound(base)
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
        base = self.name(self._operand(node.base, given))
        found, element, elements = self.fresh(), self.fresh(), base
        opening = f"if isinstance({base}, list):"
        if node.of_values:
            elements = self.fresh()
            opening = f"if ({elements} := values({base})) is not None:"
        with self.block() as loop:
            if node.condition is None:
                self._collect(node.each, element, found)
            else:
                test = self._truth(self._operand(node.condition, element))
                with self.block() as chosen:
                    self._collect(node.each, element, found)
                self.lines += [f"if {test}:", *indented(chosen)]
        filled = [f"{found} = []", f"for {element} in {elements}:", *indented(loop)]
        self.lines += [opening, *indented(filled), f"else: {found} = None"]
        return Operand(found, is_name=True, is_plain=True)

    def _collect(self, node: tree.Node, element: str, found: str) -> None:
        first, again = self.bound(self._operand(node, element))
        self.lines.append(f"if {first} is not None: {found}.append({again})")

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
        first, again = self.bound(left)
        same = f"{again} {_SYMBOLS[comparison]} {right.text} if {first}.__class__ is {type(value).__name__}"
        return Operand(f"({same} else order({comparison}, {again}, {right.text}))", is_plain=True)

    def _equality(self, left: Operand, right: Operand, value: object, negated: bool) -> str:
        """`value` is what `right` stands for, if that is a constant."""
        if value is _UNKNOWN:
            return f"{'not ' if negated else ''}equals({left.text}, {right.text})"
        if value is None or value is True or value is False:
            return f"{self.bound(left)[0]} {'is not' if negated else 'is'} {right.text}"
        if type(value) in (int, float) and value in (0, 1):  # to Python also False or True
            first, again = self.bound(left)
            if negated:
                return f"{first} != {right.text} or {again}.__class__ is bool"
            return f"{first} == {right.text} and {again}.__class__ is not bool"
        return f"{left.text} {'!=' if negated else '=='} {right.text}"

    def _logic(self, node: tree.Logic, given: str) -> Operand:
        conjunction = node.operator == "and"
        made = self._operand(node.terms[0], given)
        for term in node.terms[1:]:
            with self.block() as lines:
                following = self._operand(term, given)
            # What ends an `and` is false, and all that JMESPath holds for false is false to Python, too.
            is_plain = following.is_plain and (conjunction or made.is_plain)
            if lines:
                result = self.fresh()
                self.lines.append(f"{result} = {made.text}")
                test = self._truth(Operand(result, is_name=True, is_plain=made.is_plain))
                opening = f"if {test}:" if conjunction else f"if not {test}:"
                self.lines += [opening, *indented([*lines, f"{result} = {following.text}"])]
                made = Operand(result, is_name=True, is_plain=is_plain)
            elif made.is_plain:
                made = self.short(Operand(f"({made.text} {node.operator} {following.text})", is_plain=is_plain))
            else:
                first, again = self.bound(made)
                positive, negative = (following.text, again) if conjunction else (again, following.text)
                made = self.short(Operand(f"({positive} if {_test(first, again)} else {negative})", is_plain=is_plain))
        return made

    def _multi_select(self, items: Sequence[tuple[str, tree.Node]], given: str, brackets: str) -> Operand:
        with self.block() as lines:
            operands = self._operands([item for _, item in items], given)
        inner = ", ".join(prefix + each.text for (prefix, _), each in zip(items, operands, strict=True))
        display = brackets[0] + inner + brackets[1]
        if not lines:
            return Operand(f"(None if {given} is None else {display})", is_plain=True)
        result = self.fresh()
        self.lines += [f"if {given} is None: {result} = None", "else:", *indented([*lines, f"{result} = {display}"])]
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
            return Operand(f"{checked}({listed(operands)})", is_plain=is_plain)
        if not tested:
            return Operand(f"{call}({listed(self._read(node, operands))})", is_plain=is_plain)
        # Arguments are written twice. One that needs a test, and nothing before it, is bound by that very test.
        bindable = tested[0] if [at for at, each in enumerate(operands) if not each.is_atom] == tested[:1] else None
        tests = []
        for at, operand in enumerate(operands):
            first = operand.text
            if at == bindable:
                first, again = self.bound(operand)
                operands[at] = Operand(again, is_name=True)
            elif not operand.is_atom:
                operands[at] = self.variable(operand)
                first = operands[at].text
            if at in tested:
                tests.append(f"({first}).__class__ {self._class_test(function.parameters[at].classes)}")
        called = f"{call}({listed(self._read(node, operands))})"
        return Operand(f"({called} if {' and '.join(tests)} else {checked}({listed(operands)}))", is_plain=is_plain)

    def _read(self, node: tree.Call, operands: Sequence[Operand]) -> list[Operand]:
        """The operands of a call as the function wants them; constants are read here and now."""
        made = list(operands)
        for at, parameter in enumerate(node.function.parameters):
            argument = node.arguments[at]
            if parameter.read is None:
                continue
            if not isinstance(argument, tree.Constant):
                made[at] = Operand(f"{self._program.constant(parameter.read)}({operands[at].text})")
            elif parameter.mismatch(argument.value) is None:
                made[at] = Operand(self._program.constant(parameter.read(argument.value)), is_constant=True)
        return made

    def _class_test(self, classes: tuple[type, ...]) -> str:
        if len(classes) == 1:
            return f"is {self._program.constant(classes[0])}"
        return f"in {self._program.constant(classes)}"

    def _truth(self, operand: Operand) -> str:
        """A Python condition that holds if JMESPath holds the operand for true."""
        return operand.text if operand.is_plain else _test(*self.bound(operand))


def _test(first: str, again: str) -> str:
    """JMESPath's truth of any value; of what is false to Python, numbers are true."""
    return f"({first} or {again} is not None and {again} is not False and is_true({again}))"


def _surely_fits(argument: tree.Node, parameter: Parameter) -> bool:
    """Whether an argument need not be tested. That a reference goes to a parameter for one, the parser has seen to."""
    if not parameter.kinds or isinstance(argument, tree.Reference):
        return True
    return isinstance(argument, tree.Constant) and parameter.mismatch(argument.value) is None
