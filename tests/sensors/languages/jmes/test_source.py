"""The Python that expressions become: what it may hold, and how deep it may nest."""

import ast
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jmes.functions import STANDARD
from sensors.languages.jmes.parser import parse
from sensors.languages.jmes.search import compile_expression
from sensors.languages.jmes.source import NESTING, Program, build


def source_of(text: str, nesting: int = NESTING) -> str:
    return Program(nesting).source(parse(text, STANDARD))


ATTRIBUTES = {"__class__", "append", "get"}
NAMES = {
    "JmesRuntimeError",
    "Exception",
    "error",
    "reason",
    "isinstance",
    "len",
    "list",
    "dict",
    "bool",
    "int",
    "str",
    "float",
}
NAMES |= {"v", "search", "field", "is_true", "equals", "order", "values", "flatten", "lt", "lte", "gt", "gte"}


def check_names(source: str) -> None:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            assert node.id in NAMES or re.fullmatch("[tkf][0-9]+", node.id)
        elif isinstance(node, ast.Attribute):
            assert node.attr in ATTRIBUTES
        assert not isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Lambda | ast.JoinedStr | ast.With)


def quoted(name: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in name) + '"'


@pytest.mark.parametrize(
    "name",
    [
        "'",
        "\\",
        '"',
        "\n",
        "\\'",
        "'); import os #",
        "__class__",
        "{v}",
        "\x00",
        "\ud800",
        "\u2028",
        "é",
        "😀",
        "x" * 500,
    ],
)
def test_names_of_users_are_only_data(name: str) -> None:
    text = f"{quoted(name)}.{{{quoted(name)}: {quoted(name)}}}"
    check_names(source_of(text))
    assert compile_expression(text)({name: {name: 1}}) == {name: 1}


@given(name=st.text(), literal=st.text(alphabet=st.characters(exclude_characters="'\\")), number=st.integers())
def test_no_text_of_users_becomes_code(name: str, literal: str, number: int) -> None:
    text = f"{quoted(name)}[{number}].{quoted(name)}[?@ == '{literal}' || {quoted(name)} > `{number}`]"
    check_names(source_of(text))
    compile_expression(text)({name: [{name: [literal]}]})


@pytest.mark.parametrize(
    "text",
    [
        "a[*].b.c[?d > `1`].{e: f, g: h[]} | [0]",
        "sort_by(a, &b)[*].*.length(@)",
        "a && b || !c && [d, e][*] || {f: g[*]}",
        "a == `0` || b != `1.5` || c < `2` || `[]` == d || e == f || 'x' > g",
    ],
)
@pytest.mark.parametrize("nesting", [1, 2, NESTING])
def test_only_known_names_are_used(text: str, nesting: int) -> None:
    check_names(source_of(text, nesting))


def test_compiled_code_has_no_builtins() -> None:
    search: Any = compile_expression("a").search
    assert search.__globals__["__builtins__"] == {}


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("a" + "[*].a" * 110, {"a": [{"a": []}]}, [[]]),
        ("@" + ".*" * 110, {}, []),
        ("[" * 100 + "a" + "]" * 100 + " | " + "[0]" * 100, {"a": 7}, 7),
        ("{a: " * 100 + "a" + "}" * 100 + " | " + ".".join("a" * 100), {"a": 7}, 7),
        ("!" * 100 + "a", {"a": 7}, True),
        ("a == `1`" + " == `true`" * 100, {"a": 1}, True),
        ("a[?b" * 50 + "]" * 50, {"a": []}, []),
        ("(a || b[*] && " * 50 + "c" + ")" * 50, {"b": [1], "c": 3}, 3),
        ("to_array(" * 110 + "a" + ")" * 110, {"a": 7}, [7]),
        ("not_null(missing[*], " * 100 + "a" + ")" * 100, {"a": 7}, 7),
        ("starts_with(a, join('', [" * 30 + "a" + "]))" * 30, {"a": ""}, True),
        ("map(&" * 50 + "@" + ", @)" * 50, [[]] * 2, [[]] * 2),
    ],
    ids=lambda value: str(value)[:16],
)
def test_any_depth_the_parser_lets_through_compiles(text: str, document: Any, expected: Any) -> None:
    tree = parse(text, STANDARD)
    try:
        assert build(tree)(document) == expected
    except ValueError:
        with pytest.raises(ValueError, match="wants"):
            build(tree, 1)(document)
    else:
        assert build(tree, 1)(document) == expected
