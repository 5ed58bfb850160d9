"""Transforms: other data, the same event."""

from __future__ import annotations

import pytest

from config.sensor import Transform
from sensors.errors import CompileError, NotAvailable
from sensors.transform import compile_transform
from tests.sensors.events import make_event


def test_none() -> None:
    assert compile_transform(None) is None
    assert compile_transform(Transform()) is None


def test_the_result_becomes_the_data() -> None:
    transform = compile_transform(Transform(jmespath="{branch: data.ref, from: source, all: data}"))
    assert transform is not None
    event = make_event({"ref": "main"}, datacontenttype="application/yaml", extensions={"traceparent": "00-1"})
    assert event.document()["data"] == {"ref": "main"}
    changed = transform(event)
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
        transform(make_event({"ref": "main"}))


def test_what_does_not_fit() -> None:
    transform = compile_transform(Transform(jmespath="{n: length(data.size)}"))
    assert transform is not None
    with pytest.raises(ValueError):
        transform(make_event({"size": 1}))


def test_a_number_that_json_cannot_hold() -> None:
    transform = compile_transform(Transform(jmespath="{n: ceil(data.size)}"))
    assert transform is not None
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        transform(make_event({"size": 1e300}))


@pytest.mark.parametrize("name", ["jq", "script"])
def test_refused(name: str) -> None:
    with pytest.raises(NotAvailable, match=f"'{name}' is known") as caught:
        compile_transform(Transform.model_validate({name: "."}))
    assert caught.value.path == (name,)
    with pytest.raises(CompileError, match="there is a 'jmespath' as well"):
        compile_transform(Transform.model_validate({name: ".", "jmespath": "data"}))
    with pytest.raises(CompileError) as wrong:
        compile_transform(Transform(jmespath="{"))
    assert wrong.value.path == ("jmespath",)
