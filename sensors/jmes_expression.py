"""JMESPath as manifests have it: the specification's functions and those known from Kyverno. All of them compile here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time_ns
from typing import Any

from config.documents import read_documents
from config.errors import Severity
from sensors.languages.jmes.extra import extra_functions
from sensors.languages.jmes.search import Expression, Function, compile_expression


def _read_yaml(text: str) -> Any:
    """The first document, read as manifests are. Raises ValueError, whose text shows nothing of the document."""
    documents, faults = read_documents(text.encode(errors="replace"), "")
    if any(fault.severity is Severity.FAULT for fault in faults):
        raise ValueError("the text is not YAML that can be read as JSON")
    return documents[0].value if documents else None


def manifest_functions(now: Callable[[], int] = time_ns) -> Mapping[str, Function]:
    """The functions besides those of the specification; `now` gives the present as nanoseconds since 1970."""
    return extra_functions(_read_yaml, now)


_FUNCTIONS = manifest_functions()


def compile_manifest_expression(text: str) -> Expression:
    """The expression of a field of a manifest. Raises JmesSyntaxError."""
    return compile_expression(text, _FUNCTIONS)
