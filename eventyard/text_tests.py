"""Conditions on texts within JSON values, which some sources take from their manifests: gjson paths and RE2 expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from eventsources.base import TextTest, anything
from sensors.comparators import compile_test
from sensors.errors import CompileError
from sensors.languages.gjson.get import Document, PathError, Result, Type, compile_path

_NO_TEXT: Final = Result(Type.STRING, '""', "")


def compile_tests(tests: Sequence[TextTest]) -> Callable[[Any], bool]:
    """Whether a value passes all of them. Raises CompileError."""
    if not tests:
        return anything
    compiled = [_compile(test) for test in tests]

    def holds(value: Any) -> bool:
        # Paths with wildcards find the first key that fits, so keys have an order: that of Go's maps in JSON.
        document = Document(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), value, trusted=True)
        return all(test(document) for test in compiled)

    return holds


def _compile(test: TextTest) -> Callable[[Document], bool]:
    try:
        path = compile_path(test.path)
        matches = compile_test("string", "=" if test.matches else "!=", test.pattern)
    except PathError as error:
        raise CompileError(test.at, str(error)) from None
    except ValueError as error:
        raise CompileError(test.at, str(error), "see https://github.com/google/re2/wiki/Syntax") from None

    def holds(document: Document) -> bool:
        found = path.read(document)
        return found is not None and matches(found if found.type is Type.STRING else _NO_TEXT)

    return holds
