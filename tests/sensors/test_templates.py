"""Templates of fields: what they are given of an event, and when their text counts as none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bus.event import Event
from sensors.errors import CompileError
from sensors.templates import compile_field, context_input, payload_input, render
from tests.sensors.events import make_event


def test_what_cannot_be_compiled() -> None:
    with pytest.raises(CompileError) as caught:
        compile_field("{{ uppr .Input }}", ("data", 0, "template"))
    assert caught.value.path == ("data", 0, "template")
    assert caught.value.what == "there is no function 'uppr'; did you mean 'upper'?, in line 1, column 4"


@pytest.mark.parametrize("text", ["", "{{ .Input.gone }}", "{{ if false }}x{{ end }}", "<no value>", '{{ fail "x" }}'])
def test_what_gives_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"the template gives|x, at"):
        render(compile_field(text, ()), {"a": 1})


def test_a_part_may_be_missing() -> None:
    assert render(compile_field("{{ .Input.gone }}!", ()), {}) == "<no value>!"


def test_broken_bytes_are_replaced() -> None:
    assert render(compile_field("{{ trunc 1 .Input }}", ()), "ü") == "\ufffd"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"a":{"b":1}}', "map[a:map[b:1]]"),
        (b'{"a":1,"a":2}', "map[a:1]"),
        (b'{"a":-0,"b":0}', "map[a:-0 b:0]"),
        (b'{"a":"x\\ud800y"}', "map[a:x\ufffdy]"),
        (b'{"a":123456789012345678901234567890}', "map[a:1.2345678901234568e+29]"),
        (b"[1, 2.50]", "[1 2.5]"),
        (b'"x"', "x"),
    ],
)
def test_the_data_is_as_go_reads_it(raw: bytes, text: str) -> None:
    assert render(compile_field("{{ .Input }}", ()), payload_input(make_event(raw=raw))) == text


def test_yaml_is_data_too() -> None:
    event = make_event(raw=b"a: {b: yes}", datacontenttype="application/yaml")
    assert payload_input(event) == {"a": {"b": True}}


def test_the_parse_is_shared() -> None:
    event = make_event({"a": {"b": [1, 2]}})
    assert payload_input(event) is event.json()


@pytest.mark.parametrize(
    "event", [make_event(), make_event(raw=b"{"), make_event({"a": 1}, datacontenttype="text/plain")], ids=str
)
def test_data_that_cannot_be_read(event: Event) -> None:
    with pytest.raises(ValueError, match="the event's"):
        payload_input(event)


def test_the_context() -> None:
    context: Any = context_input(make_event({"a": 1}))
    assert context["type"] == "webhook"
    assert set(context) == {"id", "source", "specversion", "type", "datacontenttype", "subject", "time"}


PAGE = (Path(__file__).parents[2] / "docs" / "templates.md").read_text()
[DATA] = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROWS = re.findall(r"^\| `((?:\\\||[^`|])*\{\{.*?)` \| `(.*?)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_the_page_is_right(text: str, expected: str) -> None:
    template = compile_field(text.replace("\\|", "|"), ())
    assert render(template, payload_input(make_event(raw=DATA.encode()))) == expected


def test_the_page_has_examples() -> None:
    assert len(ROWS) == PAGE.count("\n| `{{")
    with pytest.raises(ValueError, match="float64 cannot be compared with an int"):
        render(compile_field("{{ eq .Input.body.user.age 41 }}", ()), json.loads(DATA))
    assert all(f"`{name}`" in PAGE for name in ("env", "expandenv", "getHostByName", "bcrypt", "htpasswd", "genCA"))
