"""Any HTTP request as an event: Argo Events' `webhook` source, and CloudEvents over HTTP where a manifest asks for them.

By default the event's data is `{"header": {Name: [value]}, "body": ..., "metadata"?: {...}}`: the body of a POST is its JSON
(whatever the content type says), or its form as a map of lists if the type is exactly
`application/x-www-form-urlencoded`; the body of a GET is its query as a map of lists. No other method is served.

With `cloudEvents: true` each request is one CloudEvent or several, in the binary, structured or batched mode of the HTTP
protocol binding, and the event is what was sent: id, type, time, data, its type and schema, and all extensions. Only
`source` and `subject` have to be the names of the EventSource and its event, which is what Sensors ask for; what was sent in
them is in the extensions `originsource` and `originsubject`. A `traceparent` or `tracestate` header is one too, if the event
has none of its own. Events of different sources are different, whatever their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Self

import msgspec
import orjson
from pydantic import Field

from bus.codec import MalformedEvent, decode_http
from bus.event import Event, now_text
from config.eventsource import EventSourceFilter
from config.model import Model, SecretKeySelector
from eventsources.base import SourceContext
from eventsources.go import json as go_json
from eventsources.go.url import parse_query
from eventsources.http.request import Answer, Refused, Request, TooLarge
from eventsources.http.route import WebhookContext, check_context
from eventsources.http.signatures import Forged, Preset, verify
from eventsources.http.source import HttpSource, beside_loop, would_refuse, written_headers
from eventsources.messages.cloudevents import TRACE, file_under

FORM: Final = "application/x-www-form-urlencoded"
FORM_LIMIT: Final = 10 << 20
"""Bytes of a form, to which `maxPayloadSize` does not apply (Go's own limit)."""

FAULTS: Final = 1000
"""Characters that are said of what is wrong with CloudEvents."""

_TOO_LARGE: Final = "failed to parse request body, http: request body too large"
_NOT_JSON: Final = "json: error calling MarshalJSON for type *json.RawMessage: "


class HmacSettings(Model):
    """Whose way of signing requests is checked, and with which Secret."""

    preset: Preset
    secret: SecretKeySelector


class ResponseSettings(Model):
    """What a sender is told whose event was recorded, for senders that want more than `success`."""

    status: int = Field(default=200, ge=200, le=299)
    content_type: str = "text/plain; charset=utf-8"
    body: str = ""


class WebhookSettings(WebhookContext):
    """`spec.webhook.<event>`. `hmac`, `cloudEvents` and `response` are eventyard's own."""

    filter: EventSourceFilter | None = None
    hmac: HmacSettings | None = None
    cloud_events: bool = False
    response: ResponseSettings | None = None


class Webhook(HttpSource[WebhookSettings]):
    """Publishes what is sent to an endpoint."""

    kind = "webhook"
    Settings = WebhookSettings

    def __init__(self, settings: WebhookSettings, context: SourceContext) -> None:
        super().__init__(settings, context)
        self._end = _end(settings)
        if (response := settings.response) is not None:
            self.accepted = Answer(response.status, response.body, (("Content-Type", response.content_type),))

    @classmethod
    def check(cls, settings: WebhookSettings) -> list[tuple[str, str, str]]:
        faults = check_context(settings)
        if not settings.method:
            faults.append(("method", "without it every request is answered with 400", "say POST or GET"))
        elif settings.method not in ("GET", "POST"):
            what = (
                f"warning: every request is answered with 400, as only GET and POST are served, not {settings.method}"
            )
            faults.append(("method", what, "say POST or GET"))
        elif settings.cloud_events and settings.method != "POST":
            faults.append(("method", "CloudEvents are sent by POST", "say POST"))
        return faults

    @classmethod
    def wrap(cls, settings: WebhookSettings, body: bytes, headers: Mapping[str, str]) -> bytes:
        if settings.cloud_events:
            return body
        given = written_headers(headers)
        try:
            text = _form(body, b"") if given.get("Content-Type") == [FORM] else _exactly(body)
        except Refused as refused:
            raise would_refuse(refused) from None
        return _data(given, text, _end(settings))

    @classmethod
    def describe(cls, settings: WebhookSettings, host: str) -> str:
        return f"{settings.method} {settings.address(host)}"

    @property
    def webhook(self) -> WebhookContext:
        return self.settings

    async def __aenter__(self) -> Self:
        if self.settings.hmac is not None:
            self.secret(self.settings.hmac.secret)
        return await super().__aenter__()

    async def events(self, request: Request) -> Sequence[Event]:
        settings = self.settings
        if request.method != settings.method:
            raise Refused(Answer(400, "http method does not match"))
        if request.method not in ("GET", "POST"):
            raise Refused(Answer(400, f"unsupoorted method: {request.method}"))
        post = request.method == "POST"
        form = post and request.header("Content-Type") == FORM and not settings.cloud_events
        sent = await self._read(request, form) if post or settings.hmac is not None else b""
        if settings.hmac is not None:
            self._authenticate(request, sent, settings.hmac)
        if settings.cloud_events:
            return await self._cloud_events(request, sent)
        if form:
            body = await beside_loop(_form, sent, request.raw_query)
        elif post:
            body = await _json(sent)
        else:
            body = _sorted(parse_query(request.raw_query)[0])
        data = _data(request.headers(), body, self._end)
        context = self.context
        return (
            Event.new(
                source=context.source, subject=context.event, type=self.kind, data=data, time=now_text(context.now)
            ),
        )

    async def _read(self, request: Request, form: bool) -> bytes:
        try:
            return await request.read(FORM_LIMIT if form else self.settings.body_limit)
        except TooLarge:
            # Argo Events writes these errors twice, which makes one text of them.
            answer = Answer(500, "http: POST too large" * 2) if form else Answer(400, _TOO_LARGE * 2)
            raise Refused(answer._replace(last=True)) from None

    def _authenticate(self, request: Request, body: bytes, hmac: HmacSettings) -> None:
        try:
            verify(hmac.preset, self.secret(hmac.secret), request.header, body, self.context.now().timestamp())
        except Forged as forged:
            raise Refused(Answer(401, str(forged))) from None

    async def _cloud_events(self, request: Request, body: bytes) -> Sequence[Event]:
        headers = {name: values[0] for name, values in request.headers().items()}
        try:
            events = await beside_loop(lambda body: decode_http(headers, body), body)
        except MalformedEvent as error:
            raise Refused(Answer(400, str(error)[:FAULTS])) from None
        traced = {name: request.header(name) for name in TRACE}
        return [file_under(self.context, event, traced) for event in events]


def _form(body: bytes, query: bytes) -> bytes:
    values, error = parse_query(body)
    error = error or parse_query(query)[1]
    if error:
        raise Refused(Answer(500, error * 2))
    return _sorted(values)


async def _json(body: bytes) -> bytes:
    try:
        return msgspec.json.format(body, indent=-1)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    return await beside_loop(_exactly, body)


def _exactly(body: bytes) -> bytes:
    """The body without its spaces, with everything that only Go does with JSON."""
    try:
        return go_json.compact(body)
    except go_json.NotJson as error:
        raise Refused(Answer(400, _NOT_JSON + str(error))) from None


def _data(headers: Mapping[str, object], body: bytes, end: bytes) -> bytes:
    return b'{"header":' + _sorted(headers) + b',"body":' + body + end


def _end(settings: WebhookSettings) -> bytes:
    return b',"metadata":' + _sorted(settings.metadata) + b"}" if settings.metadata else b"}"


def _sorted(value: Mapping[str, object]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
