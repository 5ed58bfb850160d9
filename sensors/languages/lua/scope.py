"""Which variable a name of a Lua script means, while the script is parsed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sensors.languages.lua.tree import FunctionBody, Global, Local, Variable

if TYPE_CHECKING:
    from sensors.languages.lua.lexer import Source


class Scope:
    """The functions around the present place, the innermost last, each with its blocks."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._functions: list[FunctionBody] = []
        self._blocks: list[list[dict[str, Variable]]] = []
        self._count = 0

    def enter_function(self, line: int) -> FunctionBody:
        body = FunctionBody(self._functions[-1] if self._functions else None, line)
        self._functions.append(body)
        self._blocks.append([{}])
        return body

    def leave_function(self) -> None:
        self._functions.pop()
        self._blocks.pop()

    @contextmanager
    def block(self, variables: Sequence[Variable] = ()) -> Iterator[None]:
        """A block in which these variables are known from its start."""
        blocks = self._blocks[-1]
        blocks.append({variable.name: variable for variable in variables})
        yield
        blocks.pop()

    def variable(self, name: str) -> Variable:
        """A new variable of the present function, not yet known by its name."""
        self._count += 1
        return Variable(name, self._count, self._functions[-1])

    def declare(self, name: str) -> Variable:
        """A new variable that is known from here on."""
        variable = self._blocks[-1][-1][name] = self.variable(name)
        return variable

    def resolve(self, name: str) -> Local | Global:
        for level in reversed(range(len(self._functions))):
            for block in reversed(self._blocks[level]):
                if (variable := block.get(name)) is not None:
                    inner = self._functions[level + 1 :]
                    variable.is_used = True
                    variable.is_shared = variable.is_shared or bool(inner)
                    for body in inner:
                        body.free[variable] = None
                    return Local(variable)
        return Global(name)

    def use_varargs(self, at: int) -> None:
        """Raises ExpressionError where the function has no `...`."""
        body = self._functions[-1]
        if not body.is_variadic:
            raise self._source.error("there is no '...' in this function", at)
        body.uses_varargs = True
