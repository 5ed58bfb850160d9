"""Destinations: what is replaced, what is made, what is refused, and that the rest of the text stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages import sjson
from sensors.languages.gjson import get as gjson
from sensors.languages.sjson import DestinationError
from tests.sensors.languages.gjson.test_get import DOCUMENTS, escape

TEXT = '{"a":1, "n":{"x":"y","l":[1, 2,3],"o":[{"k":"v"},{"k":"w"}]},"z":null,"e":{},"l0":[ ],"d.k":"dot","-":[]}'


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("a", {"a": "V"}),
        ("n.x", {"n": {"x": "V", "l": [1, 2, 3], "o": [{"k": "v"}, {"k": "w"}]}}),
        ("d\\.k", {"d.k": "V"}),
        ("d.k", {"d": {"k": "V"}}),
        ("e.new", {"e": {"new": "V"}}),
        ("e.0", {"e": {"0": "V"}}),
        ("e.-1", {"e": {"-1": "V"}}),
        ("e.\\:x", {"e": {":x": "V"}}),
        ("z.q", {"z": {"q": "V"}}),
        ("a.0", {"a": ["V"]}),
        ("a.-1", {"a": {"-1": "V"}}),
        ("l0.0", {"l0": ["V"]}),
        ("l0.2", {"l0": [None, None, "V"]}),
        ("l0.-1", {"l0": ["V"]}),
        ("l0.-1.p", {"l0": [{"p": "V"}]}),
        ("new.1.k", {"new": [None, {"k": "V"}]}),
        ("new.:1.k", {"new": {"1": {"k": "V"}}}),
        ("new.-1.k", {"new": [{"k": "V"}]}),
        ("new.deep.er", {"new": {"deep": {"er": "V"}}}),
        ("new.", {"new": ["V"]}),
        ('q"<é', {'q"<é': "V"}),
        ("{a}", {"{a}": "V"}),
        (":0", {"0": "V"}),
        ("l0|x", {}),
        ("@this", {}),
        ("nope.*", {}),
        ("nope.#", {}),
        ("?", {"a": "V"}),
        ("*", {"a": "V"}),
        ("n.#", {}),
    ],
)
def test_one_place_is_written(path: str, change: dict[str, Any]) -> None:
    assert json.loads(sjson.set(TEXT, path, "V")) == {**json.loads(TEXT), **change}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("0", "[9,2,3]"),
        ("01", "[1,9,3]"),
        ("3", "[1,2,3,9]"),
        ("5", "[1,2,3,null,null,9]"),
        ("-1", "[1,2,3,9]"),
        ("1.x", '[1,{"x":9},3]'),
        ("#", "[1,2,3]"),
        ("#(>1)", "[1,9,3]"),
        ("#(>1)#", "[1,9,9]"),
        ("#(>7)#", "[1,2,3]"),
    ],
)
def test_arrays(path: str, text: str) -> None:
    assert json.loads(sjson.set("[1,2,3]", path, "9", raw=True)) == json.loads(text)


def test_all_elements_or_the_first_match() -> None:
    text = '{"o":[{"k":"v","n":1},{"n":2},{"k":"w"}]}'
    assert sjson.set(text, "o.#.k", "é") == '{"o":[{"k":"é","n":1},{"n":2},{"k":"é"}]}'
    assert sjson.set(text, 'o.#(k=="w").k', "5", raw=True) == '{"o":[{"k":"v","n":1},{"n":2},{"k":5}]}'
    assert sjson.set(text, "o.#(n)#.n", "[]", raw=True) == '{"o":[{"k":"v","n":[]},{"n":[]},{"k":"w"}]}'


def test_what_is_not_touched_stays_as_spelled() -> None:
    assert sjson.set('{ "a" : 1.50 , "b":{"c" :2} }', "b.c", "x") == '{ "a" : 1.50 , "b":{"c" :"x"} }'
    assert sjson.set('{ "a" : 1.50 }', "b", "x") == '{ "a" : 1.50 ,"b":"x"}'
    assert sjson.set("[ 1.50 ]", "-1", "x") == '[ 1.50 ,"x"]'


@pytest.mark.parametrize(
    ("text", "path", "written"),
    [
        ("", "a.b", '{"a":{"b":"x"}}'),
        ("", "0", '["x"]'),
        ("  ", "-1", '{"-1":"x"}'),
        ("null", "a", '{"a":"x"}'),
        ('"s"', "1", '[null,"x"]'),
        ("{}", "a", '{"a":"x"}'),
        ("[]", "1", '[null,"x"]'),
    ],
)
def test_missing_documents_are_made(text: str, path: str, written: str) -> None:
    assert sjson.set(text, path, "x") == written


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "empty"),
        ("l0.x", "no index"),
        ("n.l.-2", "no index"),
        ("l0.:0", "no index"),
        ("n.l.+1", "no index"),
        ("a.999999999", "too far"),
        ("n.l.99999999999999999999999", "too far"),
        ("new.0.70000", "too far"),
        (".".join("a" * 200), "128 steps"),
    ],
)
def test_what_cannot_be_written_is_refused(path: str, reason: str) -> None:
    with pytest.raises(DestinationError, match=reason):
        sjson.set(TEXT, path, "V")


def test_a_deep_document_is_written_without_recursion() -> None:
    text = '{"a":' * 10_000 + "1" + "}" * 10_000
    assert sjson.set(text, "a.a.b", "x").endswith(',"b":"x"}}}')
    assert sjson.set(text, "b", "x").startswith('{"a":{"a":')


PATHS = st.lists(
    st.sampled_from(["a", "b", "0", "1", "2", "a.b", "é", "x y", 'q"', "\\", "-1"]), min_size=1, max_size=4
)
VALUES = st.one_of(
    st.text(), st.integers(), st.lists(st.integers(), max_size=2), st.dictionaries(st.text(), st.text(), max_size=2)
)


@given(DOCUMENTS, PATHS, VALUES)
def test_setting_agrees_with_a_plain_model(document: Any, segments: list[str], value: Any) -> None:
    destination = sjson.compile_path(".".join(map(escape, segments)))
    text = json.dumps(document)
    written = (value, False) if isinstance(value, str) else (json.dumps(value), True)
    try:
        expected = model(document, segments, value)
    except KeyError:
        with pytest.raises(DestinationError):
            destination.set(text, written[0], raw=written[1])
        return
    result = destination.set(text, written[0], raw=written[1])
    assert json.loads(result) == expected
    if "-1" not in segments:
        found = gjson.compile_path(destination.text).get(result)
        assert found is not None
        assert json.loads(found.raw) == value


def model(node: Any, segments: list[str], value: Any) -> Any:
    """What the document becomes, by parsed values; KeyError for a name in an array."""
    if not segments:
        return value
    first, rest = segments[0], segments[1:]
    if isinstance(node, list):
        if first == "-1":
            return [*node, make(rest, value)]
        if not first.isdigit():
            raise KeyError(first)
        index = int(first)
        if index < len(node):
            return [*node[:index], model(node[index], rest, value), *node[index + 1 :]]
        return [*node, *[None] * (index - len(node)), make(rest, value)]
    if isinstance(node, dict):
        return {**node, first: model(node[first], rest, value) if first in node else make(rest, value)}
    return [*[None] * int(first), make(rest, value)] if first.isdigit() else {first: make(rest, value)}


def make(segments: list[str], value: Any) -> Any:
    """The rest of a path that has to be made: here ``-1`` begins an array."""
    if not segments:
        return value
    if segments[0] == "-1":
        return [make(segments[1:], value)]
    return model(None, segments[:1], make(segments[1:], value))
