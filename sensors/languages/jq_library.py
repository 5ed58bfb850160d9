"""All functions of jq by name and number of arguments: those of values, and those that are given filters."""

from __future__ import annotations

from typing import Final

from sensors.languages import (
    jq_collections,
    jq_forms,
    jq_functions,
    jq_lists,
    jq_loops,
    jq_math,
    jq_regex,
    jq_strings,
    jq_time,
)
from sensors.languages.jq_frames import Form, Function, Run
from sensors.languages.jq_values import Value

FORMS: Final[dict[tuple[str, int], Form]] = {
    **jq_forms.FORMS,
    **jq_loops.FORMS,
    **jq_collections.FORMS,
    **jq_regex.FORMS,
}

UNAVAILABLE: Final = frozenset(("debug", "input", "inputs", "j0", "j1", "jn", "stderr", "y0", "y1", "yn"))
"""Functions that are known, and that there is nothing for here."""


def builtins(run: Run, value: Value) -> Value:
    known = {*FORMS, *FUNCTIONS}
    return sorted(f"{name}/{arity}" for name, arity in known if name[0] != "@")


FUNCTIONS: Final[dict[tuple[str, int], Function]] = {
    **jq_functions.FUNCTIONS,
    **jq_lists.FUNCTIONS,
    **jq_strings.FUNCTIONS,
    **jq_math.FUNCTIONS,
    **jq_regex.FUNCTIONS,
    **jq_time.FUNCTIONS,
    ("builtins", 0): builtins,
}
