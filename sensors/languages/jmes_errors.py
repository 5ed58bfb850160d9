"""What can go wrong with a JMESPath expression: its text at load, the values it meets while it is evaluated."""

from dataclasses import dataclass

_WINDOW = 120
"""How many characters of a long line `caret` shows around the fault."""


@dataclass(eq=False)
class JmesSyntaxError(ValueError):
    """An expression that cannot be compiled.

    `column` counts characters of `text` from 0, line breaks included; a fault of the whole expression is at 0.
    """

    message: str
    text: str
    column: int = 0

    def __str__(self) -> str:
        return f"{self.message}, at character {self.column + 1}"

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


class JmesRuntimeError(ValueError):
    """A value of the document does not fit the expression. Messages name kinds of values, never the values."""
