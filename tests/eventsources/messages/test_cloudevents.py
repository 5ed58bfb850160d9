"""CloudEvents out of messages, by what the official SDK writes for Kafka, and by hand for the other protocols."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from bus.codec import MalformedEvent
from bus.event import Event
from eventsources.http.server import HttpListeners
from eventsources.messages.cloudevents import KAFKA, MQTT, NATS, Binding, carried, file_under, structured
from tests.eventsources.surroundings import make_context

ATTRIBUTES: dict[str, Any] = {
    "id": "A234-1234",
    "source": "https://shop.example/orders",
    "type": "com.example.order",
    "subject": "żółw 100%",
    "datacontenttype": "application/json",
    "tenant": "blue",
}
DATA = {"amount": 1.5, "name": "żółw"}


def headers(binding: Binding, **more: str) -> dict[str, str]:
    """Binary mode by hand."""
    given = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", **more}
    return {f"{binding.prefix}{name}": value for name, value in given.items()}


def assert_kept(event: Event | None) -> None:
    assert event is not None
    assert (event.id, event.source, event.type) == ("A234-1234", "https://shop.example/orders", "com.example.order")
    assert event.subject == "żółw 100%"
    assert event.extensions["tenant"] == "blue"
    assert event.datacontenttype == "application/json"
    assert event.json() == DATA


def test_what_the_sdk_writes_for_kafka() -> None:
    for write in (to_binary_event, to_structured_event):
        message = write(CloudEvent(ATTRIBUTES, DATA))
        given = {name: value.decode() for name, value in message.headers.items()}
        assert message.value is not None
        assert_kept(carried(given, message.value, KAFKA))


@pytest.mark.parametrize("binding", [KAFKA, MQTT, NATS])
def test_binary_mode(binding: Binding) -> None:
    event = carried(headers(binding, tenant="blue"), b"{}", binding, "application/json")
    assert event == Event(id="1", source="s", type="t", data=b"{}", extensions={"tenant": "blue"})


def test_values_are_percent_encoded_only_where_the_protocol_says_so() -> None:
    for binding, subject in ((NATS, "ż%"), (KAFKA, "%C5%BC%25")):
        event = carried(headers(binding, subject="%C5%BC%25"), None, binding)
        assert event is not None
        assert event.subject == subject


def test_names_in_any_case() -> None:
    given = {name.upper(): value for name, value in headers(NATS).items()}
    assert carried({**given, "Content-Type": "text/plain"}, b"x", NATS) == Event(
        id="1", source="s", type="t", data=b"x", datacontenttype="text/plain"
    )


def test_no_body_is_no_data() -> None:
    for body in (None, b""):
        event = carried(headers(KAFKA), body, KAFKA)
        assert event is not None
        assert event.data is None


def test_without_a_prefix_other_headers_are_no_attributes() -> None:
    event = carried(headers(MQTT, **{"content-type": "x", "X-Other": "y", "tenant": "blue"}), b"", MQTT)
    assert event is not None
    assert event.extensions == {"tenant": "blue"}


def test_what_claims_nothing_is_nothing() -> None:
    assert carried({"a": "b", "content-type": "application/json", "ce_id": "1"}, b"{}", KAFKA) is None


@pytest.mark.parametrize(
    ("given", "body", "said"),
    [
        ({"ce_specversion": "1.0"}, b"", "'id' is missing or empty; 'source' is missing or empty"),
        ({"ce_specversion": "2.0", "ce_id": "1", "ce_source": "s", "ce_type": "t"}, b"", "'specversion' is '2.0'"),
        ({"content-type": "application/cloudevents+json"}, b"[]", "no JSON object"),
        ({"content-type": "application/cloudevents+avro"}, b"", "'application/cloudevents+avro' is not known"),
        ({"content-type": "application/cloudevents-batch+json"}, b"[]", "is not known"),
    ],
)
def test_false_claims(given: dict[str, str], body: bytes, said: str) -> None:
    with pytest.raises(MalformedEvent, match="not a CloudEvent") as error:
        carried(given, body, KAFKA)
    assert said in str(error.value)


def test_what_is_quoted_must_be_utf_8() -> None:
    with pytest.raises(MalformedEvent, match="'ce-subject' is not UTF-8"):
        carried(headers(NATS, subject="%FF"), None, NATS)


def test_filed_under_an_event_source() -> None:
    context = make_context(HttpListeners())
    event = structured(orjson.dumps({"specversion": "1.0", "id": "1", "source": "a", "type": "t", "subject": "b"}))
    filed = file_under(context, event, {"traceparent": "00-1", "other": "x"})
    assert (filed.source, filed.subject, filed.id, filed.type) == ("hooks", "example", "1", "t")
    assert filed.extensions == {"originsource": "a", "originsubject": "b", "traceparent": "00-1"}
    assert filed.time == "2026-11-23T21:14:03Z"
    again = file_under(make_context(HttpListeners(), source="other"), filed, {"traceparent": "00-2"})
    assert again.extensions == filed.extensions
    assert again.source == "other"


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


@given(st.dictionaries(names, st.text(max_size=20)), st.binary())
def test_any_headers_give_an_event_or_all_faults(more: dict[str, str], body: bytes) -> None:
    try:
        event = carried(headers(KAFKA, **more), body, KAFKA)
    except MalformedEvent as error:
        assert error.faults
    else:
        assert event is not None
        assert event.data == (body or None)
