"""Python source being written: statements line by line, blocks, variables. Knows Python, nothing of JMESPath's nodes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SPILL = 400
"""Characters of an expression before it is put into a variable; CPython allows 200 nested parentheses."""


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


class Writer:
    """The body of one function."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        """What is written so far, of the block being written."""
        self.depth = 0
        """Blocks around that block."""
        self._variables = 0

    def fresh(self) -> str:
        """A new name."""
        self._variables += 1
        return f"t{self._variables}"

    def bound(self, operand: Operand) -> tuple[str, str]:
        """How to write an operand the first time, and how any other time after that."""
        if operand.is_name:
            return operand.text, operand.text
        name = self.fresh()
        return f"({name} := {operand.text})", name

    def variable(self, operand: Operand) -> Operand:
        """A new variable, assigned here."""
        name = self.fresh()
        self.lines.append(f"{name} = {operand.text}")
        return Operand(name, is_name=True, is_plain=operand.is_plain)

    def name(self, operand: Operand) -> str:
        """The name of an operand, which becomes a variable if it has none."""
        return operand.text if operand.is_name else self.variable(operand).text

    def short(self, operand: Operand) -> Operand:
        """The operand, or a variable in place of a long one."""
        return operand if len(operand.text) <= SPILL else self.variable(operand)

    @contextmanager
    def block(self) -> Iterator[list[str]]:
        """What is written within goes to the list given instead, one block deeper."""
        outer, self.lines = self.lines, []
        self.depth += 1
        yield self.lines
        self.depth -= 1
        self.lines = outer


def indented(lines: Iterable[str]) -> list[str]:
    return [f" {line}" for line in lines]


def listed(operands: Iterable[Operand]) -> str:
    return ", ".join(operand.text for operand in operands)
