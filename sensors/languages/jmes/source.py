"""The compiler: from a tree to a Python function, by way of Python source.

`data.ref == 'main'`, for example, becomes

    def search(v):
     try:
      return ((t1.get('ref') if (t1 := (v.get('data') if v.__class__ is dict else None if v is None else
              field(v, 'data'))).__class__ is dict else None if t1 is None else field(t1, 'ref')) == 'main')
     except JmesRuntimeError: raise
     except Exception as error: raise JmesRuntimeError(reason(error)) from error

Text of the user's enters the source only as the `repr` of a short str or of an int. All other constants, and all
functions, are globals (`k1`, `k2`, …) of the compiled code, which has no builtins.
"""

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from sensors.languages.jmes import values as jmes_values
from sensors.languages.jmes.body import Body
from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.tree import Node
from sensors.languages.jmes.writer import indented

Search: TypeAlias = Callable[[Any], Any]

NESTING = 12
"""Blocks within blocks before a function is made; CPython allows 20 loops and 100 indentations in one."""

_SHORT = 60
"""Characters of a constant that is still written out."""


def build(root: Node, nesting: int = NESTING) -> Search:
    """The function of a document that `root` stands for. It raises JmesRuntimeError and nothing else."""
    program = Program(nesting)
    source = program.source(root)
    exec(compile(source, "<jmespath>", "exec"), program.names)  # noqa: S102  # holds no text of the user's, see above
    search: Search = program.names["search"]
    return search


class Program:
    """The functions of one compiled expression, and the globals they use. At least one block is allowed in each."""

    def __init__(self, nesting: int) -> None:
        self.nesting = nesting
        self.names: dict[str, Any] = {"__builtins__": {}, **_GLOBALS}
        self._functions: list[str] = []
        self._constants = 0

    def source(self, root: Node) -> str:
        guarded = [
            "try:",
            *indented(Body(self).lines_for(root)),
            "except JmesRuntimeError: raise",
            "except Exception as error: raise JmesRuntimeError(reason(error)) from error",
        ]
        return "\n".join(["def search(v):", *indented(guarded), *self._functions])

    def function(self, node: Node) -> str:
        """The name of a new function for `node`."""
        lines = Body(self).lines_for(node)
        name = f"f{len(self._functions) + 1}"
        self._functions.append("\n".join([f"def {name}(v):", *indented(lines)]))
        return name

    def constant(self, value: object) -> str:
        """How the source writes `value`."""
        if value is None or value is True or value is False:
            return repr(value)
        if type(value) in (int, str) and len(written := repr(value)) <= _SHORT:
            return written
        self._constants += 1
        name = f"k{self._constants}"
        self.names[name] = value
        return name


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the document is nested too deeply"
    return f"the values do not fit: {error}"


_GLOBALS: dict[str, object] = {
    **{
        each.__name__: each
        for each in (bool, dict, float, int, isinstance, len, list, str, Exception, JmesRuntimeError)
    },
    **{name: getattr(jmes_values, name) for name in ("equals", "field", "flatten", "is_true", "order", "values")},
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "reason": _reason,
}
"""What compiled code may name, besides its own functions and constants."""
