"""Sources of parameters: what is looked up, in which order, and what is said when there is nothing."""

from __future__ import annotations

from typing import Any

import pytest

from bus.event import Event
from config.errors import Permanent
from config.sensor import ParameterSource
from sensors.errors import CompileError
from sensors.event_json import whole_text
from sensors.languages.gjson.get import Type
from sensors.source import Value, compile_source
from tests.sensors.events import make_event

DATA = {"ref": "main", "size": 42, "ratio": 1.5, "ok": True, "nil": None, "tags": ["a"], "obj": {"k": "v"}, "empty": {}}
EVENT = make_event(DATA)


def resolve(event: Event | None = EVENT, **source: Any) -> Value | None:
    resolved = compile_source(ParameterSource.model_validate({"dependencyName": "push", **source}), (), "parameter 'x'")
    return resolved({} if event is None else {"push": event})


def failure(event: Event = EVENT, **source: Any) -> str:
    with pytest.raises(Permanent) as caught:
        resolve(event, **source)
    assert caught.value.where == "parameter 'x'"
    assert caught.value.fix
    return caught.value.what


@pytest.mark.parametrize(
    ("key", "text", "kind"),
    [
        ("ref", "main", Type.STRING),
        ("size", "42", Type.NUMBER),
        ("ratio", "1.5", Type.NUMBER),
        ("ok", "true", Type.TRUE),
        ("nil", "null", Type.NULL),
        ("tags", '["a"]', Type.JSON),
        ("obj.k", "v", Type.STRING),
        ("tags.#", "1", Type.NUMBER),
    ],
)
@pytest.mark.parametrize("raw", [True, False])
def test_keys(key: str, text: str, kind: Type, raw: bool) -> None:
    assert resolve(dataKey=key, useRawData=raw) == (text, kind, raw and kind is not Type.STRING)


def test_context() -> None:
    assert resolve(contextKey="subject") == Value("push")
    assert resolve(contextKey="subject", dataKey="ref") == Value("main")
    assert resolve(contextKey="subject", dataKey="gone", value="d") == Value("d")


def test_nothing_asked_for() -> None:
    assert resolve() == Value(whole_text(EVENT))
    assert resolve(value="v") == Value("v")
    assert resolve(value="") == Value("")


def test_an_absent_dependency() -> None:
    assert resolve(None, dataKey="ref") is None
    assert resolve(None, dataKey="ref", value="v", useRawData=True) == Value("v")


def test_defaults() -> None:
    assert resolve(dataKey="gone", value="v", useRawData=True) == Value("v")
    assert resolve(make_event(raw=b"text"), dataKey="ref", value="v") == Value("v")
    assert resolve(jmespath="data.gone", value="v") == Value("v")
    assert resolve(jmespath="length(data.size)", value="v") == Value("v")


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("gone", "the data has 'ref', 'size', 'ratio', 'ok', 'nil', 'tags', 'obj', 'empty'"),
        ("obj.gone.x", "'obj' has 'k'"),
        ("ref.x", "'ref' is no object"),
        ("tags.x", "'tags' is an array"),
        ("empty.x", "'empty' is empty"),
    ],
)
def test_a_key_that_leads_nowhere(key: str, found: str) -> None:
    assert failure(dataKey=key) == f"dataKey '{key}' of dependency 'push' gives no value: {found}"


def test_other_failures() -> None:
    assert failure(contextKey="host").startswith(
        "contextKey 'host' of dependency 'push' gives no value: the context has"
    )
    assert failure(make_event(raw=b"x"), dataKey="a").endswith("the event's data is not valid JSON")
    assert failure(make_event(raw=b"[]"), dataKey="a").endswith("the data is an array")
    assert failure(make_event({f"k{n}": 0 for n in range(20)}), dataKey="a").endswith("'k11', …")
    assert failure(make_event({"a": 1}, datacontenttype="text/plain"), dataKey="a").count("text/plain") == 1
    assert failure(jmespath="data.gone").endswith("the result is null")
    assert "jmespath 'length(data.size)'" in failure(jmespath="length(data.size)")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("data.ref", ("main", Type.STRING, False)),
        ("data.size", ("42", Type.NUMBER, True)),
        ("data.ratio", ("1.5", Type.NUMBER, True)),
        ("data.ok", ("true", Type.TRUE, True)),
        ("!(data.ok)", ("false", Type.FALSE, True)),
        ("data.obj", ('{"k":"v"}', Type.JSON, True)),
        ("[type, data.size]", ('["webhook",42]', Type.JSON, True)),
    ],
)
def test_jmespath_is_typed(expression: str, value: tuple[str, Type, bool]) -> None:
    assert resolve(jmespath=expression) == value


def test_yaml_data() -> None:
    assert resolve(make_event(raw=b"a: {b: yes}", datacontenttype="application/yaml"), dataKey="a.b") == (
        "true",
        Type.TRUE,
        False,
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"dataTemplate": "{{ .Input.ref | upper }}"}, "MAIN"),
        ({"dataTemplate": "{{ .Input.ref }}", "dataKey": "size", "useRawData": True}, "main"),
        ({"dataTemplate": "{{ .Input.size }}", "useRawData": True}, "42"),
        ({"contextTemplate": "{{ .Input.type }}/{{ .Input.subject }}"}, "webhook/push"),
        ({"contextTemplate": "{{ .Input.type }}", "dataKey": "ref"}, "main"),
        ({"dataTemplate": "{{ .Input.ref }}", "contextKey": "id"}, "main"),
        ({"dataTemplate": "{{ .Input.gone }}", "value": "v"}, "v"),
        ({"dataTemplate": '{{ fail "no" }}', "value": "v"}, "v"),
        ({"dataTemplate": "{{ trunc 1 .Input.obj.k }}"}, "v"),
    ],
)
def test_templates_give_text(source: dict[str, Any], expected: str) -> None:
    assert resolve(**source) == Value(expected)


@pytest.mark.parametrize(
    "template", ["{{ .Input.gone }}", "{{ if false }}x{{ end }}", '{{ fail "no" }}', "{{ .Input.ref.x }}"]
)
def test_a_template_without_text_leads_to_the_key(template: str) -> None:
    assert resolve(dataTemplate=template, dataKey="size") == Value("42", Type.NUMBER)
    assert resolve(contextTemplate=template, contextKey="subject") == Value("push")


def test_failing_templates_say_why() -> None:
    said = failure(dataTemplate="{{ .Input.gone }}")
    assert (
        said == "dataTemplate '{{ .Input.gone }}' of dependency 'push' gives no value: the template gives '<no value>'"
    )
    said = failure(dataTemplate='{{ fail "no" }}', dataKey="gone")
    assert "gives no value, and neither does dataKey: no, at 'fail \"no\"' in line 1" in said
    said = failure(make_event(raw=b"x"), dataTemplate="{{ .Input }}", dataKey="a")
    assert said.endswith("and neither does dataKey: the event's data is not valid JSON")


def test_what_cannot_be_compiled() -> None:
    for field in ("dataTemplate", "contextTemplate"):
        source: dict[str, Any] = {field: "{{ uppr 1 }}", "value": "v"}
        with pytest.raises(CompileError, match="did you mean 'upper'") as wrong:
            resolve(**source)
        assert wrong.value.path == (field,)
    sources: list[dict[str, Any]] = [
        {"jmespath": "data["},
        {"jmespath": "data", "dataKey": "a"},
        {"jmespath": "data", "contextTemplate": "a"},
    ]
    for source in sources:
        with pytest.raises(CompileError) as caught:
            resolve(**source)
        assert caught.value.path == ("jmespath",)
    with pytest.raises(CompileError) as long:
        resolve(dataKey="a" * 5000)
    assert long.value.path == ("dataKey",)
