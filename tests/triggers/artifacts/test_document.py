"""triggers/artifacts/document.py: text -> object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from triggers.artifacts import Artifact, inline, read_object
from triggers.artifacts.document import LIMIT

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="ascii"), max_size=9)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner), max_leaves=9)


def read(text: str | bytes) -> dict[str, Any]:
    """The object of a text."""
    return read_object(text if isinstance(text, bytes) else text.encode(), "file job.yaml")


@given(st.dictionaries(st.text("abc"), VALUES))
def test_json_is_read_as_it_is(value: dict[str, Any]) -> None:
    assert read(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "kind: Job\nspec: {m: 1, f: 1.5, t: yes, e: }",
            {"kind": "Job", "spec": {"m": 1, "f": 1.5, "t": True, "e": None}},
        ),
        ("{}", {}),
        ("# first\n---\na: 1\n---\n[broken", {"a": 1}),
        ("a: 1\n---\nb: 2\n", {"a": 1}),
        ("---\na: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("big: 9007199254740993", {"big": 9007199254740992}),
        ("big: [-9007199254740993, 18446744073709551615]", {"big": [-9007199254740992, 18446744073709551616]}),
        ("\ufeffa: ü", {"a": "ü"}),
    ],
)
def test_yaml(text: str, value: dict[str, Any]) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "---\n",
        "- a",
        "text",
        "3",
        "[a",
        "a: [1\n---\nb: 2",
        "a: b: c",
        "\tx: 1",
        b"\xff\xff",
        "a: \x01",
    ],
)
def test_what_is_no_object(text: str | bytes) -> None:
    with pytest.raises(Permanent) as failure:
        read(text)
    assert failure.value.where == "file job.yaml"
    assert failure.value.fix
    assert str(failure.value).isprintable()


def test_a_line_is_named() -> None:
    with pytest.raises(Permanent, match=r"^file job\.yaml: line 3: not YAML"):
        read("kind: Job\nspec: [a\n")


def test_too_large() -> None:
    assert read(b"a: " + b"x" * (LIMIT - 3))
    with pytest.raises(Permanent, match="more than"):
        read(b"a: " + b"x" * (LIMIT - 2))


class TestInline:
    def test_text(self) -> None:
        assert inline(Artifact(inline="kind: Job")) == {"kind": "Job"}
        with pytest.raises(Permanent, match="inline: is empty"):
            inline(Artifact(inline=""))

    def test_resource(self) -> None:
        resource = {"kind": "Job", "n": (1 << 53) + 1}
        assert inline(Artifact(resource=resource)) == {"kind": "Job", "n": 1 << 53}
        assert resource["n"] == (1 << 53) + 1
        with pytest.raises(Permanent, match="no object"):
            inline(Artifact(resource="text"))

    def test_what_is_fetched(self) -> None:
        for kind in ("file", "url", "git", "s3", "configmap"):
            assert inline(Artifact.model_validate({kind: {}, "resource": {"kind": "Job"}})) is None

    def test_nothing(self) -> None:
        with pytest.raises(Permanent):
            inline(None)
