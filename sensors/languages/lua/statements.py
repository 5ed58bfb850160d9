"""How functions and statements of Lua are written in Python.

A variable that functions share is a list of one element, made anew each time it is declared. A block with labels is a loop
around its parts, which are passed over up to the label that was jumped to; whoever jumps out of other loops on the way
leaves the number of the loop where it is to go on in `leave`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sensors.languages.lua import tree
from sensors.languages.lua.expressions import Expressions, Surroundings, is_name, name_of

if TYPE_CHECKING:
    from sensors.languages.lua.lexer import Source


class Line(NamedTuple):
    """A line of Python, its indentation left to the one who puts functions together, and the line of Lua it is for."""

    depth: int
    text: str
    line: int


@dataclass(eq=False, slots=True)
class Loop:
    """An open loop of Python: one of the script, or with labels, which are numbered from 1."""

    number: int
    block: tree.Block = ()
    labels: dict[str, int] = field(default_factory=dict)
    before_condition: bool = False
    at: int = 0
    crossed_by: set[int] = field(default_factory=set)


class Function(Expressions):
    """Writes one function."""

    def __init__(self, program: Surroundings, source: Source, body: tree.FunctionBody) -> None:
        super().__init__(program)
        self._source = source
        self._body = body
        self._lines: list[Line] = []
        self._line = body.line
        self._depth = 0
        self._loops: list[Loop] = []
        self._count = 0
        self._leaves = False

    def lines(self, name: str) -> list[Line]:
        """The function that makes this one, given the variables that it shares."""
        body = self._body
        parameters = [name_of(variable) for variable in body.parameters]
        rest = "*rest" if body.is_variadic else "*_"
        self._write(f"def make_{name}({', '.join(map(name_of, body.free))}):")
        with self._deeper():
            self._write(f"def {name}({', '.join(('run', *(f'{each}=None' for each in parameters), rest))}):")
            with self._deeper():
                with self._counted():
                    start = len(self._lines)
                    self._share(body.parameters)
                    if body.legacy is not None and body.legacy.is_used:
                        extra = "None" if body.uses_varargs else "make_table(run, [*rest], {'n': float(len(rest))})"
                        self._declare([body.legacy], [extra])
                    self._block(body.block)
                    if self._leaves:
                        self._lines.insert(start, Line(self._depth, "leave = 0", body.line))
                self._write("return ()")
                if self.program.has_coroutines:
                    self._write("yield")
            self._write(f"return {name}")
        return self._lines

    def _write(self, text: str) -> None:
        self._lines.append(Line(self._depth, text, self._line))

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """What is written here may be executed any number of times: it pays for what it consists of."""
        start, place = self.cost, len(self._lines)
        self._write("")
        self._write("if run.steps < 0: run.look()")
        yield
        self._lines[place] = self._lines[place]._replace(text=f"run.steps -= {1 + (self.cost - start) // 2}")

    @contextmanager
    def _loop(self, loop: Loop) -> Iterator[None]:
        """The body of a loop, after whose opening this is written."""
        self._loops.append(loop)
        with self._deeper(), self._counted():
            yield
        self._loops.pop()
        for number in sorted(loop.crossed_by):
            around = self._loops[-1]
            if around.number != number:
                self._write(f"if leave == {number}: break")
                continue
            self._write(f"if leave == {number}:")
            with self._deeper():
                self._write("leave = 0")
                self._write("continue" if around.labels else "break")

    def _new_loop(self) -> Loop:
        self._count += 1
        return Loop(self._count)

    # Blocks

    def _block(self, block: tree.Block, before_condition: bool = False) -> None:
        if not any(isinstance(statement, tree.Label) for statement in block):
            for statement in block:
                self._statement(statement)
            return
        loop = self._new_loop()
        loop.block, loop.before_condition = block, before_condition
        for statement in block:
            if isinstance(statement, tree.Label):
                if statement.name in loop.labels:
                    raise self._source.error(f"there is a label '{statement.name}' in this block already", statement.at)
                loop.labels[statement.name] = len(loop.labels) + 1
        self._write(f"at_{loop.number} = 0")
        self._write("while True:")
        with self._loop(loop):
            part = 0
            self._write(f"if at_{loop.number} <= 0:")
            with self._deeper():
                self._write("pass")
                for loop.at, statement in enumerate(block):
                    if isinstance(statement, tree.Label):
                        part += 1
                        self._depth -= 1
                        self._write(f"if at_{loop.number} <= {part}:")
                        self._depth += 1
                        self._write("pass")
                    else:
                        self._statement(statement)
            self._write("break")

    def _inner(self, block: tree.Block) -> None:
        with self._deeper():
            self._write("pass")
            self._block(block)

    # Statements

    def _statement(self, statement: tree.Statement) -> None:
        self._line = statement.line
        self.cost += 1
        match statement:
            case tree.Assign():
                self._assign(statement.targets, statement.values)
            case tree.Declare(_, [variable], [tree.Closure() as closure]) if variable.is_shared:
                # A function may know the variable it is put into.
                self._write(f"{name_of(variable)} = [None]")
                self._write(f"{name_of(variable)}[0] = {self.value(closure)}")
            case tree.Declare(_, variables, values):
                self._declare(variables, self._expanded(values, len(variables)))
            case tree.Evaluate(_, call):
                self._write(self.several(call) or "")
            case tree.Do(_, block):
                self._block(block)
            case tree.While(_, condition, block):
                self._write(f"while {self.condition(condition)}:")
                with self._loop(self._new_loop()):
                    self._block(block)
            case tree.Repeat(line, block, condition):
                self._write("while True:")
                with self._loop(self._new_loop()):
                    self._block(block, before_condition=True)
                    self._line = line
                    self._write(f"if {self.condition(condition)}: break")
            case tree.If():
                self._if(statement)
            case tree.CountingFor():
                self._counting_for(statement)
            case tree.IteratingFor():
                self._iterating_for(statement)
            case tree.Return(_, values):
                self._return(values)
            case tree.Break(_, at):
                self._jump(
                    next((loop for loop in reversed(self._loops) if not loop.labels), None),
                    "there is no loop to leave",
                    at,
                )
            case tree.Goto():
                self._goto(statement)
            case tree.Label():
                pass

    def _if(self, statement: tree.If) -> None:
        word = "if"
        for condition, block in statement.branches:
            self._write(f"{word} {self.condition(condition)}:")
            self._inner(block)
            word = "elif"
        if statement.otherwise:
            self._write("else:")
            self._inner(statement.otherwise)

    def _counting_for(self, statement: tree.CountingFor) -> None:
        loop = self._new_loop()
        now, last, step = (f"{name}_{loop.number}" for name in ("now", "last", "step"))
        bounds = ", ".join(self.value(each) for each in (statement.first, statement.last, statement.step))
        self._write(f"{now}, {last}, {step} = counting(run, {bounds})")
        self._write("while True:")
        with self._loop(loop):
            self._write(f"{now} += {step}")
            self._write(f"if not ({now} <= {last} if {step} > 0 else {now} >= {last}): break")
            self._declare([statement.variable], [now])
            self._block(statement.block)

    def _iterating_for(self, statement: tree.IteratingFor) -> None:
        loop = self._new_loop()
        each, state, control = (f"{name}_{loop.number}" for name in ("each", "state", "control"))
        self._unpack([each, state, control], self._expanded(statement.values, 3))
        self._write("while True:")
        with self._loop(loop):
            names = [name_of(variable) for variable in statement.variables]
            self._unpack(names, [f"*spread({self.called(each, [state, control])})", *["None"] * len(names)])
            self._write(f"if {names[0]} is None: break")
            self._write(f"{control} = {names[0]}")
            self._share(statement.variables)
            self._block(statement.block)

    def _return(self, values: Sequence[tree.Expression]) -> None:
        if len(values) == 1:
            self._write(f"return {self.several(values[0]) or self.value(values[0])}")
        else:
            self._write(f"return ({', '.join(self.values(values))})")

    # Assignments

    def _expanded(self, values: Sequence[tree.Expression], count: int) -> list[str]:
        """As many values as there are names for, or more."""
        is_open = 0 < len(values) < count
        written = self.values(values) if is_open else [self.value(value) for value in values]
        return [*written, *["None"] * (count - len(values) + is_open)]

    def _unpack(self, names: Sequence[str], values: Sequence[str]) -> None:
        if len(names) == len(values) == 1:
            self._write(f"{names[0]} = {values[0]}")
        else:
            self._write(f"{', '.join(names)}, *_ = {', '.join(values)}")

    def _share(self, variables: Sequence[tree.Variable]) -> None:
        for variable in variables:
            if variable.is_shared:
                self._write(f"{name_of(variable)} = [{name_of(variable)}]")

    def _declare(self, variables: Sequence[tree.Variable], values: Sequence[str]) -> None:
        self._unpack([name_of(variable) for variable in variables], values)
        self._share(variables)

    def _assign(self, targets: Sequence[tree.Target], values: Sequence[tree.Expression]) -> None:
        """To several targets at once as gopher-lua assigns: to variables of the function in their order as the values come,
        which the next values see; to all else in the end, from the last to the first, when a member is given the value that
        a variable has then."""
        if len(targets) == len(values) == 1:
            self._store(targets[0], self.value(values[0]), self._place(targets[0]))
            return
        places = [self._kept(number, target) for number, target in enumerate(targets)]
        count = min(len(targets), len(values))
        is_open = count < len(targets) and count > 0 and self.several(values[count - 1]) is not None
        given = [f"v{number}" for number, _ in enumerate(targets)]
        later: list[int] = []
        for number in range(count - is_open):
            target, value = targets[number], values[number]
            if self._is_own(target):
                self._store(target, self.value(value), ())
                continue
            later.append(number)
            if isinstance(target, tree.Index) and self._is_own(value):
                given[number] = self.value(value)
            else:
                self._write(f"{given[number]} = {self.value(value)}")
        rest = range(count - is_open, len(targets))
        if rest:
            self._unpack(given[rest.start :], self._expanded(values[rest.start :], len(rest)))
        else:
            for value in values[count:]:
                self._write(self.value(value))
        for number in reversed([*later, *rest]):
            self._store(targets[number], given[number], places[number])

    def _is_own(self, target: tree.Expression) -> bool:
        return isinstance(target, tree.Local) and target.variable.owner is self._body

    def _kept(self, number: int, target: tree.Target) -> tuple[str, ...]:
        """Where a target is, even if a variable that its key comes from changes meanwhile."""
        place = self._place(target)
        if not place or not isinstance(target, tree.Index):
            return place
        base, key = place
        if not self._is_own(target.base):
            self._write(f"base{number} = {base}")
            base = f"base{number}"
        if not isinstance(target.key, tree.Constant):
            self._write(f"key{number} = {key}")
            key = f"key{number}"
        return base, key

    def _place(self, target: tree.Target) -> tuple[str, ...]:
        """Where a target is: base and key of a member."""
        return (self.value(target.base), self.value(target.key)) if isinstance(target, tree.Index) else ()

    def _store(self, target: tree.Target, value: str, place: tuple[str, ...]) -> None:
        match target:
            case tree.Local(variable):
                self._write(f"{name_of(variable)}{'[0]' if variable.is_shared else ''} = {value}")
            case tree.Global(name):
                self._write(f"set_field(run, run.globals, {name!r}, {value})")
            case tree.Index(_, key):
                self._write(f"{'set_field' if is_name(key) else 'set_index'}(run, {', '.join(place)}, {value})")

    # Jumps

    def _goto(self, statement: tree.Goto) -> None:
        name = statement.name
        loop = next((loop for loop in reversed(self._loops) if name in loop.labels), None)
        if loop is not None:
            self._check_scope(loop, statement)
            self._write(f"at_{loop.number} = {loop.labels[name]}")
        self._jump(loop, f"there is no label '{name}' in the blocks around this", statement.at)

    def _check_scope(self, loop: Loop, statement: tree.Goto) -> None:
        """Raises ExpressionError if a jump would pass over a variable that is used after the label."""
        places = [
            place
            for place, each in enumerate(loop.block)
            if isinstance(each, tree.Label) and each.name == statement.name
        ]
        ends_block = all(isinstance(each, tree.Label) for each in loop.block[places[0] :]) and not loop.before_condition
        passed = loop.block[loop.at : places[0]]
        if not ends_block and any(isinstance(each, tree.Declare) for each in passed):
            raise self._source.error(f"a jump to '{statement.name}' would leave out a local variable", statement.at)

    def _jump(self, target: Loop | None, otherwise: str, at: int) -> None:
        if target is None:
            raise self._source.error(otherwise, at)
        if self._loops[-1] is target:
            self._write("continue" if target.labels else "break")
            return
        self._leaves = True
        self._write(f"leave = {target.number}")
        self._write("break")
        for loop in self._loops[self._loops.index(target) + 1 :]:
            loop.crossed_by.add(target.number)
