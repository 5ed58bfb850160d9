from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from config.errors import EventyardError
from eventyard.address import split_address
from eventyard.api import API
from eventyard.client import Instance, Unreachable
from eventyard.openapi import openapi
from tests.eventyard.running import Running, running


class _Bus:
    history = dead_letters = None


class _Runtime:
    bus = _Bus()


def _ask(instance: Running, method: str, path: str, body: object = None) -> tuple[int, Any]:
    host, port = instance.address.split(":")
    connection = HTTPConnection(host, int(port), timeout=20)
    connection.request(method, path, None if body is None else json.dumps(body))
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


def test_every_route_is_described_and_nothing_else() -> None:
    routes = {(route.method.lower(), route.path) for route in API(_Runtime()).routes()}  # type: ignore[arg-type]
    document = openapi()
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert described == routes


def test_the_description_is_whole() -> None:
    document = openapi()
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for name in schemas:
        assert f'"#/components/schemas/{name}"' in text, f"{name} is not used"
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in schemas
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_answers_are_as_described(tmp_path: Path) -> None:
    document = json.loads(json.dumps(openapi()))

    def described(path: str, method: str = "get") -> jsonschema.Draft202012Validator:
        schema = document["paths"][f"/api/v1{path}"][method]["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        return jsonschema.Draft202012Validator({**schema, "components": document["components"]})

    with running(tmp_path) as instance:
        status, answer = _ask(instance, "GET", "/api/v1/openapi.json")
        assert (status, answer) == (200, document)
        body = {"source": "shop", "event": "orders", "data": {"body": {"total": 130}}}
        _, sent = _ask(instance, "POST", "/api/v1/events", body)
        described("/events", "post").validate(sent)
        instance.finish()
        described("/status").validate(_ask(instance, "GET", "/api/v1/status")[1])
        _, events = _ask(instance, "GET", "/api/v1/events")
        described("/events").validate(events)
        assert events[0]["id"] == sent["id"]
        described("/events/{id}").validate(_ask(instance, "GET", f"/api/v1/events/{sent['id']}")[1])
        described("/events/{id}/explain").validate(_ask(instance, "GET", f"/api/v1/events/{sent['id']}/explain")[1])
        _, letters = _ask(instance, "GET", "/api/v1/dead-letters")
        described("/dead-letters").validate(letters)
        id = letters[0]["id"]
        described("/dead-letters/{id}").validate(_ask(instance, "GET", f"/api/v1/dead-letters/{id}")[1])
        described("/dead-letters/retry", "post").validate(
            _ask(instance, "POST", "/api/v1/dead-letters/retry", {"ids": [id]})[1]
        )
        instance.firings.get(timeout=20)
        described("/dead-letters/drop", "post").validate(
            _ask(instance, "POST", "/api/v1/dead-letters/drop", {"ids": [id]})[1]
        )


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running(tmp_path_factory.mktemp("instance")) as told:
        yield told


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/events?limit=many", None, 400, "'many' is no number"),
        ("GET", "/events?colour=red", None, 400, "unknown parameter 'colour'"),
        ("GET", "/events/none", None, 404, "no event 'none'"),
        ("GET", "/events/none/explain", None, 404, "no event 'none'"),
        ("GET", "/dead-letters/7", None, 404, "no dead letter 7"),
        ("GET", "/dead-letters/x", None, 400, "'x' is no number"),
        ("GET", "/nothing", None, 404, "404: Not Found"),
        ("DELETE", "/events", None, 405, "405: Method Not Allowed"),
        ("POST", "/events", {"source": "shop"}, 400, "Object missing required field `event`"),
        ("POST", "/events", {"source": "a", "event": "b"}, 400, "no EventSource 'a/b' runs here"),
        (
            "POST",
            "/events",
            {"source": "shop", "event": "orders", "data": 1, "payload": "AA=="},
            400,
            "the event is given twice",
        ),
        (
            "POST",
            "/events",
            {"source": "shop", "event": "orders", "payload": "bm8="},
            400,
            "such a delivery would be answered with 400",
        ),
        ("POST", "/events", {"source": "shop", "event": "orders", "cloudevent": {"id": 1}}, 400, "not a CloudEvent"),
        ("POST", "/dead-letters/retry", {"ids": ["a"]}, 400, "Expected `int`"),
        ("POST", "/dead-letters/drop", None, 400, "Input data was truncated"),
    ],
)
def test_what_is_refused(instance: Running, method: str, path: str, body: object, status: int, error: str) -> None:
    answered, answer = _ask(instance, method, f"/api/v1{path}", body)
    assert answered == status
    assert answer["error"].startswith(error)


def test_a_payload_becomes_what_its_source_makes_of_it(instance: Running) -> None:
    body = {
        "source": "shop",
        "event": "returns",
        "payload": "eyJpZCI6IDF9",
        "headers": {"x-trace": "7", "authorization": "Bearer secret"},
    }
    _, sent = _ask(instance, "POST", "/api/v1/events", body)
    _, (event,) = _ask(instance, "GET", f"/api/v1/events/{sent['id']}")
    assert event["data"]["body"] == {"id": 1}
    assert event["data"]["header"]["X-Trace"] == ["7"]
    assert "secret" not in json.dumps(event)


def test_a_client_tells_nobody_from_somebody(instance: Running) -> None:
    with pytest.raises(Unreachable):
        Instance("127.0.0.1:1").events({})
    with pytest.raises(Unreachable):
        Instance("127.0.0.1:1").greet()
    Instance(instance.address).greet()


class _Stranger(BaseHTTPRequestHandler):
    """Something else that listens: answers with a page, or hangs up."""

    def do_GET(self) -> None:
        if "dead-letters" in self.path:
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}" if "explain" in self.path else b"<html>")

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def test_something_else_that_answers() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stranger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            stranger = Instance(f"127.0.0.1:{server.server_port}")
            asked: list[Callable[[], object]] = [
                lambda: stranger.events({}),
                lambda: stranger.explain("1"),
                lambda: stranger.dead_letters({}),
            ]
            for ask in asked:
                with pytest.raises(EventyardError, match="is no eventyard"):
                    ask()
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("address", ["", "7777", "host:", "host:99999", "host:x", ":80"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(EventyardError, match="is no address"):
        Instance(address)


def test_addresses() -> None:
    assert split_address("[::1]:80") == ("::1", 80)
    assert split_address("localhost:7777") == ("localhost", 7777)
