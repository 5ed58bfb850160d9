"""triggers/cluster/marks.py"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.cluster.marks import DONE, MARKS, MOST, marked, note_of, only_if_unchanged


def after(keys: list[str]) -> dict[str, Any]:
    object: dict[str, Any] = {"metadata": {}}
    for key in keys:
        object["metadata"]["annotations"] = marked(object, key)
    return object


@given(st.lists(st.text(), max_size=80))
def test_the_last_ones_are_remembered(keys: list[str]) -> None:
    object = after(keys)
    newest = list(dict.fromkeys(reversed(keys)))
    assert [key for key in newest if note_of(object, key) is not None] == newest[:MOST]


def test_a_note_lasts_until_it_is_replaced() -> None:
    object = after(["a"])
    object["metadata"]["annotations"] = marked(object, "b", {"step": 1})
    assert note_of(object, "b") == {"step": 1}
    object["metadata"]["annotations"] = marked(object, "b")
    assert note_of(object, "b") == DONE
    assert note_of(object, "a") == DONE
    assert note_of(object, "c") is None


def test_whoever_comes_settles_the_notes_of_others() -> None:
    object: dict[str, Any] = {"metadata": {}}
    for key, note in (("a", {"step": 1}), ("b", {"step": 2}), ("c", DONE)):
        object["metadata"]["annotations"] = marked(object, key, note)
    settled = {"metadata": {"annotations": marked(object, "d", {"step": 2}, settle=lambda note: note["step"] == 1)}}
    assert [note_of(settled, key) for key in "abcd"] == [DONE, None, DONE, {"step": 2}]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"a": 1}', "null"])
def test_what_somebody_else_wrote_there_is_nothing(text: str) -> None:
    object = {"metadata": {"annotations": {MARKS: text}}}
    assert note_of(object, "a") is None
    assert marked(object, "a") == {MARKS: '{"a":{}}'}


def test_metadata_of_a_patch() -> None:
    metadata = only_if_unchanged({"metadata": {"resourceVersion": "7"}}, {"x": "y"})
    assert metadata == {"resourceVersion": "7", "annotations": {"x": "y"}}
