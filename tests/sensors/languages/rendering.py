"""Templates of the tests of this folder, rendered for one document."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sensors.languages.gotemplate.template import TemplateError, TemplateRuntimeError, compile_template

DOCUMENT: Final[dict[str, Any]] = {
    "s": "hello world",
    "e": "",
    "u": "Grüße 世界",
    "html": '<a href="x">&\'</a>',
    "n": 42,
    "f": 2.5,
    "mil": 1000000,
    "t": True,
    "nil": None,
    "l": ["c", "a", "b"],
    "ln": [3, 1, 2],
    "l0": [],
    "m": {"b": 2, "a": 1, "c": {"d": "deep"}},
    "users": [{"name": "ann", "age": 30}, {"name": "bob"}],
}


def rendered(text: str, value: Any = DOCUMENT) -> str:
    """What a template gives for a value."""
    return compile_template(text).render(value)


def failure(text: str, value: Any = DOCUMENT) -> str:
    """What is said when a template fails, at load or later."""
    with pytest.raises((TemplateError, TemplateRuntimeError)) as caught:
        rendered(text, value)
    error = caught.value
    assert isinstance(error, (TemplateError, TemplateRuntimeError))
    assert error.line >= 1
    assert error.column >= 1
    return str(error)
