from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import EventyardError
from config.model import Model
from eventsources.base import Emit, EventSource
from eventyard.given import read_given


class Shouting(EventSource[Model]):
    """Makes the data of a payload by shouting it."""

    kind = "shouting"
    Settings = Model

    @classmethod
    def wrap(cls, settings: Model, body: bytes, headers: Mapping[str, str]) -> bytes:
        return json.dumps({"said": body.decode().upper(), **headers}).encode()

    async def run(self, emit: Emit) -> None:
        raise NotImplementedError


class Plain(EventSource[Model]):
    """Has nothing to say about payloads."""

    kind = "plain"
    Settings = Model

    async def run(self, emit: Emit) -> None:
        raise NotImplementedError


def test_a_cloud_event_keeps_what_it_says_of_itself() -> None:
    written = {"specversion": "1.0", "id": "1", "source": "a", "subject": "b", "type": "t", "region": "eu", "data": [1]}
    found = read_given(json.dumps(written).encode())
    assert found.name == ("a", "b")
    event = found.placed("hooks", "push", "webhook", Shouting, Model())
    assert (event.id, event.source, event.subject, event.type) == ("1", "hooks", "push", "t")
    assert event.extensions == {"region": "eu"}
    assert event.json() == [1]
    assert event.time, "one without a time happened now"


def test_data_and_payloads() -> None:
    data = read_given(b'{"headers": {}, "body": 1}').placed("hooks", "push", "webhook", Shouting, Model())
    assert (data.type, data.data) == ("webhook", b'{"headers": {}, "body": 1}')
    payload = read_given(b'{"body": 1}')
    assert payload.placed("a", "b", "t", Shouting, Model()).json() == {"said": '{"BODY": 1}'}
    assert payload.placed("a", "b", "t", Plain, Model()).data == b'{"body": 1}'
    with_headers = read_given(b'{"headers": {}, "body": 1}', {"X": "y"})
    assert with_headers.placed("a", "b", "t", Shouting, Model()).json()["X"] == "y"


def test_a_payload_whose_source_is_not_at_hand() -> None:
    with pytest.raises(EventyardError, match="'hooks/push'"):
        read_given(b"[]").placed_anyway("hooks", "push", "t")
    assert read_given(b'{"header": {}, "body": 1}').placed_anyway("hooks", "push", "t").source == "hooks"


def test_everything_wrong_with_a_cloud_event() -> None:
    with pytest.raises(EventyardError, match=r"id.*time") as caught:
        read_given(b'{"specversion": "1.0", "source": "a", "type": "t", "time": "x"}')
    assert "not a CloudEvent" in caught.value.what


@given(st.binary() | st.dictionaries(st.text(), st.none() | st.text()).map(lambda value: json.dumps(value).encode()))
@settings(deadline=None)
def test_anything_is_something_or_an_error(content: bytes) -> None:
    try:
        event = read_given(content).placed("a", "b", "t", Plain, Model())
    except EventyardError:
        return
    assert event.source == "a"
