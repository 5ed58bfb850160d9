"""All functions of jq by name and number of arguments: those of values, and those that are given filters."""

from __future__ import annotations

from typing import Final

from sensors.languages.jq import collections as jq_collections
from sensors.languages.jq import forms as jq_forms
from sensors.languages.jq import functions as jq_functions
from sensors.languages.jq import lists as jq_lists
from sensors.languages.jq import loops as jq_loops
from sensors.languages.jq import math as jq_math
from sensors.languages.jq import regex as jq_regex
from sensors.languages.jq import strings as jq_strings
from sensors.languages.jq import time as jq_time
from sensors.languages.jq.frames import Form, Function, Run
from sensors.languages.jq.values import Value

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
