"""expr-lang, the language of an EventSource's `filter.expression`, with the answers of version 1.15 in Argo Events.

    passes = compile_exprlang("body.action == 'opened' && 'bug' in map(body.issue.labels, .name)")
    passes({"headers": {...}, "body": {...}})        # True, False, or a GoError

An expression is read, checked and compiled once. Numbers of the data are doubles whatever they look like, a name that
the data does not have is nil, and whatever goes wrong is an error rather than false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sensors.languages.budget import LimitExceeded
from sensors.languages.exprlang.checker import check
from sensors.languages.exprlang.compiler import compile_tree
from sensors.languages.exprlang.environment import HELPERS, names_of
from sensors.languages.exprlang.operators import truth
from sensors.languages.exprlang.optimizer import optimize
from sensors.languages.exprlang.parser import parse
from sensors.languages.exprlang.tokens import ExprlangError
from sensors.languages.exprlang.traps import find_traps
from sensors.languages.go.limits import GoError

__all__ = ["Expression", "ExprlangError", "GoError", "compile_exprlang"]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression; immutable, to be used by any number of threads.

    `traps` are what its author can hardly have meant, in words.
    """

    text: str
    traps: tuple[str, ...]
    _run: Callable[[Mapping[str, Any]], Any] = field(repr=False)

    def __call__(self, data: Any) -> bool:
        """Whether the data of an event passes, as a parser of JSON made it; it is not changed.

        Raises GoError if the expression fails on it, or is neither true nor false.
        """
        return truth(self.evaluate(data))

    def evaluate(self, data: Any) -> Any:
        """Its value, of whatever kind, as `go_values` has them. Raises GoError."""
        try:
            return self._run(names_of(data))
        except LimitExceeded as error:
            raise GoError(str(error)) from None
        except RecursionError:
            raise GoError("the data is nested too deeply") from None


def compile_exprlang(text: str) -> Expression:
    """Compiles an expression. Raises ExprlangError for what is wrong whatever the data is."""
    root = parse(text)
    traps = find_traps(root, HELPERS)
    check(root, text)
    return Expression(text, traps, compile_tree(optimize(root, text), text, HELPERS))
