from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.documents import read_documents
from config.errors import Fault, Place, Severity


def values(text: str | bytes) -> list[Any]:
    documents, faults = read_documents(text.encode() if isinstance(text, str) else text, "f.yaml")
    assert [fault for fault in faults if fault.severity is Severity.FAULT] == []
    return [document.value for document in documents]


def fault(text: str | bytes) -> Fault:
    _, faults = read_documents(text.encode() if isinstance(text, str) else text, "f.yaml")
    assert len(faults) == 1, faults
    return faults[0]


def test_several_documents_without_the_empty_ones() -> None:
    assert values("a: 1\n---\n---\n# nothing\n--- {b: 2}\n...\n---\nc: 3\n") == [{"a": 1}, {"b": 2}, {"c": 3}]


@pytest.mark.parametrize("text", ["", "\n", "---\n", "# only a remark\n", "\ufeff"])
def test_nothing(text: str) -> None:
    assert values(text) == []


def test_line_ends_and_marks_of_other_systems() -> None:
    assert values("\ufeffa: |\r\n  x\r\n  y\r\nb: 1\r\n") == [{"a": "x\ny\n", "b": 1}]
    assert values("a: ü\n".encode("utf-16")) == [{"a": "ü"}]


def test_an_equals_sign_is_text() -> None:
    assert values("operation: =\ncomparator: <\nlist: [=, '!=']\n")[0]["operation"] == "="


def test_quoted_scalars_are_text() -> None:
    assert values("""[ "5", 'yes', "", ~, 5 ]""") == [["5", "yes", "", None, 5]]


def test_numbers_that_lose_their_fraction_in_json() -> None:
    found = values("[1.0, 1e3, 1.5]")[0]
    assert [type(one) for one in found] == [int, int, float]


def test_places_are_those_of_the_keys() -> None:
    documents, _ = read_documents(b"a: 1\n---\n# remark\nspec:\n  list:\n    - x: 1\n      w: {z: 2}\n", "f.yaml")
    marks = documents[1].marks
    assert marks.place(()) == Place("f.yaml", 4, 1)
    assert marks.place(("spec", "list")) == Place("f.yaml", 5, 3)
    assert marks.place(("spec", "list", 0)) == Place("f.yaml", 6, 7)
    assert marks.place(("spec", "list", 0, "w", "z")) == Place("f.yaml", 7, 11)
    assert marks.place(("spec", "list", 0, "absent")) == Place("f.yaml", 6, 7)


def test_anchors_and_merge_keys_take_effect_where_they_stand() -> None:
    text = """
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {<<: *base, b: 9}
two:
  b: 9
  <<: [*base, *more]
"""
    assert values(text)[0] | {"base": 0, "more": 0} == {
        "base": 0,
        "more": 0,
        "one": {"a": 1, "b": 9},
        "two": {"a": 1, "b": 2, "c": 4},
    }


def test_a_quoted_merge_key_is_a_key() -> None:
    assert values('"<<": 1') == [{"<<": 1}]


def test_keys_become_text() -> None:
    assert values("{1: a, 1.5: b, true: c, 'x': d}") == [{"1": "a", "1.5": "b", "true": "c", "x": "d"}]


def test_a_key_that_is_a_boolean_only_in_yaml() -> None:
    documents, faults = read_documents(b"on: 1\n", "f.yaml")
    assert documents[0].value == {"true": 1}
    assert faults[0].code == "boolean-key"
    assert faults[0].severity is Severity.WARNING


def test_the_last_of_repeated_keys_wins_with_a_warning_that_names_both_lines() -> None:
    documents, faults = read_documents(b"a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", "f.yaml")
    assert documents[0].value == {"a": 3, "b": {"c": 2}}
    assert [(one.code, one.place.line, one.path) for one in faults] == [
        ("duplicate-key", 4, "b.c"),
        ("duplicate-key", 5, "a"),
    ]
    assert "line 3" in faults[0].what


def test_a_forgotten_separator_is_said_once() -> None:
    text = b"apiVersion: v1\nkind: A\nmetadata: {name: a}\napiVersion: v1\nkind: B\nmetadata: {name: b}\n"
    documents, faults = read_documents(text, "f.yaml")
    assert documents[0].value["kind"] == "B"
    assert [(one.code, one.place.line) for one in faults] == [("forgotten-separator", 4)]
    assert "line 1" in faults[0].what
    assert "---" in faults[0].fix


def test_keys_of_a_merge_are_no_repetition() -> None:
    assert read_documents(b"a: &a {x: 1}\nb: {<<: *a, x: 2}\n", "")[1] == []


def test_json_as_it_is_written_by_programs() -> None:
    assert values('{\n\t"a": "\\ud83d\\ude00 \\/ \\u00e9",\n\t"b":[1,2.50,-1e2,null,true]\n}') == [
        {"a": "😀 / é", "b": [1, 2.5, -100, None, True]}
    ]


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\ufeff", "\U0001f600"])
def test_json_strings_keep_what_yaml_takes_for_line_ends(odd: str) -> None:
    value = {"a": f"x {odd} y{odd}{odd}", odd: odd}
    assert values(json.dumps(value, ensure_ascii=False)) == [value]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: 1\n\tb: 2\n", 2, 1, "tab"),
        ("a: x: y\n", 1, 5, "mapping values"),
        ("a: [1, 2\n", 2, 1, "line 1"),
        ("a: 'x\n", 2, 1, "line 1"),
        ("a: *x\n", 1, 4, "'&x'"),
        ("a: &a [*a]\n", 1, 8, "itself"),
        ("a: 1\n? [x]\n: 1\n", 2, 3, "key"),
        ("a: 1\n~: 1\n", 2, 1, "key"),
        ("<<: 1\n", 1, 5, "merge"),
        ("a: .nan\n", 1, 4, "not-a-number"),
        ("a: !!int x\n", 1, 4, "int"),
        ("a: \x07\n", 1, 4, "U+0007"),
        ("[" * 101, 1, 101, "100 levels"),
        ("[" * 100_000, 1, 1001, "nesting"),
        ("- " * 100_000, 1, 201, "100 levels"),
    ],
)
def test_bad_text_is_a_fault_at_its_place(text: str, line: int, column: int, said: str) -> None:
    found = fault(text)
    assert (found.place.line, found.place.column) == (line, column), found
    assert said in str(found)


def test_text_that_is_not_utf_8() -> None:
    found = fault(b"a: 1\nb: \xff\n")
    assert (found.place.line, found.place.column, found.code) == (2, 4, "not-text")


@pytest.mark.parametrize(
    "text",
    [
        "name: {{ .Values.name }}\n",
        "{{- if .Values.enabled }}\na: 1\n{{- end }}\n",
        'a: {{ include "x" . }}\n',
        "spec:\n{{ toYaml .Values.x | indent 2 }}\n",
    ],
)
def test_a_helm_template_is_called_one(text: str) -> None:
    found = fault(text)
    assert found.code == "helm-template"
    assert "helm template" in found.fix


def test_templates_of_argo_events_are_no_helm_templates() -> None:
    assert values('dataTemplate: "{{ .Input.body.x }}"\n') == [{"dataTemplate": "{{ .Input.body.x }}"}]


def test_aliases_cannot_exhaust_memory() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{to}: &{to} [{', '.join(['*' + of] * 10)}]" for of, to in zip("abcdefgh", "bcdefghi", strict=True)]
    assert fault("\n".join(lines)).code == "too-many-aliases"


def test_a_bad_document_does_not_hide_those_after_it() -> None:
    documents, faults = read_documents(b"a: 1\n---\nb: [\n---\nc: '\n---\nd: 4\n", "f.yaml")
    assert [document.value for document in documents] == [{"a": 1}, {"d": 4}]
    assert [one.place.line for one in faults] == [4, 6]
    assert documents[1].marks.place(("d",)).line == 7


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    read_documents(text.encode("utf-8", "surrogatepass"), "f.yaml")


@given(st.binary())
def test_no_bytes_are_too_odd(data: bytes) -> None:
    read_documents(data, "f.yaml")


@given(st.text(alphabet="{}[]:,-'\"#&*!|>%@`? \n\tab1", max_size=60))
def test_no_yaml_is_too_odd(text: str) -> None:
    read_documents(text.encode(), "f.yaml")


# YAML knows no key of more than 1024 characters, escapes counted.
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=80)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_TEXTS, _JSON, max_size=5))
def test_json_is_read_as_it_was_meant(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2), json.dumps(value, ensure_ascii=False)):
        assert values(text) == [value]


@given(st.dictionaries(_TEXTS, _JSON, max_size=5))
def test_yaml_is_read_as_it_was_meant(value: dict[str, Any]) -> None:
    # Quoted throughout, for PyYAML leaves plain what Go takes for booleans, such as y.
    assert values(yaml.safe_dump(value, default_style='"', allow_unicode=True)) == [value]
