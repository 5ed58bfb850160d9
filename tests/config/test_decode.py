from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from config.block import Block, Marks
from config.decode import decode, decode_block, decode_rest, field_names, field_of, nearest
from config.duration import Duration
from config.errors import Fault, Place, Severity
from config.model import Int32, Model, SecretKeySelector


class Inner(Model):
    name: str = ""
    port: Int32 = 0


class Outer(Model):
    endpoint: str = ""
    max_size: int | None = None
    ratio: float = 0.0
    active: bool = False
    mode: Literal["", "and", "or"] = ""
    wait: Duration | None = None
    tags: list[str] = []
    pair: tuple[str, ...] = ()
    labels: dict[str, str] | None = None
    inner: Inner | None = None
    inners: list[Inner] = []
    by_name: dict[str, Inner] = {}
    secret: SecretKeySelector | None = None
    role: str = Field(default="", alias="roleARN")
    free: Any = None


class Strict(Model):
    name: str
    size: Literal["small", "large"] = "small"


PLACES = Marks("f.yaml", {("spec",): (1, 1), ("spec", "endpoint"): (2, 3), ("spec", "inners", 1, "PORT"): (9, 5)})


def decoded(value: Any, model: type[Model] = Outer) -> Any:
    faults: list[Fault] = []
    found = decode(model, value, ("spec",), PLACES, faults)
    assert faults == []
    return found


def refused(value: Any, model: type[Model] = Outer) -> list[Fault]:
    faults: list[Fault] = []
    assert decode(model, value, ("spec",), PLACES, faults) is None
    return faults


def test_names_are_camel_case_whatever_the_case() -> None:
    assert decoded({"maxSize": 5, "ROLEarn": "r", "ByName": {"X": {"Name": "n"}}}) == Outer(
        max_size=5, role="r", by_name={"X": Inner(name="n")}
    )


def test_the_exact_spelling_wins() -> None:
    assert decoded({"Endpoint": "a", "endpoint": "b"}).endpoint == "b"


def test_null_is_absent_and_within_collections_empty() -> None:
    assert decoded({"endpoint": None, "tags": [None, "a"], "inners": [None], "labels": {"a": None}}) == Outer(
        tags=["", "a"], inners=[Inner()], labels={"a": ""}
    )
    assert decoded(None) == Outer()


def test_lists_become_what_the_model_holds() -> None:
    found = decoded({"pair": ["a", "b"], "wait": "1.5s", "ratio": 2, "free": {"any": [1, None]}})
    assert found.pair == ("a", "b")
    assert found.wait == Duration(1_500_000_000)
    assert (found.ratio, found.free) == (2.0, {"any": [1, None]})


@pytest.mark.parametrize(
    ("value", "path", "said"),
    [
        ({"endpoint": 12000}, "spec.endpoint", '"12000"'),
        ({"endpoint": True}, "spec.endpoint", "quoted"),
        ({"endpoint": ["a"]}, "spec.endpoint", "a list"),
        ({"endpoint": {}}, "spec.endpoint", "a mapping"),
        ({"maxSize": "5"}, "spec.maxSize", "remove the quotes"),
        ({"maxSize": 1.5}, "spec.maxSize", "a whole number"),
        ({"ratio": "1.5"}, "spec.ratio", "remove the quotes"),
        ({"active": "true"}, "spec.active", "remove the quotes"),
        ({"active": "flase"}, "spec.active", "did you mean 'false'?"),
        ({"active": 1}, "spec.active", "true or false"),
        ({"tags": "a"}, "spec.tags", "a list"),
        ({"tags": ["a", 1]}, "spec.tags[1]", "text"),
        ({"labels": {"a": 1}}, "spec.labels.a", "text"),
        ({"inner": "x"}, "spec.inner", "a mapping"),
        ({"inner": {"port": 3_000_000_000}}, "spec.inner.port", "less than"),
        ({"byName": {"x": {"port": "1"}}}, "spec.byName.x.port", "a whole number"),
        ({"mode": "And"}, "spec.mode", "did you mean 'and'?"),
        ({"wait": "5"}, "spec.wait", "500ms"),
        ({"wait": [1]}, "spec.wait", "integer"),
        ({"secret": "token"}, "spec.secret", "a mapping"),
        ("text", "spec", "a mapping"),
        ([], "spec", "a mapping"),
    ],
)
def test_wrong_types_are_said_in_words(value: Any, path: str, said: str) -> None:
    (fault,) = refused(value)
    assert fault.path == path
    assert fault.severity is Severity.FAULT
    assert said in str(fault)


def test_all_faults_come_together_with_their_places() -> None:
    faults = refused({"endpoint": 1, "maxSize": "x", "inners": [{}, {"PORT": "x"}]})
    assert [fault.path for fault in faults] == ["spec.endpoint", "spec.maxSize", "spec.inners[1].PORT"]
    assert faults[0].place == Place("f.yaml", 2, 3)
    assert faults[1].place == Place("f.yaml", 1, 1)
    assert faults[2].place == Place("f.yaml", 9, 5)


def test_what_must_be_there() -> None:
    (fault,) = refused({}, Strict)
    assert (fault.path, fault.code, fault.what) == ("spec.name", "missing", "is missing")
    (fault,) = refused({"name": "a", "size": "lage"}, Strict)
    assert fault.fix == "did you mean 'large'?"


def test_unknown_fields_are_warnings_with_a_suggestion() -> None:
    faults: list[Fault] = []
    found = decode(Outer, {"endpont": "a", "max_size": 1, "xyz": 1, "inner": {"nmae": "x"}}, ("spec",), PLACES, faults)
    assert found == Outer(inner=Inner())
    assert [(fault.path, fault.fix, fault.code) for fault in faults] == [
        ("spec.endpont", "did you mean 'endpoint'?", "unknown-field"),
        ("spec.max_size", "did you mean 'maxSize'?", "unknown-field"),
        ("spec.xyz", "", "unknown-field"),
        ("spec.inner.nmae", "did you mean 'name'?", "unknown-field"),
    ]
    assert all(fault.severity is Severity.WARNING for fault in faults)


def test_unknown_fields_need_not_be_said() -> None:
    faults: list[Fault] = []
    assert decode(Outer, {"a": 1}, (), PLACES, faults, others=("a",)) == Outer()
    assert decode(Outer, {"b": 1}, (), PLACES, faults, warn_unknown=False) == Outer()
    assert faults == []


def test_a_value_is_never_repeated_in_full() -> None:
    (fault,) = refused({"maxSize": "hunter2"})
    assert "hunter2" not in str(fault)


def test_a_block_is_decoded_at_its_path() -> None:
    block = Block(type="x", name="n", value={"port": "1"}, path=("spec", "x", "n"), marks=PLACES)
    faults: list[Fault] = []
    assert decode_block(Inner, block, faults) is None
    assert faults[0].path == "spec.x.n.port"


def test_what_is_right_beside_what_is_wrong() -> None:
    faults: list[Fault] = []
    value = {"endpoint": 5, "inners": [{"port": "x"}], "tags": ["a"], "unknown": 1}
    found, wrong = decode_rest(Outer, value, ("spec",), PLACES, faults)
    assert (found, set(wrong)) == (Outer(tags=["a"]), {"endpoint", "inners"})
    assert len(faults) == 3
    assert decode_rest(Outer, "text", ("spec",), PLACES, faults)[0] == Outer()


def test_names_and_fields() -> None:
    assert {"endpoint", "maxSize", "roleARN"} <= set(field_names(Outer))
    assert field_of({"Abc": 1, "abc": 2}, "abc") == ("abc", 2)
    assert field_of({"ABC": 1}, "abc") == ("ABC", 1)
    assert field_of({}, "abc") == ("abc", None)
    assert nearest("WEBHOK", ["webhook", "github"]) == "did you mean 'webhook'?"
    assert nearest("zzz", ["webhook"]) == ""


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*field_names(Outer), "other", "INNER"]), _ANY) | _ANY)
def test_no_value_is_too_odd(value: Any) -> None:
    faults: list[Fault] = []
    found = decode(Outer, value, ("spec",), PLACES, faults)
    assert (found is None) == any(fault.severity is Severity.FAULT for fault in faults)
