"""What can go wrong with a template: its text at load, the values it meets while it is rendered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class TemplateError(ValueError):
    """A template that cannot be compiled. Lines and columns count from 1, columns in characters."""

    message: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.message}, in line {self.line}, column {self.column}"


@dataclass(eq=False)
class TemplateRuntimeError(ValueError):
    """A template that cannot be rendered with these values; `source` is the part of its text that is to blame.

    Messages name types of values, not the values, but for what the template itself says in `fail`.
    """

    message: str
    source: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.message}, at '{self.source}' in line {self.line}, column {self.column}"
