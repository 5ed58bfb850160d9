"""GitHub's webhooks as events, as Argo Events' `github` source receives them.

The event's data is `{"headers": {Name: [value]}, "body": {...}, "metadata"?: {...}}`, the body being GitHub's payload with
`X-GitHub-Event` and `X-GitHub-Delivery` put in. `ping` is an event like any other, and so is one that `events` does not
name: that list says which hooks to register.

GitHub repeats the delivery's id and the body when it delivers again, so the event's id is made of both, and the bus takes it
once. The id alone would not do: whatever sends one id with two bodies would lose the second. Of the body it is the form that
goes into the event which counts, keys sorted and numbers rounded: a delivery that is fetched because it had failed is written
otherwise than the one that was sent, and yet is the same event.

With a token or an App GitHub is asked as well (`github_upkeep`): hooks are registered, and what could not be delivered is
fetched. Without, nothing but the listener is loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from zlib import crc32

import msgspec
import orjson

from bus.event import Event, now_text
from config.errors import EventyardError
from eventsources.base import CaughtUp, Emit, SourceContext
from eventsources.github.settings import GitHubSettings, check_settings
from eventsources.go import json as go_json
from eventsources.go import text as go_text
from eventsources.go.mime import media_type
from eventsources.go.url import parse_query
from eventsources.http.request import Answer, Refused, Request, TooLarge
from eventsources.http.route import WebhookContext
from eventsources.http.signatures import Forged, verify_github
from eventsources.http.source import HttpSource, beside_loop, would_refuse, written_headers

if TYPE_CHECKING:
    from eventsources.github.upkeep import Upkeep

__all__ = ["GitHub", "GitHubSettings"]

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

_DECODER: Final = msgspec.json.Decoder(float_hook=go_json.number)
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_PLAIN: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
"""Refuses integers that float64 cannot hold, which Go rounds."""

_NONE: Final = [""]
_TOO_LARGE: Final = Answer(400, "http: request body too large", last=True)
_KINDS: Final = {list: "array", str: "string", bool: "bool", int: "number", float: "number", type(None): "null"}


class GitHub(HttpSource[GitHubSettings]):
    """Publishes what GitHub delivers."""

    kind = "github"
    Settings = GitHubSettings

    def __init__(self, settings: GitHubSettings, context: SourceContext) -> None:
        super().__init__(settings, context)
        self._metadata = {"metadata": settings.metadata} if settings.metadata else {}
        self._end = _end(settings)
        self._upkeep: Upkeep | None = None

    @classmethod
    def check(cls, settings: GitHubSettings) -> list[tuple[str, str, str]]:
        return check_settings(settings)

    @classmethod
    def wrap(cls, settings: GitHubSettings, body: bytes, headers: Mapping[str, str]) -> bytes:
        given = written_headers(headers)
        try:
            form = "Content-Type" in given and media_type(given["Content-Type"][0]) == FORM
            payload = _form(body) if form else body
            text = _exactly(payload, given.get("X-Github-Event", _NONE)[0], given.get("X-Github-Delivery", _NONE)[0])
        except Refused as refused:
            raise would_refuse(refused) from None
        except ValueError as error:
            raise EventyardError(f"such a delivery would be refused: {error}") from None
        return _data(given, text, _end(settings))

    @classmethod
    def describe(cls, settings: GitHubSettings, host: str) -> str:
        return f"POST {(settings.webhook or WebhookContext()).address(host)}"

    @property
    def webhook(self) -> WebhookContext:
        return self.settings.webhook or WebhookContext()

    async def __aenter__(self) -> Self:
        if self.settings.webhook_secret is not None:
            self.secret(self.settings.webhook_secret)
        if self.settings.places:
            from eventsources.github.upkeep import Upkeep

            self._upkeep = Upkeep(self.settings, self.context, self._fetched, name=self.name)
            self._upkeep.check()
        await super().__aenter__()
        if self._upkeep is not None:
            await self._mount.enter_async_context(self._upkeep)
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            # What failed is started again and needs its hooks.
            if self._upkeep is not None and self.ended and exc[0] is asyncio.CancelledError:
                await self._upkeep.finish()
        finally:
            await super().__aexit__(*exc)

    async def run(self, emit: Emit) -> None:
        async with asyncio.TaskGroup() as group:
            if self._upkeep is not None:
                group.create_task(self._upkeep.run(emit), name=f"github:{self.name}")
            await super().run(emit)

    def cannot_catch_up(self) -> str:
        if self.settings.places:
            return ""
        return "it has no apiToken with webhook.url and no githubApp, so GitHub cannot be asked"

    async def catch_up(self, emit: Emit, since: datetime | None, dry_run: bool) -> CaughtUp:
        if self._upkeep is None:
            raise EventyardError(self.cannot_catch_up())
        return await self._upkeep.catch_up(emit, since, dry_run)

    async def events(self, request: Request) -> Sequence[Event]:
        payload = await self._payload(request)
        return (await self._event(payload, request.headers(), now_text(self.context.now)),)

    async def _fetched(self, payload: bytes, headers: Mapping[str, str], at: datetime) -> Event:
        """The event of a delivery that failed. Raises Refused."""
        if len(payload) > self.webhook.body_limit:
            raise Refused(_TOO_LARGE)
        return await self._event(payload, written_headers(headers), now_text(lambda: at))

    async def _event(self, payload: bytes, headers: dict[str, list[str]], time: str) -> Event:
        # Go's spelling of the header names here, GitHub's in the body: filters of users contain both.
        name = headers.get("X-Github-Event", _NONE)[0]
        delivery = headers.get("X-Github-Delivery", _NONE)[0]
        known: dict[str, Any] = {}
        try:
            body = _DECODER.decode(payload)
            body["X-GitHub-Event"], body["X-GitHub-Delivery"] = name, delivery
            text = orjson.dumps(body, option=_PLAIN)
            known = {"parsed": {"headers": headers, "body": body, **self._metadata}}
        except (msgspec.DecodeError, TypeError, ValueError, RecursionError):
            text = await beside_loop(_exactly, payload, name, delivery)
        return Event.new(
            id=f"{delivery}-{crc32(text):08x}" if delivery else "",
            source=self.context.source,
            subject=self.context.event,
            type=self.kind,
            time=time,
            data=_data(headers, text, self._end),
            **known,
        )

    async def _payload(self, request: Request) -> bytes:
        """The payload, its signature checked. Raises Refused, with 400 whatever is wrong."""
        secret = self.settings.webhook_secret
        try:
            kind = request.header("Content-Type")
            if kind != JSON:
                kind = media_type(kind)
            if kind not in (JSON, FORM):
                raise ValueError(f"webhook request has unsupported Content-Type {go_text.quote(kind)}")
            body = await request.read(self.webhook.body_limit)
            payload = body if kind == JSON else await beside_loop(_form, body)
            if secret is not None:
                verify_github(self.secret(secret), request.header, body)
        except TooLarge:
            raise Refused(_TOO_LARGE) from None
        except (ValueError, Forged) as error:
            raise Refused(Answer(400, str(error))) from None
        return payload


def _form(body: bytes) -> bytes:
    values, error = parse_query(body)
    if error:
        raise ValueError(error)
    return values.get("payload", _NONE)[0].encode()


def _exactly(payload: bytes, name: str, delivery: str) -> bytes:
    """The body with everything that only Go does with JSON. Raises Refused with Go's words."""
    try:
        body = go_json.decode(payload)
    except go_json.NotJson as error:
        raise Refused(Answer(400, str(error))) from None
    if not isinstance(body, dict):
        what = f"json: cannot unmarshal {_KINDS[type(body)]} into Go value of type map[string]interface {{}}"
        raise Refused(Answer(400, what))
    body["X-GitHub-Event"], body["X-GitHub-Delivery"] = name, delivery
    try:
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # too deep for it
        pass
    try:
        return _ENCODER.encode(body)
    except RecursionError:
        raise Refused(Answer(400, "invalid event")) from None


def _data(headers: Mapping[str, object], body: bytes, end: bytes) -> bytes:
    return b'{"headers":' + orjson.dumps(headers, option=orjson.OPT_SORT_KEYS) + b',"body":' + body + end


def _end(settings: GitHubSettings) -> bytes:
    if not settings.metadata:
        return b"}"
    return b',"metadata":' + orjson.dumps(settings.metadata, option=orjson.OPT_SORT_KEYS) + b"}"
