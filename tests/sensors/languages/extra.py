"""Evaluating expressions with all functions, for tests."""

from __future__ import annotations

from typing import Any

from sensors.jmes_expression import manifest_functions
from sensors.languages.jmes.search import compile_expression

NOW = 1_767_323_045_500_000_000
"""2026-01-02T03:04:05.5Z."""

FUNCTIONS = manifest_functions(now=lambda: NOW)


def value(text: str, document: Any = None) -> Any:
    """What an expression gives."""
    return compile_expression(text, FUNCTIONS).search({} if document is None else document)


def outcome(text: str, document: Any = None) -> tuple[type, Any]:
    """The same with its class, since to Python 1 is 1.0 and True."""
    found = value(text, document)
    return type(found), found
