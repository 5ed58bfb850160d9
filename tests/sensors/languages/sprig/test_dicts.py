"""sprig on maps, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('dict "a" 1 "b"', "map[a:1 b:]"),
        ("dict 1 2", "map[1:2]"),
        ('get .Input.m "a"', "1"),
        ('get .Input.m "zz"', ""),
        ('set (dict) "a" 1', "map[a:1]"),
        ('unset .Input.m "b"', "map[a:1 c:map[d:deep]]"),
        ('hasKey .Input.m "a"', "true"),
        ('pluck "a" .Input.m (dict "a" 9) (dict)', "[1 9]"),
        ("keys .Input.m | sortAlpha", "[a b c]"),
        ('values (dict "a" 1)', "[1]"),
        ('pick .Input.m "a" "zz"', "map[a:1]"),
        ('omit .Input.m "a" "c"', "map[b:2]"),
        ('dig "c" "d" "x" .Input.m', "deep"),
        ('dig "c" "e" "x" .Input.m', "x"),
        ('merge (dict "a" 1) (dict "a" 2 "b" 3)', "map[a:1 b:3]"),
        ('merge (dict "x" (dict "p" 1)) (dict "x" (dict "p" 2 "q" 3))', "map[x:map[p:1 q:3]]"),
        ('merge (dict "a" "") (dict "a" "z")', "map[a:z]"),
        ('merge (dict "a" (list)) (dict "a" (list 1))', "map[a:[1]]"),
        ('merge (dict "a" "x") (dict "a" (dict "b" 1))', "map[a:x]"),
        ('merge (dict) (dict "a" nil)', "map[]"),
        ('mergeOverwrite (dict "a" "x") (dict "a" "")', "map[a:]"),
        ('mergeOverwrite (dict "a" 1) (dict "a" nil)', "map[a:<nil>]"),
        ('mergeOverwrite (dict "x" (dict "p" 1)) (dict "x" (dict "q" 3))', "map[x:map[p:1 q:3]]"),
        ('mergeOverwrite (dict "a" (dict "b" 1)) (dict "a" 5)', "map[a:5]"),
        ('merge nil (dict "a" 1)', "map[a:1]"),
        ("deepCopy .Input.m", "map[a:1 b:2 c:map[d:deep]]"),
        ("keys nil", "[]"),
        ('get nil "a"', ""),
        ('toJson (unset nil "a")', "null"),
    ],
)
def test_maps(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'set nil "a" 1',
        'set .Input.nil "a" 1',
        'hasKey .Input.l "a"',
        'dig "a" "b" "x" .Input.m',
        'dig "a" "x"',
        "deepCopy nil",
    ],
)
def test_maps_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
