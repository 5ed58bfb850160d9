from __future__ import annotations

import pytest

from config.block import Block, FieldPath, Marks, path_text
from config.errors import Place

MARKS = Marks("f", {(): (1, 1), ("spec",): (2, 1), ("spec", "HTTP"): (3, 3), ("spec", "HTTP", "url"): (4, 5)})


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("spec",), 2),
        (("spec", "absent", "url"), 2),
        (("spec", "HTTP", "url"), 4),
        (("spec", "http", "url"), 4),
        (("SPEC", "http", "headers", 0), 3),
        (("spec", 0), 2),
    ],
)
def test_the_nearest_place(path: FieldPath, line: int) -> None:
    assert MARKS.place(path).line == line


def test_unknown_places() -> None:
    assert Marks("f", {}).place(("spec",)) == Place("f")
    assert str(Place("f")) == "f"
    assert str(MARKS.place(("spec",))) == "f:2:1"


def test_paths_as_a_reader_would_write_them() -> None:
    assert path_text(("spec", "triggers", 0, "template")) == "spec.triggers[0].template"
    assert path_text(("items", 1)) == "items[1]"
    assert path_text(()) == ""


def test_blocks_are_equal_if_they_say_the_same() -> None:
    one = Block(type="t", name="n", value={"a": 1}, path=("spec",), marks=MARKS)
    assert one == Block(type="t", name="n", value={"a": 1}, path=("items", 0, "spec"), marks=Marks("g", {}))
    assert one != Block(type="t", name="n", value={"a": 2}, path=("spec",), marks=MARKS)
    assert "places" not in repr(one)
