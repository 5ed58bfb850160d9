"""What an expression says it looked at."""

from typing import Any

import pytest

from sensors.languages.jmes.paths import LIMIT
from sensors.languages.jmes.search import Found, compile_expression

DOCUMENT: dict[str, Any] = {
    "type": "github",
    "data": {
        "body": {"ref": "refs/tags/v1", "deleted": False, "commits": [{"id": "1", "files": ["a"]}]},
        "header": {"X-Github-Event": ["push"]},
    },
}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("data.body.ref == 'refs/heads/main'", ["data.body.ref"]),
        ("'refs/heads/main' == data.body.ref", ["data.body.ref"]),
        ("data.body.ref", ["data.body.ref"]),
        ("!(data.body.deleted)", ["data.body.deleted"]),
        ("starts_with(data.body.ref, 'refs/heads/')", ["data.body.ref"]),
        ("starts_with(to_string(data.body.ref), type)", ["data.body.ref", "type"]),
        ("type == data.body.ref", ["type", "data.body.ref"]),
        ("type == 'a' || type == 'b'", ["type"]),
        ("@.type == 'a'", ["type"]),
        ("data.header.\"X-Github-Event\"[0] == 'push'", ['data.header."X-Github-Event"[0]']),
        ("data.body.commits[-1].id == '1'", ["data.body.commits[-1].id"]),
        ("data.body.commits[?id == '1'].files[] | [0]", ["data.body.commits"]),
        ("data.body.commits[0:2].id", ["data.body.commits"]),
        ("data.body.commits[].id", ["data.body.commits"]),
        ("data.body.*", ["data.body"]),
        ("length(data.body.commits[*].id) > `3`", ["data.body.commits"]),
        ("data.body | ref == 'x' && !deleted", ["data.body.ref", "data.body.deleted"]),
        ("data.body.[ref, deleted]", ["data.body.ref", "data.body.deleted"]),
        ("data.{a: body.ref, b: `1`}", ["data.body.ref"]),
        ("data.body.length(commits)", ["data.body.commits"]),
        ("length(data.body) | @ > `2`", ["data.body"]),
        ("sort_by(data.body.commits, &id)[0].id", ["data.body.commits"]),
        ("@", []),
        ("'text'", []),
        ("*", []),
        ("data | 'text'", []),
        ('"a\\"ü".b', ['"a\\"ü".b']),
    ],
)
def test_paths(text: str, paths: list[str]) -> None:
    found = compile_expression(text).explain(DOCUMENT)
    assert [each.path for each in found] == paths
    for each in found:  # a path is JMESPath itself
        assert compile_expression(each.path)(DOCUMENT) == each.value


def test_values() -> None:
    expression = compile_expression("data.body.ref == 'refs/heads/main' && !(data.missing[2].ref)")
    assert expression.explain(DOCUMENT) == [Found("data.body.ref", "refs/tags/v1"), Found("data.missing[2].ref", None)]
    assert expression.explain("no object") == [Found("data.body.ref", None), Found("data.missing[2].ref", None)]


def test_explaining_never_raises() -> None:
    assert compile_expression("abs(type) > length(data.body.deleted)").explain(DOCUMENT) == [
        Found("type", "github"),
        Found("data.body.deleted", False),
    ]


def test_paths_are_bounded() -> None:
    expression = compile_expression(" || ".join(f"field_{number}" for number in range(100)))
    assert len(expression.explain(DOCUMENT)) == len(expression.paths) == LIMIT
