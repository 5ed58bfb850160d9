"""Which dependencies a trigger waits for: the language of `conditions`, compiled when the manifest is loaded.

An expression has dependency names, `&&` (which binds tighter), `||`, parentheses and comments. What is odd about it comes
from Argo Events, which rewrites the text into a concatenation for one expression library and gives the result to
another: `-` and `_` are one letter, names of the first library's functions work only alone, and names that one of them
reads otherwise do not work at all. There such a trigger silently never fires; here it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, NoReturn

Holds = Callable[[Set[str]], bool]

_DEEPEST: Final = 100
"""How deep parentheses may nest."""

_TOKENS: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<symbol>&&|\|\||[()\[\]])
      | (?P<name>[\w$-]+)
      | '(?P<single>[^'"\\&|()\[\]\n]*)'
      | "(?P<double>[^'"\\&|()\[\]\n]*)"
      """,
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS: Final = frozenset({"true", "false"})
_WORDS: Final = {
    "and": "write '&&'",
    "or": "write '||'",
    "not": "there is no negation: name what has to arrive",
    **dict.fromkeys(
        ("in", "matches", "contains", "startsWith", "endsWith", "let", "nil", *_CONSTANTS), "rename the dependency"
    ),
}
_SIGNS: Final = {
    "&": "write '&&'",
    "|": "write '||'",
    "!": _WORDS["not"],
    "'": "quotes stand around one whole name",
    '"': "quotes stand around one whole name",
    "/": "write '/* … */' or '// …' for a comment",
}
_FUNCTIONS: Final = """
    all none any one filter map find findIndex findLast findLastIndex count groupBy reduce len type abs ceil floor round
    int float string trim trimPrefix trimSuffix upper lower split splitAfter replace repeat join indexOf lastIndexOf
    hasPrefix hasSuffix max min sum mean median toJSON fromJSON toBase64 fromBase64 now duration date first last get take
    keys values toPairs fromPairs sort sortBy
"""
"""Names that Argo Events can combine with others only in quotes (the functions of its expression library)."""


@dataclass(eq=False)
class ConditionsError(ValueError):
    """Conditions that cannot hold or be read. `column` counts characters of the text from 0; `fix` says what to do."""

    message: str
    column: int = 0
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.message}, at character {self.column + 1}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Compiled conditions.

    `dependencies` are those the trigger listens to, in the Sensor's order. `is_and` is false where any one of their
    events is enough. `warnings` are what a reader of the text would not expect.
    """

    text: str
    dependencies: tuple[str, ...]
    is_and: bool
    warnings: tuple[str, ...]
    _holds: Holds = field(repr=False)

    def holds(self, present: Set[str]) -> bool:
        """Whether the events of these dependencies are enough to fire."""
        return self._holds(present)

    def terms(self, present: Set[str]) -> dict[str, bool]:
        """The truth of each dependency."""
        return {name: name in present for name in self.dependencies}


def compile_conditions(text: str, dependencies: Sequence[str]) -> Conditions:
    """The conditions of one trigger of a Sensor with these dependencies; an empty text wants all of them.

    Raises ConditionsError.
    """
    if not text:
        return _all_of(dependencies)
    parser = _Parser(_tokenise(text), len(text), dependencies)
    tree = parser.parse()
    used = _names(tree)
    return Conditions(
        text,
        tuple(name for name in dict.fromkeys(dependencies) if name in used),
        # `a && a` counts: Argo Events looks for the operator, not at the meaning.
        any(token.symbol == "&&" for token in parser.tokens),
        tuple(dict.fromkeys(parser.warnings)),
        _compile(tree),
    )


def _all_of(dependencies: Sequence[str]) -> Conditions:
    if not dependencies:
        raise ConditionsError("the Sensor has no dependencies", fix="add one under spec.dependencies")
    for name in dependencies:
        _check_name(name, 0)
    holds = _compile(_Junction(True, dependencies))
    return Conditions(" && ".join(dependencies), tuple(dict.fromkeys(dependencies)), len(dependencies) > 1, (), holds)


@dataclass(frozen=True, slots=True)
class _Junction:
    """Several operands joined by one operator."""

    is_and: bool
    operands: Sequence[_Node]


_Node = str | _Junction


def _join(*, is_and: bool, operands: Sequence[_Node]) -> _Node:
    return operands[0] if len(operands) == 1 else _Junction(is_and, operands)


def _names(node: _Node) -> set[str]:
    return {node} if isinstance(node, str) else set[str]().union(*map(_names, node.operands))


def _compile(node: _Node) -> Holds:
    if isinstance(node, str):
        return lambda present: node in present
    names = frozenset(each for each in node.operands if isinstance(each, str))
    inner = [_compile(each) for each in node.operands if not isinstance(each, str)]
    if node.is_and:
        return lambda present: names <= present and all(holds(present) for holds in inner)
    return lambda present: not names.isdisjoint(present) or any(holds(present) for holds in inner)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    column: int
    kind: str

    @property
    def symbol(self) -> str:
        return self.text if self.kind == "symbol" else ""


class _Parser:
    """One pass over the tokens of a text of `length` characters."""

    def __init__(self, tokens: Sequence[_Token], length: int, dependencies: Sequence[str]) -> None:
        self.tokens = tokens
        self.warnings: list[str] = []
        self._length = length
        self._dependencies = dependencies
        self._named: dict[str, list[str]] = {}
        for name in dict.fromkeys(dependencies):
            self._named.setdefault(name.replace("-", "_"), []).append(name)
        self._at = 0

    def parse(self) -> _Node:
        if [token.symbol for token in self.tokens] == ["[", "", "]"]:
            return self._name(self.tokens[1], bracketed=True)
        tree = self._either(0)
        if self._at < len(self.tokens):
            self._fail()
        return tree

    def _either(self, depth: int) -> _Node:
        operands = [self._both(depth)]
        while self._accept("||"):
            operands.append(self._both(depth))
        return _join(is_and=False, operands=operands)

    def _both(self, depth: int) -> _Node:
        operands = [self._operand(depth)]
        while self._accept("&&"):
            operands.append(self._operand(depth))
        return _join(is_and=True, operands=operands)

    def _operand(self, depth: int) -> _Node:
        if self._at == len(self.tokens) or self.tokens[self._at].symbol not in ("", "("):
            self._fail()
        token = self.tokens[self._at]
        self._at += 1
        if not token.symbol:
            return self._name(token)
        if depth == _DEEPEST:
            raise ConditionsError(f"parentheses nest more than {_DEEPEST} levels deep", token.column, "simplify them")
        tree = self._either(depth + 1)
        if self._at == len(self.tokens):
            raise ConditionsError("'(' is never closed", token.column, "add the missing ')'")
        if not self._accept(")"):
            self._fail()
        return tree

    def _accept(self, symbol: str) -> bool:
        found = self._at < len(self.tokens) and self.tokens[self._at].symbol == symbol
        self._at += found
        return found

    def _name(self, token: _Token, *, bracketed: bool = False) -> str:
        """The dependency that a name stands for."""
        word, column = token.text, token.column
        if token.kind == "name":
            if word in _WORDS:
                raise ConditionsError(f"'{word}' is a word of the language", column, _WORDS[word])
            if word[0].isdecimal():
                raise ConditionsError(f"'{word}' begins with a digit", column, "rename the dependency")
            if word in _FUNCTIONS.split() and len(self.tokens) > 1 and not bracketed:
                raise ConditionsError(
                    f"'{word}' cannot be combined with other names", column, f"write it in quotes: '{word}'"
                )
            found = self._named.get(word.replace("-", "_"))
        else:
            # Argo Events takes a text in quotes as it is, `-` excepted.
            found = [word.replace("-", "_")] if word.replace("-", "_") in self._dependencies else None
        if found is None:
            raise ConditionsError(f"there is no dependency '{word}'", column, self._suggest(word))
        if len(found) > 1:
            both = " and ".join(f"'{name}'" for name in found)
            self.warnings.append(f"{both} are one name in conditions, which means the last of them, '{found[-1]}'")
        if not bracketed:
            _check_name(found[-1], column)
        return found[-1]

    def _suggest(self, word: str) -> str:
        near = get_close_matches(word, self._dependencies, n=1)
        if near:
            return f"did you mean '{near[0]}'?"
        known = ", ".join(f"'{name}'" for name in dict.fromkeys(self._dependencies))
        return f"the dependencies are {known}" if known else "add one under spec.dependencies"

    def _fail(self) -> NoReturn:
        if self._at == len(self.tokens):
            raise ConditionsError("the expression ends too early", self._length, "name a dependency")
        token = self.tokens[self._at]
        symbol = token.symbol
        if symbol == ")":
            raise ConditionsError("unexpected ')'", token.column, "remove it, or put a name or expression before it")
        if symbol in ("[", "]"):
            raise ConditionsError("brackets can only stand around a single name", token.column, "write parentheses")
        if symbol == "(" or not symbol:
            raise ConditionsError(f"unexpected '{token.text}'", token.column, "put '&&' or '||' before it")
        raise ConditionsError(f"unexpected '{symbol}'", token.column, "name a dependency before it")


def _tokenise(text: str) -> list[_Token]:
    tokens = []
    at = 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None:
            raise ConditionsError(
                f"unexpected '{text[at]}'", at, _SIGNS.get(text[at], "use names, '&&', '||' and parentheses only")
            )
        kind = found.lastgroup or ""
        if kind != "space":
            tokens.append(_Token(found[kind], at, kind))
        at = found.end()
    return tokens


def _check_name(name: str, column: int) -> None:
    """Refuses a dependency's name that Argo Events cannot use in conditions."""
    if (
        not name
        or not name[0].isalpha()
        or not all(each.isalpha() or each.isdecimal() or each in "_-" for each in name)
    ):
        raise ConditionsError(
            f"conditions cannot name the dependency '{name}'",
            column,
            "let its name begin with a letter and have only letters, digits, '-' and '_'",
        )
    if name in _CONSTANTS or name in ("in", "IN"):
        raise ConditionsError(f"'{name}' is a word of the language", column, "rename the dependency")
