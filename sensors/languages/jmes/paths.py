"""What an expression looked at, so that a person sees why it was false.

For `data.body.ref == 'refs/heads/main'` that is the value of `data.body.ref`. Only chains of fields and indices from
the root are followed; what lies within a projection has no one value.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from sensors.languages.jmes import tree
from sensors.languages.jmes.values import field, index

LIMIT = 8
"""Paths reported of one expression."""

Path: TypeAlias = tuple[str | int, ...]
"""Names of fields and indices, from the root."""


@dataclass(frozen=True, slots=True)
class Found:
    """The value, None if there is none, that a document has at `path`, which is JMESPath itself."""

    path: str
    value: Any


def read_paths(root: tree.Node) -> tuple[Path, ...]:
    """The paths an expression reads, each once, in the order of the text, at most `LIMIT`."""
    reads: dict[Path, None] = {}
    _read(root, (), reads)
    return tuple(islice(reads, LIMIT))


def find(document: object, path: Path) -> Found:
    """What `document` has at `path`."""
    value = document
    for step in path:
        value = field(value, step) if isinstance(step, str) else index(value, step)
    return Found(_written(path), value)


def _read(node: tree.Node, given: Path | None, reads: dict[Path, None]) -> None:
    """Notes what is read when the result of `node` is used, `given` being where its given lies, if that has a path."""
    if path := _follow(node, given, reads):
        reads[path] = None


def _follow(node: tree.Node, given: Path | None, reads: dict[Path, None]) -> Path | None:
    """Where the result of `node` lies, if it has a path; notes what is read on the way."""
    match node:
        case tree.Given():
            return given
        case tree.Field(name_or_position) | tree.Index(name_or_position):
            return None if given is None else (*given, name_or_position)
        case tree.Chain(steps):
            for step in steps:
                given = _follow(step, given, reads)
            return given
        case tree.Slice():
            _read(tree.Given(), given, reads)
            return None
        case _:
            for part in _parts(node):
                _read(part, given, reads)
            return None


def _parts(node: tree.Node) -> tuple[tree.Node, ...]:
    """The nodes within `node` that share its given."""
    match node:
        case tree.Flatten(base) | tree.Projection(base):
            return (base,)
        case tree.Compare(_, left, right):
            return left, right
        case tree.Logic(_, parts) | tree.MultiList(parts) | tree.Call(_, parts):
            return parts
        case tree.Not(term):
            return (term,)
        case tree.MultiHash(items):
            return tuple(item for _, item in items)
        case _:
            return ()


@lru_cache(maxsize=1024)
def _written(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            # A quoted name is a JSON string.
            name = step if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", step) else json.dumps(step, ensure_ascii=False)
            text += f".{name}" if text else name
    return text
