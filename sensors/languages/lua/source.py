"""Lua text -> a Python function: the script as a Python module, whose lines say which line of the script they are for."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from sensors.languages.lua.coroutine import invoke
from sensors.languages.lua.lexer import Source
from sensors.languages.lua.operators import NAMES
from sensors.languages.lua.parser import parse
from sensors.languages.lua.run import SCRIPT
from sensors.languages.lua.statements import Function, Line
from sensors.languages.lua.values import spread

if TYPE_CHECKING:
    from sensors.languages.lua import tree
    from sensors.languages.lua import values as lua_values

_LIBRARY: Final = {**NAMES, "FunctionType": FunctionType, "invoke": invoke, "spread": spread}


@dataclass(frozen=True, slots=True)
class Program:
    """A script in Python. `used` are global variables that it reads, and members of them."""

    function: lua_values.Function
    has_coroutines: bool
    used: frozenset[str]


def compile_source(text: str) -> Program:
    """Raises ExpressionError."""
    source = Source(text)
    writer = _Writer(source)
    names: dict[str, Any] = dict(_LIBRARY)
    try:
        name = writer.function(parse(source))
        module = ast.parse("\n".join(" " * line.depth + line.text for line in writer.lines))
        _renumber(module, writer.lines)
        exec(compile(module, SCRIPT, "exec"), names)  # noqa: S102
    except (SyntaxError, RecursionError, MemoryError):
        # The text is ours: all that Python can have against it is its depth.
        raise source.error("the script is nested too deeply", 0) from None
    return Program(names[name](), writer.has_coroutines, frozenset(writer.used))


class _Writer:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._count = 0
        self.has_coroutines = "coroutine" in source.bytes
        self.used: set[str] = set()
        self.lines: list[Line] = []

    def function(self, body: tree.FunctionBody) -> str:
        self._count += 1
        name = f"function_{self._count}"
        self.lines += Function(self, self._source, body).lines(name)
        return f"make_{name}"


def _renumber(module: ast.Module, lines: list[Line]) -> None:
    for node in ast.walk(module):
        if isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword):
            node.lineno = node.end_lineno = lines[node.lineno - 1].line
            node.col_offset = node.end_col_offset = 0
