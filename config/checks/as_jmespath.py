"""Argo Events' filters said in JMESPath: what their author most likely meant, to be suggested where they do something else.

Every function gives an expression about the whole CloudEvent, or nothing where there is no short one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from config.sensor import ContextFilter, DataFilter, TimeFilter

CONTEXT_NAMES: Final = ("type", "subject", "source", "datacontenttype", "id", "specversion", "time")

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEGMENT: Final = re.compile(r"(?:[^.\\#*?|@{}\[\]()!\"']|\\.)+")
_SIMPLE: Final = re.compile(r"[^'\\\x00-\x1f]*|[^'\x00-\x1f]*[^'\\\x00-\x1f]")
"""What may stand between single quotes as it is."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_REGEX: Final = re.compile(r"[\^$*+?()\[\]{}|\\]")
_EXACT: Final = re.compile(r"\^((?:[^\\.+*?()|\[\]{}^$]|\\[^A-Za-z0-9])*)\$")
_TRUTHS: Final = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), "`true`"),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), "`false`"),
}
_OPPOSITE: Final = {"`true`": "`false`", "`false`": "`true`"}
_NULL: Final = "`null`"


def path_as_jmespath(key: str, root: str = "data") -> str:
    """A gjson path of names and positions from a root."""
    segments = re.split(r"(?<!\\)\.", key)
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        return ""
    steps = [_step(re.sub(r"\\(.)", r"\1", segment)) for segment in segments]
    return root + "".join(steps)


def text_as_jmespath(text: str) -> str:
    """A text as a constant."""
    if _SIMPLE.fullmatch(text):
        return f"'{text}'"
    written = json.dumps(text, ensure_ascii=False).replace("`", "\\u0060")
    return f"`{written}`"


def number_as_jmespath(text: str) -> str:
    """A number as a constant."""
    return f"`{text}`" if _NUMBER.fullmatch(text) else ""


def data_as_jmespath(filters: Sequence[DataFilter], operator: str = "and") -> str:
    """All data filters of a dependency."""
    return joined([_comparison(each) for each in filters], operator)


def context_as_jmespath(context: ContextFilter, names: Iterable[str] = CONTEXT_NAMES) -> str:
    """A context filter, or what it says of some attributes."""
    given = [(name, text) for name in names if (text := getattr(context, name))]
    return joined([f"{name} == {text_as_jmespath(text)}" for name, text in given], "and")


def time_as_jmespath(window: TimeFilter) -> str:
    """A time filter in UTC; JMESPath knows no time zones."""
    if window.timezone not in ("", "UTC"):
        return ""
    start, stop = (text.strip().rjust(8, "0") for text in (window.start, window.stop))
    operator = "&&" if start < stop else "||"
    return f"time_utc(time) | split(@, 'T')[1] | @ >= '{start}Z' {operator} @ < '{stop}Z'"


def joined(parts: Sequence[str], operator: str) -> str:
    """Expressions of which all must hold or, with `or`, one; nothing if there is none for one of them."""
    if not parts or not all(parts):
        return ""
    if len(parts) == 1:
        return parts[0]
    mark = " || " if operator == "or" else " && "
    return mark.join(f"({part})" if any(each in part for each in (" || ", " && ", " | ")) else part for part in parts)


def _step(name: str) -> str:
    if name.isdigit():
        return f"[{int(name)}]"
    return f".{name}" if _NAME.fullmatch(name) else f".{json.dumps(name, ensure_ascii=False)}"


def _comparison(data: DataFilter) -> str:
    path = path_as_jmespath(data.path)
    if not path or not data.value or data.template:
        return ""
    kind = data.type if data.type in ("bool", "number", "string") else _kind_of(data.value)
    comparator = {"": "==", "=": "=="}.get(data.comparator, data.comparator)
    if kind == "bool":
        truths = [_TRUTHS.get(value, "") for value in data.value]
        return _equal(path, [_OPPOSITE.get(truth, "") if comparator == "!=" else truth for truth in truths], "==")
    if kind == "number":
        return _ordered(f"to_number({path})", [number_as_jmespath(value) for value in data.value], comparator)
    if comparator in ("==", "!="):
        return _matched(path, data.value, comparator)
    if all(_NUMBER.fullmatch(value) for value in data.value):
        return _ordered(f"to_number({path})", [number_as_jmespath(value) for value in data.value], comparator)
    return _ordered(path, [text_as_jmespath(value) for value in data.value], comparator)


def _kind_of(values: Sequence[str]) -> str:
    """What the values look like, for a type that there is not."""
    if all(_NUMBER.fullmatch(value) for value in values):
        return "number"
    return "bool" if all(value in ("true", "false") for value in values) else "string"


def _ordered(found: str, wanted: Sequence[str], comparator: str) -> str:
    if comparator in ("==", "!="):
        return _equal(found, wanted, comparator)
    return joined([each and f"{found} {comparator} {each}" for each in wanted], "or")


def _equal(found: str, wanted: Sequence[str], comparator: str) -> str:
    if not all(wanted):
        return ""
    if len(wanted) == 1:
        compared = f"{found} {comparator} {wanted[0]}"
    else:
        compared = f"{'!' if comparator == '!=' else ''}contains([{', '.join(wanted)}], {found})"
    # Where there is nothing Argo Events' filters do not pass, whatever is compared.
    return compared if comparator == "==" else f"{found} != {_NULL} && {compared}"


def _matched(path: str, values: Sequence[str], comparator: str) -> str:
    exact = [_exact(value) for value in values]
    if all(text is not None for text in exact):
        texts = [text for text in exact if text is not None]
        # A string filter looks at numbers and truths as if they were texts.
        found = path if not any(_NUMBER.fullmatch(text) or text in _TRUTHS for text in texts) else f"to_string({path})"
        return _equal(found, [text_as_jmespath(text) for text in texts], comparator)
    pattern = values[0] if len(values) == 1 else "|".join(f"(?:{value})" for value in values)
    matched = f"regex_match({text_as_jmespath(pattern)}, not_null({path}, ''))"
    return matched if comparator == "==" else f"{path} != {_NULL} && !{matched}"


def _exact(value: str) -> str | None:
    """The one text that a value means: that of a regular expression bound to both ends, or one without any sign of one."""
    if (found := _EXACT.fullmatch(value)) is not None:
        return re.sub(r"\\(.)", r"\1", found[1])
    return None if _REGEX.search(value) else value
