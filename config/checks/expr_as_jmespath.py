"""The expressions of `exprs` filters said in JMESPath, as far as they compare values and combine what they find."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from config.checks.as_jmespath import number_as_jmespath, path_as_jmespath, text_as_jmespath
from config.sensor import ExprFilter

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*|\[[^\]]+\])|(?P<operator>==|!=|>=|<=|=~|!~|&&|\|\||[<>!(),-]))"
)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_ORDERS: Final = {"<": "time_before({})", ">": "time_after({})", "<=": "!time_after({})", ">=": "!time_before({})"}
_DEEPEST: Final = 50


class _Unsayable(Exception):
    """There is something in the expression that JMESPath has no short words for."""


def expression_as_jmespath(expression: ExprFilter) -> str:
    """The expression about the whole CloudEvent; nothing if it does more than to compare and combine."""
    paths = {field.name: path_as_jmespath(field.path) for field in expression.fields}
    try:
        return _Translator(expression.expr, paths).whole()
    except _Unsayable:
        return ""


class _Translator:
    """Reads an expression from left to right, and says it anew."""

    def __init__(self, text: str, paths: Mapping[str, str]) -> None:
        self._paths = paths
        self._tokens: list[tuple[str, str]] = []
        text = text.strip()
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _Unsayable
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            at = found.end()
        self._at = 0

    def whole(self) -> str:
        said = self._either(0)
        if self._at < len(self._tokens):
            raise _Unsayable
        return said

    def _either(self, depth: int) -> str:
        if depth > _DEEPEST:
            raise _Unsayable
        parts = [self._both(depth)]
        while self._take("||"):
            parts.append(self._both(depth))
        return " || ".join(parts)

    def _both(self, depth: int) -> str:
        parts = [self._compared(depth)]
        while self._take("&&"):
            parts.append(self._compared(depth))
        return " && ".join(parts)

    def _compared(self, depth: int) -> str:
        if self._take("!"):
            return f"!{self._single(depth)}"
        left = self._single(depth)
        operator = self._peek()
        if operator == ("name", "in"):
            self._at += 1
            return f"contains([{', '.join(self._list())}], {left})"
        if operator[0] != "operator" or operator[1] not in ("==", "!=", "<", ">", "<=", ">=", "=~", "!~"):
            return left
        self._at += 1
        right = self._single(depth)
        if operator[1] in ("=~", "!~"):
            return f"{'!' if operator[1] == '!~' else ''}regex_match({right}, not_null({left}, ''))"
        if operator[1] in _ORDERS and _MOMENT.fullmatch(right[1:-1]):
            return _ORDERS[operator[1]].format(f"{left}, {right}")
        return f"{left} {operator[1]} {right}"

    def _list(self) -> list[str]:
        if not self._take("("):
            raise _Unsayable
        items = [self._single(0)]
        while self._take(","):
            items.append(self._single(0))
        if not self._take(")"):
            raise _Unsayable
        return items

    def _single(self, depth: int) -> str:
        if self._take("("):
            inner = self._either(depth + 1)
            if not self._take(")"):
                raise _Unsayable
            return f"({inner})"
        negative = "-" if self._take("-") else ""
        kind, text = self._peek()
        self._at += 1
        if kind == "number":
            said = number_as_jmespath(negative + text)
        elif kind == "text" and not negative:
            said = text_as_jmespath(re.sub(r"\\(.)", r"\1", text[1:-1]))
        elif kind == "name" and not negative:
            said = f"`{text}`" if text in ("true", "false") else self._paths.get(text.strip("[]"), "")
        else:
            said = ""
        if not said:
            raise _Unsayable
        return said

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self, operator: str) -> bool:
        taken = self._peek() == ("operator", operator)
        self._at += taken
        return taken
