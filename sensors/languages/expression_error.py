"""Where an expression is wrong: the fault of every language whose texts can be compiled, shown with a caret below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_WINDOW: Final = 120
"""Characters of a long line that `caret` shows around the fault."""


@dataclass(eq=False)
class ExpressionError(ValueError):
    """An expression that cannot be compiled.

    `column` counts characters of `text` from 0, line breaks included; a fault of the whole expression is at 0.
    """

    message: str
    text: str
    column: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Line and column within it, both from 1."""
        before = self.text[: self.column]
        return before.count("\n") + 1, self.column - (before.rfind("\n") + 1) + 1

    def __str__(self) -> str:
        line, column = self.place
        before = f"line {line}, " if "\n" in self.text else ""
        return f"{self.message}, at {before}character {column}"

    def caret(self) -> str:
        """The line of the expression in which the fault lies and, on the next line, a caret below it."""
        start = self.text.rfind("\n", 0, self.column) + 1
        line = self.text[start:].split("\n", 1)[0]
        position = self.column - start
        first = max(0, min(position - _WINDOW // 2, len(line) - _WINDOW))
        before = "…" if first else ""
        after = "…" if first + _WINDOW < len(line) else ""
        # A tab takes as much room in the second line as in the first only if it is a tab there, too.
        indent = "".join("\t" if character == "\t" else " " for character in before + line[first:position])
        return f"{before}{line[first : first + _WINDOW]}{after}\n{indent}^"
