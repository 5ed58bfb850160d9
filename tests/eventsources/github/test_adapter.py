"""The github source."""

from __future__ import annotations

import hmac
import itertools
import json
from typing import Any
from urllib.parse import quote
from zlib import crc32

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.event import Event
from config.block import Block, Marks
from config.decode import decode_block
from config.errors import EventyardError, Fault
from config.model import SecretKeySelector
from eventsources.github.adapter import GitHub
from eventsources.github.settings import GitHubSettings, OwnedRepositories
from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners
from eventsources.http.source import HttpSource
from tests.contract.eventsource import running
from tests.eventsources.http_contract import HttpSourceContract
from tests.eventsources.raw_http import Reply, ask, request
from tests.eventsources.surroundings import Collector, FixedValues, make_context, unsent_request

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
PUSH = ("X-GitHub-Event", "push")
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
DELIVERY = ("X-GitHub-Delivery", GUID)
SECRET = SecretKeySelector(name="github", key="hook")


def settings(**fields: Any) -> GitHubSettings:
    listen = WebhookContext(endpoint="/hook", port="0", method="POST")
    return GitHubSettings(organizations=["acme"], **{"webhook": listen, **fields})


class TestGitHub(HttpSourceContract):
    """It is an EventSource fed by HTTP."""

    numbers = itertools.count()

    def build(self, http: HttpListeners, listen: WebhookContext, secrets: dict[str, str]) -> HttpSource[Any]:
        return GitHub(settings(webhook=listen), make_context(http, secrets))

    def request(self, *headers: tuple[str, str], size: int = 0, close: bool = True) -> bytes:
        number = next(self.numbers)
        body = orjson.dumps({"after": str(number), "fill": "x" * size})
        delivery = ("X-GitHub-Delivery", f"{number:032x}")
        return request("POST", "/hook", [JSON, PUSH, delivery, *headers], body, close=close)


async def deliver(*sent: bytes, secret: str = "", **fields: Any) -> tuple[list[Reply], list[Event]]:
    """Send requests to a source, with a secret if one is given; the answers and the events."""
    http, emit = HttpListeners(), Collector()
    if secret:
        fields["webhook_secret"] = SECRET
    source = GitHub(settings(**fields), make_context(http, {"github/hook": secret}))
    async with source, running(source, emit):
        replies = [await ask(http.port("0"), each) for each in sent]
    return replies, emit.events


def push(body: bytes, *headers: tuple[str, str]) -> bytes:
    return request("POST", "/hook", [JSON, PUSH, DELIVERY, *headers], body)


async def test_data_is_what_argo_events_writes_byte_for_byte() -> None:
    _, (event,) = await deliver(push(b'{"ref":"refs/heads/main","after":"abc"}'), metadata={"team": "blue"})
    assert event.data == (
        b'{"headers":{"Connection":["close"],"Content-Length":["39"],"Content-Type":["application/json"],'
        b'"X-Github-Delivery":["72d3162e-cc78-11e3-81ab-4c9367dc0958"],"X-Github-Event":["push"]},'
        b'"body":{"X-GitHub-Delivery":"72d3162e-cc78-11e3-81ab-4c9367dc0958","X-GitHub-Event":"push",'
        b'"after":"abc","ref":"refs/heads/main"},"metadata":{"team":"blue"}}'
    )
    assert (event.type, event.source, event.subject) == ("github", "hooks", "example")


async def test_a_redelivery_is_the_same_event_and_endpoints_do_not_share_ids() -> None:
    _, (first, again, without) = await deliver(push(b"{}"), push(b"{}"), request("POST", "/hook", [JSON, PUSH], b"{}"))
    body = f'{{"X-GitHub-Delivery":"{GUID}","X-GitHub-Event":"push"}}'
    assert first.id == again.id == f"{GUID}-{crc32(body.encode()):08x}"
    assert len(without.id) == 32
    http, emit = HttpListeners(), Collector()
    other = GitHub(settings(), make_context(http, event="other"))
    async with other, running(other, emit):
        await ask(http.port("0"), push(b"{}"))
    assert emit.events[0].key != first.key


async def test_one_delivery_id_with_two_bodies_is_two_events() -> None:
    _, (first, second) = await deliver(push(b'{"n":1}'), push(b'{"n":2}'))
    assert first.id != second.id


async def test_ping_is_an_event_and_so_is_what_events_does_not_name() -> None:
    ping = request("POST", "/hook", [JSON, ("X-GitHub-Event", "ping"), DELIVERY], b'{"zen":"Keep it simple."}')
    (reply,), (event,) = await deliver(ping, events=["push"])
    assert (reply.status, reply.body) == (200, "success")
    assert event.json()["body"]["X-GitHub-Event"] == "ping"


async def test_a_form_carries_the_payload() -> None:
    body = b"payload=" + quote('{"a":"b c","n":1}').encode()
    (reply,), (event,) = await deliver(request("POST", "/hook", [FORM, PUSH, DELIVERY], body))
    assert reply.status == 200
    assert event.json()["body"] == {"a": "b c", "n": 1, "X-GitHub-Event": "push", "X-GitHub-Delivery": GUID}


async def test_numbers_go_through_float64() -> None:
    _, (event,) = await deliver(push(b'{"big":9007199254740993,"f":1.50,"e":1e3,"one":1.0,"m":1000000000000000000000}'))
    assert event.data is not None
    text = event.data.partition(b'"X-GitHub-Event":"push",')[2]
    assert text == b'"big":9007199254740992,"e":1000,"f":1.5,"m":1e+21,"one":1}}'


async def test_the_keys_of_github_win_over_the_payload() -> None:
    _, (event,) = await deliver(push(b'{"X-GitHub-Event":"forged","\\u0058-GitHub-Delivery":"forged"}'))
    assert event.json()["body"] == {"X-GitHub-Event": "push", "X-GitHub-Delivery": GUID}


async def test_what_only_go_reads_is_repaired() -> None:
    (reply,), (event,) = await deliver(push(b'{"a":"\xff\\ud800","b":[1.0]}'))
    assert reply.status == 200
    assert event.json()["body"]["a"] == "\ufffd\ufffd"


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.dictionaries(st.text(max_size=5) | st.sampled_from(["X-GitHub-Event", "X-GitHub-Delivery"]), _values, max_size=5)
)
async def test_the_value_handed_over_is_what_parsing_again_gives(payload: dict[str, Any]) -> None:
    source = GitHub(settings(), make_context(HttpListeners()))
    (event,) = await source.events(unsent_request([JSON, PUSH, DELIVERY], json.dumps(payload).encode()))
    assert event.json() == orjson.loads(event.data or b"")
    wanted = {**payload, "X-GitHub-Event": "push", "X-GitHub-Delivery": GUID}
    assert in_floats(event.json()["body"]) == in_floats(wanted)


@given(st.dictionaries(st.text(max_size=5), _values, max_size=5), st.randoms())
async def test_a_payload_that_is_written_otherwise_is_the_same_event(payload: dict[str, Any], random: Any) -> None:
    source = GitHub(settings(), make_context(HttpListeners()))
    headers = [JSON, PUSH, DELIVERY]
    (sent,) = await source.events(unsent_request(headers, json.dumps(payload).encode()))
    text = json.dumps(shuffled(payload, random), indent=1, ensure_ascii=False, sort_keys=False)
    (shown,) = await source.events(unsent_request(headers, text.encode()))
    assert (shown.id, shown.data) == (sent.id, sent.data)


def shuffled(value: Any, random: Any) -> Any:
    """The same with its members in another order, and whole numbers that say so in another way."""
    if isinstance(value, dict):
        items = [(name, shuffled(each, random)) for name, each in value.items()]
        random.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return [shuffled(each, random) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and random.random() < 0.5:
        return float(value)
    return value


def in_floats(value: Any) -> Any:
    """Every number as float64."""
    return json.loads(json.dumps(value), parse_int=float)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "unexpected end of JSON input"),
        (b"bad", "invalid character 'b' looking for beginning of value"),
        (b"5", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
        (b"[1]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b'"s"', "json: cannot unmarshal string into Go value of type map[string]interface {}"),
        (b"true", "json: cannot unmarshal bool into Go value of type map[string]interface {}"),
        (b'{"a":1e999}', "json: cannot unmarshal number 1e999 into Go value of type float64"),
        (b'{"a":' * 10_001 + b"1" + b"}" * 10_001, "exceeded max depth"),
    ],
)
async def test_what_is_no_object_is_refused(body: bytes, error: str) -> None:
    (reply,), events = await deliver(push(body))
    assert (reply.status, reply.body) == (400, error)
    assert not events


@pytest.mark.parametrize("body", [b"null", b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}"])
async def test_what_argo_events_dies_of_or_we_cannot_write_is_400(body: bytes) -> None:
    (reply,), events = await deliver(push(body))
    assert reply.status == 400
    assert not events


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("", "mime: no media type"),
        ("text/plain; charset=utf-8", 'webhook request has unsupported Content-Type "text/plain"'),
        ("application/json; charset", "mime: invalid media parameter"),
    ],
)
async def test_other_content_types_are_refused(kind: str, error: str) -> None:
    (reply,), _ = await deliver(request("POST", "/hook", [("Content-Type", kind), PUSH], b"{}"))
    assert (reply.status, reply.body) == (400, error)


def sign(body: bytes, secret: str, name: str = "sha256") -> str:
    return f"{name}={hmac.digest(secret.encode(), body, name).hex()}"


@pytest.mark.parametrize("name", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("header", ["X-Hub-Signature-256", "X-Hub-Signature"])
async def test_right_signatures(header: str, name: str) -> None:
    (reply,), events = await deliver(push(b"{}", (header, sign(b"{}", "s3cr3t", name))), secret="s3cr3t")
    assert reply.status == 200
    assert len(events) == 1


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ((), "missing signature"),
        ((("X-Hub-Signature-256", sign(b"{}", "other")),), "payload signature check failed"),
        ((("X-Hub-Signature-256", sign(b"{ }", "s3cr3t")),), "payload signature check failed"),
        (
            (("X-Hub-Signature-256", sign(b"{}", "other")), ("X-Hub-Signature", sign(b"{}", "s3cr3t"))),
            "payload signature check failed",
        ),
    ],
)
async def test_wrong_signatures(headers: tuple[tuple[str, str], ...], error: str) -> None:
    (reply,), events = await deliver(push(b"{}", *headers), secret="s3cr3t")
    assert (reply.status, reply.body) == (400, error)
    assert not events


async def test_a_form_is_signed_whole() -> None:
    body = b"payload=%7B%7D"
    sent = request("POST", "/hook", [FORM, PUSH, ("X-Hub-Signature-256", sign(body, "s3cr3t"))], body)
    (reply,), events = await deliver(sent, secret="s3cr3t")
    assert reply.status == 200
    assert len(events) == 1


@pytest.mark.parametrize("secrets", [{}, {"github/hook": ""}])
async def test_without_its_secret_it_does_not_start(secrets: dict[str, str]) -> None:
    source = GitHub(settings(webhook_secret=SECRET), make_context(HttpListeners(), secrets))
    with pytest.raises(EventyardError, match="github/hook"):
        await source.__aenter__()


async def test_a_secret_may_change_but_not_go(caplog: pytest.LogCaptureFixture) -> None:
    http, emit = HttpListeners(), Collector()
    source = GitHub(settings(webhook_secret=SECRET), make_context(http, {"github/hook": "old"}))
    assert isinstance(source.context.values, FixedValues)
    async with source, running(source, emit):
        source.context.values.secrets["github/hook"] = "new"
        assert (await ask(http.port("0"), push(b"{}", ("X-Hub-Signature-256", sign(b"{}", "old"))))).status == 400
        assert (await ask(http.port("0"), push(b"{}", ("X-Hub-Signature-256", sign(b"{}", "new"))))).status == 200
        source.context.values.secrets["github/hook"] = ""
        assert (await ask(http.port("0"), push(b"{}", ("X-Hub-Signature-256", sign(b"{}", ""))))).status == 500
    assert len(emit.events) == 1
    assert "the Secret github/hook is empty" in caplog.text


GOOD: dict[str, Any] = {
    "repositories": [{"owner": "acme", "names": ["widgets"]}],
    "webhook": {"endpoint": "/hook", "port": "12000", "method": "POST"},
    "webhookSecret": {"name": "github", "key": "hook"},
}


def found(**fields: Any) -> list[tuple[str, str]]:
    faults: list[Fault] = []
    block = Block(type="github", name="e", value={**GOOD, **fields}, path=(), marks=Marks("", {}))
    decoded = decode_block(GitHubSettings, block, faults)
    assert not faults, faults
    assert decoded is not None
    return [(field, what) for field, what, _ in GitHub.check(decoded)]


def test_check_accepts_what_argo_events_accepts() -> None:
    assert found() == []
    assert found(repositories=None, owner="acme", repository="widgets") == []
    assert found(repositories=None, organizations=["acme"]) == []
    assert found(events=None, active=True, insecure=False, deleteHookOnFinish=True, id=5, contentType="form") == []
    app = {"privateKey": {"name": "github", "key": "app"}, "appID": 1, "installationID": 2}
    assert found(githubApp=app, githubBaseURL="https://a/", githubUploadURL="https://b/") == []


def test_check_names_what_is_wrong() -> None:
    assert found(repositories=None) == [("", "either repositories or organizations is required")]
    assert found(organizations=["acme"]) == [("organizations", "only one of repositories and organizations is allowed")]
    assert found(contentType="xml") == [("contentType", 'content type must be "json" or "form"')]
    assert found(githubBaseURL="https://a/") == [
        ("githubUploadURL", "githubUploadURL is required when githubBaseURL is set")
    ]
    assert found(githubUploadURL="https://a/") == [
        ("githubBaseURL", "githubBaseURL is required when githubUploadURL is set")
    ]
    assert found(webhook=None) == [("", "webhook is required")]
    assert found(webhook={}) == [
        ("webhook.endpoint", "endpoint can't be empty"),
        ("webhook.port", "port can't be empty"),
    ]
    assert found(webhookSecret=None) == [("", "warning: whoever reaches the endpoint can send events")]


def test_check_of_hooks_that_are_to_be_registered() -> None:
    listen = {**GOOD["webhook"], "url": "https://hooks.example.test/"}
    token = {"name": "github", "key": "token"}
    assert found(webhook=listen) == []
    assert found(apiToken=token) == []
    assert found(webhook=listen, apiToken=token, events=["push"], active=True) == []
    inactive = ("active", "warning: hooks are registered inactive, and GitHub delivers nothing to them")
    assert found(webhook=listen, apiToken=token, events=["push"]) == [inactive]
    unknown = "warning: without it GitHub does not know the App"
    assert found(webhook=listen, githubApp={"privateKey": token, "appID": 1}) == [
        ("events", "events must be defined to create a github webhook"),
        inactive,
        ("githubApp.installationID", unknown),
    ]
    assert found(webhook=listen, apiToken=token, githubApp={}, events=["*"], active=True) == []


@pytest.mark.parametrize(
    ("base", "api"),
    [
        ("", "https://api.github.com/"),
        ("https://ghe.example.test", "https://ghe.example.test/api/v3/"),
        ("https://ghe.example.test/api/v3", "https://ghe.example.test/api/v3/"),
        ("https://ghe.example.test/api/v3/", "https://ghe.example.test/api/v3/"),
        ("https://api.ghe.example.test/", "https://api.ghe.example.test/"),
        ("https://acme.api.ghe.test", "https://acme.api.ghe.test/"),
    ],
)
def test_where_the_api_is(base: str, api: str) -> None:
    assert settings(github_base_url=base).api == api


def test_names_of_places_are_no_paths() -> None:
    token = SecretKeySelector(name="github", key="token")
    listen = WebhookContext(endpoint="/hook", port="1", url="https://a.test")
    odd = [OwnedRepositories(owner="a/b", names=["..?x"])]
    asked = GitHubSettings(webhook=listen, api_token=token, repositories=odd)
    assert [place.path for place in asked.places] == ["repos/a%2Fb/..%3Fx"]
