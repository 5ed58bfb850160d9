"""How commands speak: tables and prose for a person, one JSON document for a machine, errors as what/where/fix."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import orjson
import typer

from config.errors import ConfigErrors, EventyardError, Fault, Severity

_RED, _YELLOW, _DIM, _OFF = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class Output(StrEnum):
    """The value of --output."""

    TEXT = "text"
    JSON = "json"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n")


def print_faults(faults: Iterable[Fault]) -> None:
    """One paragraph a fault on standard error: place, field, what, how to fix."""
    colour = sys.stderr.isatty()
    for fault in faults:
        sys.stderr.write(fault_text(fault, colour=colour) + "\n")


def fault_text(fault: Fault, *, colour: bool = False) -> str:
    """`file:line:col: fault: field: what` and, on lines of their own, what there is to see and the fix."""
    hue = _RED if fault.severity is Severity.FAULT else _YELLOW
    word = f"{hue}{fault.severity}{_OFF}" if colour else str(fault.severity)
    parts = [str(fault.place), word, fault.path, fault.what]
    text = ": ".join(part for part in parts if part).replace("\n", "\n    ")
    if fault.fix:
        fix = f"  fix: {fault.fix}"
        text += f"\n{_DIM}{fix}{_OFF}" if colour else f"\n{fix}"
    return text


def fault_view(fault: Fault) -> dict[str, Any]:
    """A fault as JSON-able values; line and column count from 1, 0 = unknown."""
    return {
        "file": fault.place.file,
        "line": fault.place.line,
        "column": fault.place.column,
        "severity": str(fault.severity),
        "path": fault.path,
        "code": fault.code,
        "what": fault.what,
        "fix": fault.fix,
    }


def print_error(error: EventyardError) -> None:
    """An error on standard error."""
    if isinstance(error, ConfigErrors):
        print_faults(error.faults)
        return
    sys.stderr.write(f"eventyard: {error}\n")
    if error.fix:
        sys.stderr.write(f"  fix: {error.fix}\n")


@contextmanager
def reported() -> Iterator[None]:
    """Errors meant for users end the command with exit code 1 and their text, never with a stack trace."""
    try:
        yield
    except EventyardError as error:
        print_error(error)
        raise typer.Exit(1) from None
    except BaseExceptionGroup as group:
        leaves = list(_leaves(group))
        if not all(isinstance(leaf, EventyardError) for leaf in leaves):
            raise
        for leaf in leaves:
            print_error(leaf)  # type: ignore[arg-type]
        raise typer.Exit(1) from None


def count(number: int, noun: str) -> str:
    """`1 fault`, `2 faults`"""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what is in them; the last one runs free."""
    widths = [max(len(row[i]) for row in (headers, *rows)) for i in range(len(headers))]
    for row in (headers, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        sys.stdout.write("  ".join((*cells, row[-1])).rstrip() + "\n")
