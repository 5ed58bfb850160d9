"""What of a filter a Kubernetes API can evaluate itself, as its selectors: labels, and the fields that every object has.

Of fields only those that never change are left to the server. To it an object that comes to meet a selector is new, one
that ceases to is gone; to Argo Events, which tests fields itself, both have changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_NAME: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_NAME, _LONGEST_DOMAIN, _LARGEST = 63, 253, (1 << 63) - 1
_KINDS_OF_EQUAL: Final = {"": "=", "=": "=", "==": "==", "!=": "!="}
_OPERATIONS: Final = (*_KINDS_OF_EQUAL, "in", "notin", "exists", "!", "gt", "lt")
_WHOLE: Final = re.compile(r"\^((?:[A-Za-z0-9-]|\\[.-])+)\$")
"""An expression that one text matches and no other."""


class BadSelector(ValueError):
    """A label selector that no server takes. `field` is the one at fault: key, operation or value."""

    def __init__(self, field: str, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.field, self.fix = field, fix


def requirement(key: str, operation: str, value: str) -> str:
    """One requirement of a label selector as the API reads it. Raises BadSelector, where Argo Events would not start."""
    _check_key(key)
    if operation in _KINDS_OF_EQUAL:
        return f"{key}{_KINDS_OF_EQUAL[operation]}{_checked(value)}"
    match operation:
        case "in" | "notin":
            values = sorted({_checked(each) for each in value.split(",")})
            return f"{key} {operation} ({','.join(values)})"
        case "exists" | "!":
            if value:
                raise BadSelector("value", f"'{operation}' takes no value", "leave it out")
            return key if operation == "exists" else f"!{key}"
        case "gt" | "lt":
            if not (value.isascii() and value.isdecimal() and int(value) <= _LARGEST):
                raise BadSelector("value", f"'{value}' is no whole number", "write one in digits")
            return f"{key}{'>' if operation == 'gt' else '<'}{_checked(value)}"
    raise BadSelector("operation", f"'{operation}' is no operation", f"write one of {' '.join(_OPERATIONS[1:])}")


def label_selector(requirements: Iterable[tuple[str, str, str]]) -> str:
    """All of them, as (key, operation, value); the same ones in another order are the same text. Raises BadSelector."""
    return ",".join(sorted({requirement(*each) for each in requirements}))


def field_selector(requirements: Iterable[tuple[str, bool, str]], namespaced: bool) -> str:
    """What of conditions on fields, as (path, whether it matches, regular expression), the server can see to."""
    fields = ("metadata.name", "metadata.namespace") if namespaced else ("metadata.name",)
    found: set[str] = set()
    for path, matches, pattern in requirements:
        if path in fields and (whole := _WHOLE.fullmatch(pattern)) is not None:
            found.add(f"{path}{'=' if matches else '!='}" + whole[1].replace("\\", ""))
    return ",".join(sorted(found))


def _check_key(key: str) -> None:
    domain, slash, name = key.rpartition("/")
    if slash and not (len(domain) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(domain)):
        raise BadSelector("key", f"'{domain}' is no domain that a label could begin with")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        what = f"'{name}' is no label: up to 63 letters, digits, - _ and ., the first and the last a letter or a digit"
        raise BadSelector("key", what)


def _checked(value: str) -> str:
    if value and (len(value) > _LONGEST_NAME or not _NAME.fullmatch(value)):
        what = f"'{value}' is nothing that a label could be: up to 63 letters, digits, - _ and ."
        raise BadSelector("value", what, "values of in and notin have commas, and no blanks, between them")
    return value
