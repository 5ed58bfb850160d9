"""Events as JSON texts."""

from __future__ import annotations

import pytest

from sensors.event_json import context_of, data_of, payload_of, whole_text
from tests.sensors.events import make_event


def test_data_is_made_once() -> None:
    event = make_event({"a": 1})
    assert event.view(data_of) is event.view(data_of)
    assert event.view(payload_of) is event.view(data_of)
    assert event.view(data_of).string == '{"a":1}'
    assert event.view(data_of).parsed == {"a": 1}


@pytest.mark.parametrize("raw", [None, b"", b"x", b'{"a":1} x'])
def test_data_that_is_not_json(raw: bytes | None) -> None:
    with pytest.raises(ValueError, match="not valid JSON"):
        make_event(raw=raw).view(data_of)


def test_what_only_go_reads() -> None:
    assert make_event(raw=b'"\\ud83d"').view(data_of).string == '"\\ud83d"'


def test_yaml() -> None:
    event = make_event(raw=b"b: on\na: 1e3\n", datacontenttype="application/yaml")
    assert event.view(payload_of).string == '{"a":1000,"b":true}'
    assert make_event(datacontenttype="application/yaml").view(payload_of).string == "null"
    with pytest.raises(ValueError, match=r"cannot be read: not YAML: .*, in line 2"):
        make_event(raw=b"a: [1", datacontenttype="application/yaml").view(payload_of)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json; charset=utf-8"])
def test_other_content_types(kind: str) -> None:
    with pytest.raises(ValueError, match="content type"):
        make_event({"a": 1}, datacontenttype=kind).view(payload_of)


def test_context() -> None:
    event = make_event(source="<a&b>", subject="", time="2026-03-14T15:09:26.987+02:00")
    assert event.view(context_of).string == (
        '{"id":"4a7f","source":"\\u003ca\\u0026b\\u003e","specversion":"1.0","type":"webhook",'
        '"datacontenttype":"application/json","subject":"","time":"2026-03-14T13:09:26Z"}'
    )
    assert '"time":null' in make_event(time="").view(context_of).string
    assert '"time":"soon"' in make_event(time="soon").view(context_of).string


def test_the_whole() -> None:
    context = make_event().view(context_of).string
    assert whole_text(make_event(raw=b"plain text")) == f'{{"context":{context},"data":"cGxhaW4gdGV4dA=="}}'
    assert whole_text(make_event(raw=b"")) == f'{{"context":{context},"data":""}}'
    assert whole_text(make_event()) == f'{{"context":{context},"data":null}}'
