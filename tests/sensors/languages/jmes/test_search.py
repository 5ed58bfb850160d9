"""What expressions mean, feature by feature. Every expected value was derived from the specification by hand."""

import threading
from typing import Any

import pytest

from sensors.languages.jmes.search import JmesRuntimeError, compile_expression

DOCUMENT: dict[str, Any] = {
    "type": "push",
    "zero": 0,
    "one": 1,
    "half": 0.5,
    "yes": True,
    "no": False,
    "nothing": None,
    "empty": {"text": "", "list": [], "object": {}},
    "text": "hello",
    "with space": {"dotted.name": "quoted"},
    "numbers": [3, 1, 2],
    "words": ["b", "a", "c"],
    "nested": [[1, 2], [3, [4]], 5, None],
    "people": [
        {"name": "Ann", "age": 30, "tags": ["x", "y"], "address": {"city": "Bern"}},
        {"name": "Bob", "age": 25, "tags": [], "address": None},
        {"name": "Cid", "age": 35, "tags": ["y"]},
    ],
    "by_name": {"ann": {"age": 30}, "bob": {"age": 25}, "none": None},
}


def evaluate(text: str, document: Any = DOCUMENT) -> Any:
    return compile_expression(text)(document)


def check(text: str, expected: Any) -> None:
    result = evaluate(text)
    assert result == expected
    # To Python 1, 1.0 and True are equal; to a reader of the result they are not.
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type", "push"),
        ("@.type", "push"),
        ("zero", 0),
        ("nothing", None),
        ("missing", None),
        ("missing.deeper.still", None),
        ("text.length", None),
        ("numbers.length", None),
        ('"with space"."dotted.name"', "quoted"),
        ('"\\u0074ype"', "push"),
        ("by_name.ann.age", 30),
        ("  by_name . ann\n.\tage ", 30),
        ("(by_name).ann", {"age": 30}),
    ],
)
def test_fields(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numbers[0]", 3),
        ("numbers[2]", 2),
        ("numbers[3]", None),
        ("numbers[-1]", 2),
        ("numbers[-3]", 3),
        ("numbers[-4]", None),
        ("numbers[-0]", 3),
        ("numbers[99999999999999999999999]", None),
        ("numbers[-99999999999999999999999]", None),
        ("text[0]", None),
        ("by_name[0]", None),
        ("missing[0]", None),
        ("nested[1][1][0]", 4),
        ("people[0].tags[1]", "y"),
        ("people[0].missing[1]", None),
    ],
)
def test_indices(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numbers[0:2]", [3, 1]),
        ("numbers[1:]", [1, 2]),
        ("numbers[:1]", [3]),
        ("numbers[:]", [3, 1, 2]),
        ("numbers[::2]", [3, 2]),
        ("numbers[::-1]", [2, 1, 3]),
        ("numbers[-2:]", [1, 2]),
        ("numbers[5:9]", []),
        ("text[0:2]", None),
        ("missing[0:2]", None),
        ("people[1:].name", ["Bob", "Cid"]),
    ],
)
def test_slices(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("people[*].name", ["Ann", "Bob", "Cid"]),
        ("people[*].address", [{"city": "Bern"}]),
        ("people[*].address.city", ["Bern"]),
        ("people[*].tags[0]", ["x", "y"]),
        ("people[*].tags[*]", [["x", "y"], [], ["y"]]),
        ("people[*].missing", []),
        ("nested[*]", [[1, 2], [3, [4]], 5]),
        ("text[*]", None),
        ("by_name[*]", None),
        ("missing[*].name", None),
        ("by_name.*", [{"age": 30}, {"age": 25}]),
        ("by_name.*.age", [30, 25]),
        ("empty.object.*", []),
        ("numbers.*", None),
        ("missing.*", None),
        ("people[*].*", [["Ann", 30, ["x", "y"], {"city": "Bern"}], ["Bob", 25, []], ["Cid", 35, ["y"]]]),
        ("people[*].name | [0]", "Ann"),
        ("(people[*].name)[0]", "Ann"),
        ("people[*].name[0]", []),
    ],
)
def test_projections(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nested[]", [1, 2, 3, [4], 5]),
        ("nested[][]", [1, 2, 3, 4, 5]),
        ("people[].tags[]", ["x", "y", "y"]),
        ("people[*].tags[]", ["x", "y", "y"]),
        ("numbers[]", [3, 1, 2]),
        ("text[]", None),
        ("missing[]", None),
        ("empty.list[]", []),
    ],
)
def test_flattening(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("people[?age > `26`].name", ["Ann", "Cid"]),
        ("people[?tags].name", ["Ann", "Cid"]),
        ("people[?address].name", ["Ann"]),
        ("people[?contains(tags, 'y')].name", ["Ann", "Cid"]),
        ("people[?tags[?@ == 'x']].name", ["Ann"]),
        ("people[?name == 'Bob'] | [0].age", 25),
        ("people[?missing]", []),
        ("people[?!address].name", ["Bob", "Cid"]),
        ("people[?age > `26` && address].name", ["Ann"]),
        ("people[?age < `26` || address].name", ["Ann", "Bob"]),
        ("numbers[?@ > `1`]", [3, 2]),
        ("numbers[?zero]", []),
        ("by_name[?age]", None),
        ("missing[?age]", None),
        ("people[?age == `30`].tags[]", ["x", "y"]),
    ],
)
def test_filters(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[type, one]", ["push", 1]),
        ("[missing]", [None]),
        ("people[0].[name, tags[*]]", ["Ann", ["x", "y"]]),
        ("people[*].[name, age]", [["Ann", 30], ["Bob", 25], ["Cid", 35]]),
        ("missing.[type]", None),
        ("nothing.{a: type}", None),
        ("{a: type, b: missing}", {"a": "push", "b": None}),
        ('{"a b": type}', {"a b": "push"}),
        ("{a: one, a: zero}", {"a": 0}),
        ("people[0].{name: name, tags: tags[?@ == 'x']}", {"name": "Ann", "tags": ["x"]}),
        ("people[*].{n: name}", [{"n": "Ann"}, {"n": "Bob"}, {"n": "Cid"}]),
        ("[people[*].name, numbers[0], words[*]]", [["Ann", "Bob", "Cid"], 3, ["b", "a", "c"]]),
        ("[one == `1`, numbers[*], one]", [True, [3, 1, 2], 1]),
    ],
)
def test_multi_selects(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'raw'", "raw"),
        ("'it\\'s'", "it's"),
        ("'back\\slash'", "back\\slash"),
        ('`"json"`', "json"),
        ("`1`", 1),
        ("`-1.5`", -1.5),
        ("`true`", True),
        ("`null`", None),
        ('`[1, {"a": []}]`', [1, {"a": []}]),
        ("type | `null`", None),
        ("'" + "long " * 40 + "'", "long " * 40),
        ("`123456789012345678901234567890`", 123456789012345678901234567890),
    ],
)
def test_literals(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by_name | ann | age", 30),
        ("missing | @", None),
        ("people[*].age | sort(@) | [-1]", 35),
        ("by_name | (ann | age)", 30),
        ("@ | type", "push"),
    ],
)
def test_pipes(text: str, expected: Any) -> None:
    check(text, expected)


def test_documents_of_any_kind() -> None:
    for document in (None, True, 3, "text", [], [{"a": 1}]):
        assert evaluate("a.b", document) is None
        assert evaluate("@", document) is document


def test_anything_with_get_has_fields() -> None:
    class Lazy:
        def get(self, name: str) -> str:
            return f"<{name}>"

    assert evaluate("a.b", {"a": Lazy()}) == "<b>"


def test_an_expression_is_called_or_searched() -> None:
    expression = compile_expression("type == 'push'")
    assert expression.text == "type == 'push'"
    assert expression(DOCUMENT) is expression.search(DOCUMENT) is True
    assert repr(expression) == "Expression(text=\"type == 'push'\")"


def test_many_threads_share_an_expression() -> None:
    expression = compile_expression("people[?age > `26`].{n: name, t: tags[?@ != 'x'] | [0]}")
    expected = expression(DOCUMENT)
    wrong: list[Any] = []

    def work() -> None:
        wrong.extend(result for _ in range(2000) if (result := expression(DOCUMENT)) != expected)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_document_nested_too_deeply_is_a_runtime_error() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(JmesRuntimeError, match="nested too deeply"):
        evaluate("to_string(@)", deep)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("!data.deleted", "!(data.deleted)"),
        ("!data.a.b", "!(data.a.b)"),
        ("!!data.deleted", "!(!(data.deleted))"),
        ("!data.list[0].on", "!(data.list[0].on)"),
        ("!data.list[?on].on", "!(data.list[?on].on)"),
        ("!data.list[]", "!(data.list[])"),
        ("!data.*", "!(data.*)"),
        ("!data.deleted == `true`", "(!(data.deleted)) == `true`"),
        ("data && !data.deleted", "data && !(data.deleted)"),
        ("!data.deleted | @", "(!(data.deleted)) | @"),
        ("!to_array(data)[0].deleted", "!(to_array(data)[0].deleted)"),
    ],
)
def test_a_negation_is_of_the_whole_path(text: str, meant: str) -> None:
    for deleted in (True, False, None):
        document = {"data": {"deleted": deleted, "a": {"b": deleted}, "list": [{"on": deleted}]}}
        assert compile_expression(text)(document) == compile_expression(meant)(document)
        assert compile_expression(text)(document) is not None
