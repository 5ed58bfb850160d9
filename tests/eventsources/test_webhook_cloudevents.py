"""CloudEvents over HTTP, and signatures, on a webhook."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from bus.event import Event
from config.errors import EventyardError
from config.model import SecretKeySelector
from eventsources.http.server import HttpListeners
from eventsources.http.signatures import Preset
from eventsources.webhook import HmacSettings, Webhook, WebhookSettings
from tests.contract.eventsource import running
from tests.eventsources.http.test_signatures import PRESETS, SECRET, signed
from tests.eventsources.raw_http import Reply, ask, request
from tests.eventsources.surroundings import NOW, Collector, FixedValues, make_context

ATTRIBUTES: dict[str, Any] = {
    "specversion": "1.0",
    "id": "A234-1234",
    "source": "https://shop.example/orders",
    "type": "com.example.order",
    "subject": "order/17",
    "time": "2026-01-02T03:04:05.5Z",
    "dataschema": "https://shop.example/schema",
    "tenant": "blue",
}
DATA = {"amount": 1.5, "name": "żółw"}


async def receive(
    *sent: bytes, secrets: dict[str, str] | None = None, **fields: Any
) -> tuple[list[Reply], list[Event]]:
    """Send requests to a webhook; the answers and the events."""
    http, emit = HttpListeners(), Collector()
    settings = WebhookSettings(endpoint="/hook", method="POST", port="0", **fields)
    source = Webhook(settings, make_context(http, secrets))
    async with source, running(source, emit):
        replies = [await ask(http.port("0"), each) for each in sent]
    return replies, emit.events


def post(headers: dict[str, str], body: bytes) -> bytes:
    return request("POST", "/hook", headers.items(), body)


def structured(event: dict[str, Any], **headers: str) -> bytes:
    return post({"Content-Type": "application/cloudevents+json; charset=utf-8", **headers}, json.dumps(event).encode())


def assert_adopted(event: Event) -> None:
    assert (event.source, event.subject) == ("hooks", "example")
    assert (event.id, event.type, event.time) == ("A234-1234", "com.example.order", "2026-01-02T03:04:05.5Z")
    assert event.dataschema == "https://shop.example/schema"
    assert event.extensions["tenant"] == "blue"
    assert event.extensions["originsource"] == "https://shop.example/orders"
    assert event.extensions["originsubject"] == "order/17"
    assert event.json() == DATA


async def test_binary_mode() -> None:
    headers = {f"ce-{name}": value for name, value in ATTRIBUTES.items()}
    (reply,), (event,) = await receive(
        post({"Content-Type": "application/json", **headers}, json.dumps(DATA).encode()), cloud_events=True
    )
    assert (reply.status, reply.body) == (200, "success")
    assert_adopted(event)
    assert event.datacontenttype == "application/json"


async def test_structured_mode() -> None:
    (reply,), (event,) = await receive(structured({**ATTRIBUTES, "data": DATA}), cloud_events=True)
    assert reply.status == 200
    assert_adopted(event)


async def test_batched_mode() -> None:
    batch = json.dumps([{**ATTRIBUTES, "data": DATA}, {**ATTRIBUTES, "id": "2", "data": DATA}]).encode()
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    replies, events = await receive(post(headers, batch), post(headers, b"[]"), cloud_events=True)
    assert [reply.status for reply in replies] == [200, 200]
    assert [event.id for event in events] == ["A234-1234", "2"]
    assert_adopted(events[0])


async def test_what_the_sdk_sends_is_understood() -> None:
    attributes = {**ATTRIBUTES, "time": NOW, "datacontenttype": "application/json"}
    sent = [make(CloudEvent(attributes, DATA)) for make in (to_binary_event, to_structured_event)]
    replies, events = await receive(*(post(dict(each.headers), each.body) for each in sent), cloud_events=True)
    assert [reply.status for reply in replies] == [200, 200]
    for event in events:
        assert event.json() == DATA
        assert (event.id, event.extensions["tenant"]) == ("A234-1234", "blue")


async def test_data_that_is_no_json() -> None:
    headers = {f"ce-{name}": value for name, value in ATTRIBUTES.items()}
    form = "application/x-www-form-urlencoded"
    _, (event,) = await receive(post({"Content-Type": form, **headers}, b"a=\xff"), cloud_events=True)
    assert (event.data, event.datacontenttype) == (b"a=\xff", form)


async def test_what_is_left_out_is_filled_in() -> None:
    _, (event,) = await receive(
        structured({"specversion": "1.0", "id": "1", "source": "s", "type": "t"}), cloud_events=True
    )
    assert event.time == "2026-11-23T21:14:03Z"
    assert event.extensions == {"originsource": "s"}
    assert event.data is None


async def test_traces_are_kept() -> None:
    least = {"specversion": "1.0", "id": "1", "source": "s", "type": "t"}
    _, (plain, own) = await receive(
        structured(least, traceparent="00-a", tracestate="x=1"),
        structured({**least, "traceparent": "00-b"}, traceparent="00-a"),
        cloud_events=True,
    )
    assert plain.extensions == {"traceparent": "00-a", "tracestate": "x=1", "originsource": "s"}
    assert own.extensions["traceparent"] == "00-b"


async def test_an_origin_stays_the_first_one() -> None:
    event = {"specversion": "1.0", "id": "1", "source": "relay", "subject": "e", "type": "t", "originsource": "shop"}
    _, (adopted,) = await receive(structured(event), cloud_events=True)
    assert adopted.extensions == {"originsource": "shop"}


@pytest.mark.parametrize(
    "sent",
    [
        post({"Content-Type": "application/json"}, b"{}"),
        structured({**ATTRIBUTES, "id": ""}),
        structured({**ATTRIBUTES, "specversion": "2.0"}),
        post({"Content-Type": "application/cloudevents-batch+json"}, b"{}"),
        post({"Content-Type": "application/cloudevents+xml"}, b"<event/>"),
    ],
)
async def test_what_is_no_cloudevent_is_refused(sent: bytes) -> None:
    (reply,), events = await receive(sent, cloud_events=True)
    assert reply.status == 400
    assert reply.body.startswith("not a CloudEvent: ")
    assert not events


async def test_without_being_asked_they_are_bodies_like_any_other() -> None:
    _, (event,) = await receive(structured(ATTRIBUTES))
    assert event.type == "webhook"
    assert event.json()["body"]["id"] == "A234-1234"


def test_check_wants_post_for_cloudevents() -> None:
    settings = WebhookSettings(endpoint="/hook", method="GET", port="1", cloud_events=True)
    assert [field for field, _, _ in Webhook.check(settings)] == ["method"]


@pytest.mark.parametrize("preset", PRESETS)
async def test_signatures(preset: Preset) -> None:
    body = b'{"test": 2432232314}'
    at = int(NOW.timestamp())
    right = {"Content-Type": "application/json", **signed(preset, SECRET, body, at)}
    unsigned = {"Content-Type": "application/json"}
    wrong = {"Content-Type": "application/json", **signed(preset, SECRET[:-4] + "AAAA", body, at)}
    replies, events = await receive(
        post(right, body),
        post(unsigned, body),
        post(wrong, body),
        hmac=HmacSettings(preset=preset, secret=SecretKeySelector(name="hook", key="key")),
        secrets={"hook/key": SECRET},
    )
    assert [reply.status for reply in replies] == [200, 401, 401]
    assert len(events) == 1


KEY = SecretKeySelector(name="hook", key="key")


@pytest.mark.parametrize("secrets", [{}, {"hook/key": ""}])
async def test_without_its_secret_it_does_not_start(secrets: dict[str, str]) -> None:
    settings = WebhookSettings(
        endpoint="/hook", method="POST", port="0", hmac=HmacSettings(preset="github", secret=KEY)
    )
    with pytest.raises(EventyardError, match="hook/key"):
        await Webhook(settings, make_context(HttpListeners(), secrets)).__aenter__()


async def test_when_the_secret_goes_nothing_is_published(caplog: pytest.LogCaptureFixture) -> None:
    http, emit = HttpListeners(), Collector()
    settings = WebhookSettings(
        endpoint="/hook", method="POST", port="0", hmac=HmacSettings(preset="github", secret=KEY)
    )
    source = Webhook(settings, make_context(http, {"hook/key": "s3cr3t"}))
    assert isinstance(source.context.values, FixedValues)
    async with source, running(source, emit):
        source.context.values.secrets["hook/key"] = ""
        reply = await ask(http.port("0"), post(signed("github", "", b"{}"), b"{}"))
    assert (reply.status, reply.body) == (500, "internal error")
    assert not emit.events
    assert "hook/key" in caplog.text
