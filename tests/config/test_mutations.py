"""Good manifests with something broken in them: whatever it is, it is answered with faults that have a place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.checks.eventbus import check_change
from config.errors import Fault
from config.findings import Findings
from config.load import load_text
from config.manifests import Manifests
from tests.config.checks.test_sources import GOOD as SOURCES
from tests.config.checks.test_triggers import GOOD as TRIGGERS
from tests.config.given import FOLDER, loaded, sensor, source, trigger

PARAMETER = {
    "src": {"dependencyName": "d", "dataKey": "a", "dataTemplate": "{{ .Input.a }}", "useRawData": True},
    "dest": "url",
}
RICH = sensor(
    trigger(
        "http",
        {
            "url": "http://x",
            "payload": [PARAMETER],
            "parameters": [PARAMETER],
            "secureHeaders": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            "tls": {"insecureSkipVerify": True},
        },
        template={"conditions": "d && e", "conditionsReset": [{"byTime": {"cron": "0 0 * * *"}}]},
        parameters=[PARAMETER],
        policy={"status": {"allow": [200]}, "k8s": {"labels": {"a": "b"}, "backoff": {"factor": 2}}},
        retryStrategy={"duration": "1s", "steps": 2, "jitter": 0.5},
        rateLimit={"unit": "Second", "requestsPerUnit": 1},
        atLeastOnce=True,
        dlqTrigger=trigger(atLeastOnce=True),
    ),
    dependencies=[
        {
            "name": "d",
            "eventSourceName": "es",
            "eventName": "ev",
            "filters": {
                "data": [{"path": "a", "type": "string", "value": ["x"], "template": "{{ .Input }}"}],
                "exprs": [{"expr": "a == 1", "fields": [{"name": "a", "path": "b"}]}],
                "context": {"type": "x"},
                "time": {"start": "01:00:00", "stop": "02:00:00"},
            },
            "filtersLogicalOperator": "or",
        },
        {"name": "e", "eventSourceName": "es", "eventName": "ev", "transform": {"jq": "."}},
    ],
    template={"container": {"env": [{"name": "A", "value": "b"}], "resources": {"limits": {"cpu": 1}}}},
)
DOCUMENTS: list[dict[str, Any]] = [
    *yaml.safe_load_all((FOLDER / "pipeline.yaml").read_text()),
    yaml.safe_load((FOLDER / "cron.json").read_text()),
    RICH,
    *(source(kind, **{kind: {"e": block}}) for kind, block in SOURCES.items()),
    *(sensor(trigger(kind, body)) for kind, body in TRIGGERS.items()),
]
TEXTS = [(FOLDER / "pipeline.yaml").read_text(), (FOLDER / "cron.json").read_text(), yaml.safe_dump(RICH)]
WRONG: list[Any] = [
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    "",
    "x",
    "{{ nope }}",
    "\u0000",
    "5",
    [],
    [None],
    ["x"],
    {},
    {"": None},
]
WRONG += [{"a": {"b": []}}, [[]], [{}], "a" * 100]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@st.composite
def broken_documents(draw: st.DrawFn) -> dict[str, Any]:
    """A good document with one to three values replaced, removed, renamed or repeated."""
    value: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(value)[1:] or [()]))
        if not path:
            break
        parent, key = at(value, path[:-1]), path[-1]
        kind = draw(st.sampled_from(["replace", "remove", "rename", "repeat"]))
        if kind == "replace":
            parent[key] = copy.deepcopy(draw(st.sampled_from(WRONG)))
        elif kind == "remove":
            del parent[key]
        elif isinstance(parent, dict):
            new = draw(st.sampled_from([str(key).upper(), f"{key}s", "", "spec", "name", "resource"]))
            parent[new] = parent[key] if kind == "repeat" else parent.pop(key)
        else:
            parent.append(copy.deepcopy(parent[key]))
    return value


@st.composite
def broken_texts(draw: st.DrawFn) -> str:
    """A good text with lines or characters removed, repeated or put in."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        put = draw(
            st.sampled_from(
                [
                    "",
                    "\t",
                    "  ",
                    "\n",
                    "---\n",
                    ": ",
                    "- ",
                    '"',
                    "'",
                    "{",
                    "]",
                    "&a ",
                    "*a",
                    "<<: ",
                    "{{ ",
                    "\x00",
                    "é",
                    text[start:end] * 2,
                ]
            )
        )
        text = text[:start] + put + text[end:]
    return text


def examine(found: Manifests) -> None:
    """Everything that others do with manifests whose faults are shown."""
    for fault in found.faults:
        assert isinstance(fault, Fault)
        assert fault.place.line > 0, fault
        assert fault.place.column > 0, fault
        assert fault.what
        assert "Traceback" not in str(fault)
        assert len(str(fault)) < 2000
    repr(found)
    for manifest in found.sensors:
        assert manifest.full_name
        for one in manifest.triggers:
            assert one.body is None or one.body.marks.place(one.body.path).line


@settings(max_examples=300, deadline=None)
@given(broken_documents())
def test_broken_documents(value: dict[str, Any]) -> None:
    found = loaded(value)
    examine(found)
    for bus in found.eventbuses:
        check_change(bus, bus, Findings(bus.marks, []))


@settings(max_examples=200, deadline=None)
@given(st.lists(broken_documents(), min_size=2, max_size=4))
def test_several_broken_documents(values: list[dict[str, Any]]) -> None:
    examine(loaded(*values))


@settings(max_examples=300, deadline=None)
@given(broken_texts())
def test_broken_texts(text: str) -> None:
    examine(load_text(text, "f.yaml"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: f"{document['kind']}")
def test_good_documents_have_no_faults(document: dict[str, Any]) -> None:
    assert load_text(json.dumps(document)).valid
