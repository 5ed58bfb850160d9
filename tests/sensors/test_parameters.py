"""Parameters: bodies built of them, objects they are written into, and what is kept between firings."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from config.sensor import ParameterSource, TriggerParameter
from sensors.errors import CompileError
from sensors.parameters import EventValues, ParameterCache, Parameters, compile_parameters
from tests.sensors.events import make_event

DATA = {"ref": "refs/heads/main", "size": 42, "obj": {"k": "v"}, "nil": None, "uni": 'é"\n<&>\u2028'}
EVENTS = {"push": make_event(DATA)}


def item(dest: str, key: str = "", operation: str = "", **source: Any) -> TriggerParameter:
    block = {"dependencyName": "push", **({"dataKey": key} if key else {}), **source}
    return TriggerParameter.model_validate({"src": block, "dest": dest, "operation": operation})


def compiled(*items: TriggerParameter) -> Parameters:
    return compile_parameters(items)


def test_a_body_of_distinct_keys() -> None:
    body = compiled(
        item("commit", "ref"),
        item("size", "size"),
        item("raw", "size", useRawData=True),
        item("all", jmespath="data.obj"),
        item("uni", "uni"),
        item("other", value="d", dependencyName="tag"),
        item("absent", dependencyName="tag"),
    ).payload(EVENTS)
    assert orjson.loads(body) == {
        "commit": "refs/heads/main",
        "size": "42",
        "raw": 42,
        "all": {"k": "v"},
        "uni": DATA["uni"],
        "other": "d",
    }


def test_a_body_of_paths() -> None:
    body = compiled(
        item("a.b", "ref"), item("a.c.-1", "size", useRawData=True), item("a.b", "nil"), item("x\\.y", value="z")
    ).payload(EVENTS)
    assert body == b'{"a":{"b":"null","c":[42]},"x.y":"z"}'
    assert compiled(item("0", "size")).payload(EVENTS) == b'["42"]'


def test_operation_means_nothing_in_a_body() -> None:
    assert compiled(item("a.b", "size", "append"), item("a.b", "size", "bogus")).payload(EVENTS) == b'{"a":{"b":"42"}}'


def test_a_value_can_be_the_whole_body() -> None:
    assert compiled(item("a", "size"), item("", "ref"), item("b", "gone")).payload(EVENTS) == b"refs/heads/main"
    assert compiled(item("", dependencyName="tag"), item("a", "size")).payload(EVENTS) == b'{"a":"42"}'


def test_no_values_no_body() -> None:
    assert compiled().payload(EVENTS) == b""
    assert compiled(item("a", dependencyName="tag")).payload(EVENTS) == b""
    assert compiled(item("a.b", dependencyName="tag")).payload(EVENTS) == b""


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c-d", "_e"]),
            st.sampled_from(["ref", "size", "obj", "nil", "uni"]),
            st.booleans(),
            st.sampled_from(["push", "tag"]),
        ),
        unique_by=lambda each: each[0],
    )
)
def test_the_short_way_builds_what_the_long_way_does(fields: list[tuple[str, str, bool, str]]) -> None:
    items = [item(dest, key, useRawData=raw, dependencyName=name) for dest, key, raw, name in fields]
    assert compiled(*items).payload(EVENTS).decode() == compiled(*items).edit("", EVENTS)


def test_what_cannot_be_resolved() -> None:
    for items in ((item("a", "gone"),), (item("a.b", "size"), item("a.c", "gone")), (item("", "gone"),)):
        with pytest.raises(Permanent, match="gives no value") as caught:
            compiled(*items).payload(EVENTS)
        assert caught.value.where in ("parameter 'a'", "parameter 'a.c'", "parameter 1")


TARGET = {"url": "http://x/", "n": 1, "list": [1, 2], "deep": {"z": 1, "a": None}}


@pytest.mark.parametrize(
    ("parameter", "changed"),
    [
        (item("url", "ref"), {"url": "refs/heads/main"}),
        (item("url", "size", "overwrite", useRawData=True), {"url": 42}),
        (item("url", "size", "append"), {"url": "http://x/42"}),
        (item("url", "size", "prepend"), {"url": "42http://x/"}),
        (item("n", "size", "append", useRawData=True), {"n": "142"}),
        (item("deep.a", "size", "append", useRawData=True), {"deep": {"z": 1, "a": "42"}}),
        (item("deep", "ref", "append"), {"deep": '{"a":null,"z":1}refs/heads/main'}),
        (item("new.x", "size", "append", useRawData=True), {"new": {"x": 42}}),
        (item("list.-1", jmespath="data.obj"), {"list": [1, 2, {"k": "v"}]}),
        (item("url", dependencyName="tag"), {}),
        (item("url", dependencyName="tag", operation="bogus"), {}),
        (item("", dependencyName="tag"), {}),
    ],
)
def test_written_into_an_object(parameter: TriggerParameter, changed: dict[str, Any]) -> None:
    assert compiled(parameter).apply(TARGET, EVENTS) == {**TARGET, **changed}


def test_later_ones_see_earlier_ones() -> None:
    result = compiled(item("a", "size"), item("a", value="!", operation="append")).apply({}, EVENTS)
    assert result == {"a": "42!"}


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (item("a", "size", "bogus"), "unknown operation 'bogus'"),
        (item("", "size"), "it has no 'dest'"),
        (item("list.x", "size"), "no index"),
    ],
)
def test_what_cannot_be_written(parameter: TriggerParameter, message: str) -> None:
    with pytest.raises(Permanent, match=message) as caught:
        compiled(parameter).apply(TARGET, EVENTS)
    assert caught.value.where.startswith("parameter ")


def test_what_comes_out_has_to_be_an_object() -> None:
    assert compiled(item("0", "size")).edit("", EVENTS) == '["42"]'
    with pytest.raises(Permanent, match="do not leave JSON"):
        compiled(item("a", "size")).apply({"b": {1, 2}}, EVENTS)
    with pytest.raises(Permanent, match="do not leave JSON"):
        compiled(item("a", "size")).apply({"b": 10**400}, EVENTS)


def test_integers_beyond_64_bits_become_doubles() -> None:
    target = {"a": [2**70, {"b": -(2**64)}], "most": 2**64 - 1, "least": -(2**63), "yes": True}
    result = compiled(item("c", "size", useRawData=True), item("a.0", value="!", operation="append")).apply(
        target, EVENTS
    )
    assert result == {**target, "a": ["1180591620717411300000!", {"b": -(2.0**64)}], "c": 42}
    assert [type(result[name]) for name in ("most", "least", "yes")] == [int, int, bool]


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"dest": "a"}, (1, "src")),
        ({"src": {"jmespath": "("}, "dest": "a"}, (1, "src", "jmespath")),
        ({"src": {"dataKey": "a"}, "dest": "a" * 5000}, (1, "dest")),
    ],
)
def test_what_cannot_be_compiled(block: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(CompileError) as caught:
        compiled(item("a", "size"), TriggerParameter.model_validate(block))
    assert caught.value.path == path


def test_values_of_a_firing() -> None:
    values = EventValues(EVENTS, ParameterCache())
    assert values.events is EVENTS
    assert values.payload([item("a", "size")]) == b'{"a":"42"}'
    assert values.apply({}, [item("a", "size")]) == {"a": "42"}
    assert values.text(ParameterSource(dependency_name="push", data_key="obj")) == '{"k":"v"}'
    assert values.text(ParameterSource(dependency_name="tag")) is None


def test_each_list_is_compiled_once() -> None:
    cache = ParameterCache()
    listed = [item("a", "size")]
    assert cache.lists[listed] is cache.lists[listed]
    assert cache.lists[list(listed)] is not cache.lists[listed]


def test_lists_that_each_firing_makes_do_not_pile_up() -> None:
    cache = ParameterCache()
    for _ in range(1000):
        assert EventValues(EVENTS, cache).payload([item("a", "size")]) == b'{"a":"42"}'
    assert len(cache.lists) <= 64


def test_what_only_a_firing_finds_out() -> None:
    with pytest.raises(Permanent, match="not a JMESPath expression") as caught:
        EventValues(EVENTS, ParameterCache()).payload([item("a", jmespath="(")])
    assert caught.value.where == "[0].src.jmespath"
