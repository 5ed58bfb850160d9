from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from triggers.cluster.object import KEY
from triggers.k8s.changes import marked_patch, merged, operations

leaves = (
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x"]) | st.lists(st.integers(0, 2), max_size=2)
)
objects = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8),
    max_size=3,
)


@pytest.mark.parametrize(
    ("live", "given", "wanted"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        ({"a": {"x": 1}}, {"a": {}}, {"a": {"x": 1}}),
        ({"a": 1}, {"a": {}}, {"a": {}}),
        ({"a": None}, {"a": {}}, {"a": {}}),
        ({}, {"a": {}}, {"a": {}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": [1, 2]}, {"a": []}, {"a": []}),
        ({"a": 1}, {"a": 0}, {"a": 0}),
        ({"a": True}, {"a": False}, {"a": False}),
        ({"a": "x"}, {"a": ""}, {"a": ""}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({"a": {"x": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": None}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ],
)
def test_merging(live: dict[str, Any], given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert merged(live, given) == wanted


@given(objects, objects)
def test_merging_changes_neither_and_repeating_it_nothing(live: dict[str, Any], given: dict[str, Any]) -> None:
    kept = copy.deepcopy((live, given))
    once = merged(live, given)
    assert (live, given) == kept
    assert merged(once, given) == once
    assert live.keys() | given.keys() == once.keys()


@pytest.mark.parametrize("patch", [None, {}, "x", [1]])
def test_a_json_patch_is_a_list_of_operations(patch: Any) -> None:
    with pytest.raises(Permanent, match="list 'patch'") as error:
        operations({"patch": patch})
    assert "op: replace" in error.value.fix


def test_a_json_patch_marks_the_object_and_holds_for_that_version() -> None:
    patch = [{"op": "add", "path": "/data/a", "value": "1"}]
    unchanged = {"op": "replace", "path": "/metadata/resourceVersion", "value": "9"}
    assert marked_patch(patch, {"metadata": {"resourceVersion": "9"}}, "k") == [
        unchanged,
        {"op": "add", "path": "/metadata/annotations", "value": {KEY: "k"}},
        *patch,
    ]
    assert marked_patch(patch, {"metadata": {"resourceVersion": "9", "annotations": {"b": "c"}}}, "k") == [
        unchanged,
        {"op": "add", "path": "/metadata/annotations/eventyard.io~1key", "value": "k"},
        *patch,
    ]
