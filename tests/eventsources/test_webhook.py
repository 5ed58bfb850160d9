"""The webhook source."""

from __future__ import annotations

import itertools
import json
from typing import Any

import orjson
import pytest

from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners
from eventsources.http.source import HttpSource
from eventsources.webhook import Webhook, WebhookSettings
from tests.contract.eventsource import running
from tests.eventsources.http_contract import HttpSourceContract
from tests.eventsources.raw_http import Reply, ask, request
from tests.eventsources.surroundings import Collector, make_context


class TestWebhook(HttpSourceContract):
    """It is an EventSource fed by HTTP."""

    numbers = itertools.count()

    def build(self, http: HttpListeners, listen: WebhookContext, secrets: dict[str, str]) -> HttpSource[Any]:
        return Webhook(WebhookSettings.model_validate(listen.model_dump()), make_context(http, secrets))

    def request(self, *headers: tuple[str, str], size: int = 0, close: bool = True) -> bytes:
        body = orjson.dumps({"number": next(self.numbers), "fill": "x" * size})
        return request("POST", "/hook", [("Content-Type", "application/json"), *headers], body, close=close)


async def receive(
    settings: WebhookSettings, *sent: bytes, secrets: dict[str, str] | None = None
) -> tuple[list[Reply], Any]:
    """Send requests; the answers, and the events' data parsed."""
    http, emit = HttpListeners(), Collector()
    source = Webhook(settings, make_context(http, secrets))
    async with source, running(source, emit):
        replies = [await ask(http.port("0"), each) for each in sent]
    return replies, [event.json() for event in emit.events]


def post(body: bytes, kind: str = "application/json", target: str = "/hook") -> bytes:
    return request("POST", target, [("Content-Type", kind)], body)


POST = WebhookSettings(endpoint="/hook", method="POST", port="0")
GET = WebhookSettings(endpoint="/hook", method="GET", port="0")


async def test_data_is_what_argo_events_writes_byte_for_byte() -> None:
    http, emit = HttpListeners(), Collector()
    settings = WebhookSettings(endpoint="/hook", method="POST", port="0", metadata={"team": "blue"})
    source = Webhook(settings, make_context(http))
    body = '{ "price" : 1.50, "big": 12345678901234567890,\n "name": "żółw" }'.encode()
    sent = request("POST", "/hook", [("content-type", "text/plain"), ("x-my-HEADER", "a"), ("X-My-Header", "b")], body)
    async with source, running(source, emit):
        assert (await ask(http.port("0"), sent)).status == 200
    (event,) = emit.events
    assert (
        event.data
        == (
            '{"header":{"Connection":["close"],"Content-Length":["67"],"Content-Type":["text/plain"],"X-My-Header":["a","b"]},'
            '"body":{"price":1.50,"big":12345678901234567890,"name":"żółw"},"metadata":{"team":"blue"}}'
        ).encode()
    )
    assert event.datacontenttype == "application/json"
    assert len(event.id) == 32
    assert event.time == "2026-11-23T21:14:03Z"


@pytest.mark.parametrize("body", ["1", '"s"', "null", "[]", "true", '{"a":{"b":[1,2]}}', " [ ] "])
async def test_any_json_is_a_body(body: str) -> None:
    (reply,), (data,) = await receive(POST, post(body.encode()))
    assert reply.status == 200
    assert data["body"] == json.loads(body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "unexpected end of JSON input"),
        (b"not json", "invalid character 'o' in literal null (expecting 'u')"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b"\xff", "invalid character 'ÿ' looking for beginning of value"),
        (b'{"a":1} {"a":2}', "invalid character '{' after top-level value"),
        (b"[" * 10_001 + b"]" * 10_001, "exceeded max depth"),
    ],
)
async def test_what_is_not_json_is_refused(body: bytes, error: str) -> None:
    (reply,), data = await receive(POST, post(body))
    assert reply.status == 400
    assert reply.body == f"json: error calling MarshalJSON for type *json.RawMessage: {error}"
    assert not data


@pytest.mark.parametrize(
    "body", [b'{"a":"\xff\xfe"}', b'["\\ud800"]', b"[" * 5000 + b"]" * 5000, b'["\\ud800",' + b"1," * 40_000 + b"1]"]
)
async def test_json_of_go_that_others_refuse_is_taken_as_it_is(body: bytes) -> None:
    http, emit = HttpListeners(), Collector()
    source = Webhook(POST, make_context(http))
    async with source, running(source, emit):
        assert (await ask(http.port("0"), post(body))).status == 200
    assert emit.events[0].data is not None
    assert emit.events[0].data.endswith(b',"body":' + body + b"}")


async def test_forms_and_queries_are_maps_of_lists() -> None:
    form = "application/x-www-form-urlencoded"
    (reply,), (data,) = await receive(POST, post(b"a=1&a=2&b=x+y&c=%C3%A9&d", form))
    assert reply.status == 200
    assert data["body"] == {"a": ["1", "2"], "b": ["x y"], "c": ["é"], "d": [""]}
    _, (data,) = await receive(GET, request("GET", "/hook?a=1&a=2&bad=%zz&e=%FF"))
    assert data["body"] == {"a": ["1", "2"], "e": ["\ufffd"]}


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (post(b"a=1;b=2", "application/x-www-form-urlencoded"), "invalid semicolon separator in query"),
        (post(b"a=%zz", "application/x-www-form-urlencoded"), 'invalid URL escape "%zz"'),
        (post(b"a=%", "application/x-www-form-urlencoded"), 'invalid URL escape "%"'),
        (post(b"a=1", "application/x-www-form-urlencoded", "/hook?q=%2"), 'invalid URL escape "%2"'),
    ],
)
async def test_a_form_in_error_is_500(sent: bytes, error: str) -> None:
    (reply,), data = await receive(POST, sent)
    assert (reply.status, reply.body) == (500, error * 2)
    assert not data


async def test_a_form_has_a_limit_of_its_own() -> None:
    settings = WebhookSettings(endpoint="/hook", method="POST", port="0", max_payload_size=10)
    form = "application/x-www-form-urlencoded"
    replies, _ = await receive(settings, post(b"a=" + b"x" * 100_000, form), post(b"a=" + b"x" * (10 << 20), form))
    assert [reply.status for reply in replies] == [200, 500]
    assert replies[1].body == "http: POST too large" * 2


@pytest.mark.parametrize(
    ("configured", "method", "body"),
    [
        ("POST", "GET", "http method does not match"),
        ("GET", "POST", "http method does not match"),
        ("post", "POST", "http method does not match"),
        ("", "POST", "http method does not match"),
        ("PUT", "PUT", "unsupoorted method: PUT"),
        ("DELETE", "DELETE", "unsupoorted method: DELETE"),
    ],
)
async def test_methods(configured: str, method: str, body: str) -> None:
    settings = WebhookSettings(endpoint="/hook", method=configured, port="0")
    (reply,), data = await receive(settings, request(method, "/hook", (), b"{}"))
    assert (reply.status, reply.body) == (400, body)
    assert not data


def test_check_names_what_cannot_work() -> None:
    def found(**fields: Any) -> list[tuple[str, bool]]:
        good = {"endpoint": "/hook", "method": "POST", "port": "12000"}
        settings = WebhookSettings.model_validate({**good, **fields})
        return [(field, not what.startswith("warning: ")) for field, what, _ in Webhook.check(settings)]

    assert found() == []
    assert found(endpoint="") == [("endpoint", True)]
    assert found(endpoint="hook") == [("endpoint", False)]
    assert found(endpoint="/a/../b") == [("endpoint", False)]
    assert found(endpoint="/{a") == [("endpoint", False)]
    assert found(port="") == [("port", True)]
    assert found(port="abc") == [("port", True)]
    assert found(port=" 80") == [("port", True)]
    assert found(port="65536") == [("port", False)]
    assert found(port="-1") == [("port", False)]
    assert found(method="") == [("method", True)]
    assert found(method="PUT") == [("method", False)]
    assert found(serverCertSecret={"name": "tls", "key": "crt"}) == [("serverKeySecret", False)]
