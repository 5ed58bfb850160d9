"""JMESPath expressions of manifests: compiled once when the manifest is loaded, then as fast as Python written by hand.

The language is JMESPath as the `jmespath` library 1.1 implements it (https://jmespath.org/specification.html): the
library parses, `jmes_parser` makes a tree of that, `jmes_source` a Python function of the tree. One thing differs: `!a.b`
is `!(a.b)`, where the library's `(!a).b` would be null for every document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sensors.languages.jmes.errors import JmesRuntimeError, JmesSyntaxError
from sensors.languages.jmes.function import Function, Parameter
from sensors.languages.jmes.functions import STANDARD
from sensors.languages.jmes.parser import MAX_DEPTH, parse
from sensors.languages.jmes.paths import Found, Path, find, read_paths
from sensors.languages.jmes.source import Search, build
from sensors.languages.jmes.traps import Trap, find_traps
from sensors.languages.jmes.values import is_true

__all__ = [
    "Expression",
    "Found",
    "Function",
    "JmesRuntimeError",
    "JmesSyntaxError",
    "Parameter",
    "Trap",
    "compile_expression",
    "is_true",
]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression; immutable, to be used by any number of threads.

    `search(document)` evaluates it on a JSON value as `json.loads` makes it. The result shares its parts with the
    document and the expression: whoever wants to change it copies it first. Raises JmesRuntimeError.
    """

    text: str
    search: Search = field(repr=False)
    paths: tuple[Path, ...] = field(repr=False)
    """The paths from the root that the expression reads, the first few of them."""

    def __call__(self, document: Any) -> Any:
        return self.search(document)

    def explain(self, document: Any) -> list[Found]:
        """What the document has at each of `paths`: why the expression says what it says. Raises nothing."""
        return [find(document, path) for path in self.paths]

    def traps(self) -> list[Trap]:
        """Where the expression hardly means what its author meant; to be told as warnings."""
        return find_traps(self.text)


def compile_expression(text: str, functions: Mapping[str, Function] = MappingProxyType({})) -> Expression:
    """Compiles an expression, which may call `functions` besides those of the specification.

    Raises JmesSyntaxError for whatever can be known to be wrong before there is a document.
    """
    try:
        tree = parse(text, {**STANDARD, **functions})
        return Expression(text, build(tree), read_paths(tree))
    except RecursionError as error:
        raise JmesSyntaxError(f"the expression is nested more than {MAX_DEPTH} levels deep", text) from error
