"""Transforms: other data, the same event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from config.sensor import Transform
from sensors.errors import CompileError
from sensors.transform import compile_transform
from tests.sensors.events import make_event

if TYPE_CHECKING:
    from bus.event import Event


def test_none() -> None:
    assert compile_transform(None) is None
    assert compile_transform(Transform()) is None


def test_the_result_becomes_the_data() -> None:
    transform = compile_transform(Transform(jmespath="{branch: data.ref, from: source, all: data}"))
    assert transform is not None
    event = make_event({"ref": "main"}, datacontenttype="application/yaml", extensions={"traceparent": "00-1"})
    assert event.document()["data"] == {"ref": "main"}
    changed = transform.apply(event)
    assert changed.data == b'{"branch":"main","from":"forge","all":{"ref":"main"}}'
    assert changed.document()["data"] == changed.json() == {"branch": "main", "from": "forge", "all": {"ref": "main"}}
    assert changed.datacontenttype == "application/json"
    assert (changed.key, changed.time, changed.extensions) == (event.key, event.time, event.extensions)
    assert event.data == b'{"ref":"main"}'


@pytest.mark.parametrize(
    ("expression", "gave"),
    [
        ("data.ref", "text"),
        ("data.nothing", "null"),
        ("`[1]`", "a list"),
        ("`1`", "a number"),
        ("`1.5`", "a number"),
        ("`true`", "a boolean"),
    ],
)
def test_the_result_has_to_be_an_object(expression: str, gave: str) -> None:
    transform = compile_transform(Transform(jmespath=expression))
    assert transform is not None
    with pytest.raises(ValueError, match=f"it gave {gave}$"):
        transform.apply(make_event({"ref": "main"}))


def test_what_does_not_fit() -> None:
    transform = compile_transform(Transform(jmespath="{n: length(data.size)}"))
    assert transform is not None
    with pytest.raises(ValueError):
        transform.apply(make_event({"size": 1}))


def test_a_number_that_json_cannot_hold() -> None:
    transform = compile_transform(Transform(jmespath="{n: ceil(data.size)}"))
    assert transform is not None
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        transform.apply(make_event({"size": 1e300}))


def transformed(event: Event, **fields: str) -> Event:
    transform = compile_transform(Transform.model_validate(fields))
    assert transform is not None
    return transform.apply(event)


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        ({"jq": '{branch: (.ref | ltrimstr("refs/heads/")), n}'}, b'{"branch":"main","n":2}'),
        ({"jq": ".z = 1 | .a = 2"}, b'{"a":2,"n":2,"ref":"refs/heads/main","z":1}'),
        ({"jq": "., error"}, b'{"n":2,"ref":"refs/heads/main"}'),
        ({"script": "return {branch = string.match(event.ref, '[^/]+$'), n = event.n}"}, b'{"branch":"main","n":2}'),
        ({"script": "event.n = event.n / 8 return event"}, b'{"n":0.25,"ref":"refs/heads/main"}'),
        ({"script": "return {event.ref, event.n}"}, b'["refs/heads/main",2]'),
        ({"script": "return {}"}, b"{}"),
        ({"script": "return setmetatable({}, {__is_array = true})"}, b"[]"),
        ({"script": "return 1, {a = true}"}, b'{"a":true}'),
        ({"jq": '{by: "jq"}', "script": "return {by = 'script'}"}, b'{"by":"jq"}'),
    ],
)
def test_what_jq_and_scripts_make(fields: dict[str, str], data: bytes) -> None:
    event = make_event({"ref": "refs/heads/main", "n": 2}, datacontenttype="text/plain")
    changed = transformed(event, **fields)
    assert changed.data == data
    assert changed.json() == changed.document()["data"]
    assert (changed.key, changed.datacontenttype) == (event.key, "application/json")
    assert event.json() == {"ref": "refs/heads/main", "n": 2}


def test_of_json_a_script_sees_only_a_part() -> None:
    event = make_event(raw=b'{"null":null,"list":[null,1,[2],{"a":[]}],"nested":[[1]],"big":9007199254740993,"b":1.0}')
    seen = b'{"b":1,"big":9007199254740992,"list":[1,{"a":{}}],"nested":{}}'
    assert transformed(event, script="return event").data == seen
    assert transformed(event, script="local x = event.list[2].a return event").data == seen
    assert transformed(event, jq=".").json() == {
        "b": 1,
        "big": 9007199254740992,
        "list": [None, 1, [2], {"a": []}],
        "nested": [[1]],
        "null": None,
    }


def test_numbers_are_written_as_go_does() -> None:
    event = make_event(raw=b'{"id":1234567890123456789,"e":1e20,"s":1e-7,"f":123456789.125,"z":-0.0}')
    written = b'{"e":1e+20,"f":123456789.125,"id":1234567890123456800,"s":1e-7,"z":0}'
    assert transformed(event, jq=".").data == transformed(event, script="return event").data == written


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"jq": ".ref"}, "the query must give an object; it gave text"),
        ({"jq": "[.]"}, "the query must give an object; it gave a list"),
        ({"jq": ".none"}, "the query must give an object; it gave null"),
        ({"jq": "empty"}, "the query gives nothing"),
        ({"jq": ".ref.a"}, 'expected an object but got: string ("refs/heads/main")'),
        ({"jq": 'error("no")'}, "no"),
        ({"jq": "{n: nan}"}, "nan is no number in JSON"),
        ({"jq": "[range(1e9)]"}, "the query was stopped: it runs for more than 40 ms"),
        ({"script": "return event.ref"}, "the script must return a table; it returned text"),
        ({"script": "local x = 1"}, "the script must return a table; it returned null"),
        ({"script": "return {}, 1"}, "the script must return a table; it returned a number"),
        ({"script": "return {a = 0/0}"}, "the result cannot be written as JSON: NaN is no number in JSON"),
        ({"script": "return {f = print}"}, "the result cannot be written as JSON: a function is nothing that JSON has"),
        ({"script": "return event.a.b"}, "line 1: attempt to index a non-table object(nil) with key 'b'"),
        ({"script": "while true do end"}, "the script was stopped: it runs for more than 40 ms"),
    ],
)
def test_what_jq_and_scripts_may_not_give(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}"):
        transformed(make_event({"ref": "refs/heads/main"}), **fields)


@pytest.mark.parametrize("fields", [{"jq": "{a: .a}"}, {"script": "return {a = event.a}"}])
def test_data_that_is_no_object(fields: dict[str, str]) -> None:
    for raw, kind in ((b"[1]", "a list"), (b'"a"', "text"), (b"1", "a number"), (b"true", "a boolean")):
        with pytest.raises(ValueError, match=f"the event's data is not an object, but {kind}"):
            transformed(make_event(raw=raw), **fields)
    for raw in (b"", b"no json", b'{"a":1} x'):
        with pytest.raises(ValueError, match="cannot be read"):
            transformed(make_event(raw=raw), **fields)
    without = make_event()
    assert transformed(without, **fields) is without


def test_null_is_an_empty_object_and_stays_null_if_it_is_left_alone() -> None:
    null = make_event(raw=b"null", datacontenttype="text/plain")
    assert transformed(null, jq=".").data == transformed(null, jq=".x // .").data == b"null"
    assert transformed(null, jq=".").datacontenttype == "application/json"
    assert transformed(null, jq="{a: .a}").data == b'{"a":null}'
    assert transformed(null, jq=". + {}").data == transformed(null, script="return event").data == b"{}"
    with pytest.raises(ValueError, match="it gave null"):
        transformed(null, jq=".a")


@pytest.mark.parametrize(
    ("fields", "path", "what"),
    [
        ({"jmespath": "{"}, "jmespath", "not a JMESPath expression"),
        ({"jq": "{"}, "jq", "not a jq query: the query ends where a name should be, at character 2"),
        ({"jq": ".a |\n nosuch"}, "jq", "there is no function 'nosuch' of 0 arguments, at line 2, character 2"),
        ({"script": "return {"}, "script", "not a Lua script"),
        ({"jq": ".", "jmespath": "data"}, "jq", "there is a 'jmespath' as well"),
        ({"script": "return event", "jmespath": "data"}, "script", "there is a 'jmespath' as well"),
    ],
)
def test_what_is_refused(fields: dict[str, str], path: str, what: str) -> None:
    with pytest.raises(CompileError) as caught:
        compile_transform(Transform.model_validate(fields))
    assert caught.value.path == (path,)
    assert what in caught.value.what
    assert caught.value.fix


def test_what_scripts_lack_is_told_at_load() -> None:
    change = compile_transform(Transform(script="os.getenv('HOME') return io.read()"))
    assert change is not None
    assert change.warnings == ("'io' does not exist for scripts of eventyard",)
