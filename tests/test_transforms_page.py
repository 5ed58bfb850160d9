"""What the page about transforms says is so: its three transforms make the same, and what it warns of happens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bus.event import Event
from config.sensor import Transform
from eventyard.build import build, read_manifests
from eventyard.registry import Registry
from sensors.languages.budget import BYTES, SECONDS
from sensors.languages.jq.query import ExpressionError, compile_query
from sensors.transform import compile_transform

PAGE = (Path(__file__).parent.parent / "docs" / "transforms.md").read_text()
GIVEN, MADE = (json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def data_of(transform: str, data: bytes) -> Any:
    """What a Lua script makes of some data."""
    change = compile_transform(Transform(script=transform))
    assert change is not None
    return change.apply(Event(id="1", source="s", type="t", data=data)).json()


def test_all_three_make_the_same(tmp_path: Path) -> None:
    [text] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "page.yaml").write_text(text)
    registry = Registry()
    plan = build(read_manifests([tmp_path], registry), registry)
    listeners = plan.sensors["default/build"].rule.listeners["hooks", "pushes"]
    event = Event(id="1", source="hooks", type="webhook", subject="pushes", data=json.dumps(GIVEN).encode())
    made = [dependency.transform(event).json() for dependency, _ in listeners if dependency.transform]
    assert made == [MADE] * 3


@pytest.mark.parametrize(
    "name", ["input", "inputs", "debug", "stderr", "input_line_number", "$__loc__", "j0", "yn(1; 2)"]
)
def test_what_jq_does_not_have(name: str) -> None:
    assert f"`{name.partition('(')[0]}`" in PAGE
    with pytest.raises(ExpressionError):
        compile_query(name)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("[env.HOME, $ENV.HOME]", [None, None]),
        ("if .a then .b end", {"n": 1}),
        ("if .a then .b else null end", None),
        ("[.a + .b, (.a // 0) + (.b // 0)]", [None, 0]),
        ('"9007199254740993" | ., tonumber', "9007199254740993"),
        ("9007199254740993 + 1", 9007199254740994),
    ],
)
def test_what_is_said_of_jq(query: str, found: Any) -> None:
    assert compile_query(query).first({"n": 1}) == found


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("return event", {"list": [1, {"x": {}}], "o": {}}),
        ("event.list[3] = nil event.list[4] = 'd' return event.list", [1, {"x": {}}, None, "d"]),
        ("local t = {a = 1} t[2] = 'b' return t", [None, "b"]),
        ("return {[1.5] = 1, [true] = 2, a = 3}", {"1.5": 1, "true": 2, "a": 3}),
        ("return {}", {}),
        ("return setmetatable({}, {__is_array = true})", []),
    ],
)
def test_what_is_said_of_lua(script: str, made: Any) -> None:
    assert data_of(script, b'{"null":null,"list":[1,null,[2],{"x":{}}],"o":{"a":null}}') == made


def test_the_limits() -> None:
    assert f"| {SECONDS * 1000:.0f} ms an event |" in PAGE
    assert f"| {BYTES >> 20} MB," in PAGE
    with pytest.raises(ExpressionError, match="more than 80 queries"):
        compile_query("(" * 81 + "1" + ")" * 81)
    with pytest.raises(ValueError, match="more than 200 deep"):
        data_of("local t = {} for i = 1, 300 do t = {a = t} end return t", b"{}")
