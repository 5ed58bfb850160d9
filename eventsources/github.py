"""GitHub's webhooks as events, as Argo Events' `github` source receives them.

The event's data is `{"headers": {Name: [value]}, "body": {...}, "metadata"?: {...}}`, the body being GitHub's payload with
`X-GitHub-Event` and `X-GitHub-Delivery` put in. `ping` is an event like any other, and so is one that `events` does not
name: that list says which hooks to register.

GitHub repeats the delivery's id and the body when it delivers again, so the event's id is made of both, and the bus takes it
once. The id alone would not do: whatever sends one id with two bodies would lose the second.
Registering hooks is not done from here; a manifest that asks for it is told so when it is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self
from zlib import crc32

import msgspec
import orjson
from pydantic import Field

from bus.event import Event, now_text
from config.errors import EventyardError
from config.eventsource import EventSourceFilter
from config.model import Int64, Model, SecretKeySelector
from eventsources import go_json, go_text
from eventsources.base import SourceContext
from eventsources.go_mime import media_type
from eventsources.go_url import parse_query
from eventsources.http_request import Answer, Refused, Request, TooLarge
from eventsources.http_route import WebhookContext, check_context
from eventsources.http_source import HttpSource, beside_loop, would_refuse, written_headers
from eventsources.signatures import Forged, verify_github

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

_DECODER: Final = msgspec.json.Decoder(float_hook=go_json.number)
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_PLAIN: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
"""Refuses integers that float64 cannot hold, which Go rounds."""

_NONE: Final = [""]
_KINDS: Final = {list: "array", str: "string", bool: "bool", int: "number", float: "number", type(None): "null"}


class OwnedRepositories(Model):
    """Repositories of one owner."""

    owner: str = ""
    names: list[str] | None = None


class GithubAppCreds(Model):
    """Credentials of a GitHub App."""

    private_key: SecretKeySelector | None = None
    app_id: Int64 = Field(default=0, alias="appID")
    installation_id: Int64 = Field(default=0, alias="installationID")


class GitHubSettings(Model):
    """`spec.github.<event>`.

    `webhook` says where to listen and `webhookSecret` what GitHub signs with. Everything else but `metadata` and `filter`
    describes the hooks that Argo Events would register.
    """

    webhook: WebhookContext | None = None
    webhook_secret: SecretKeySelector | None = None
    metadata: dict[str, str] | None = None
    filter: EventSourceFilter | None = None
    id: Int64 = 0
    owner: str = ""
    repository: str = ""
    repositories: list[OwnedRepositories] | None = None
    organizations: list[str] | None = None
    events: list[str] | None = None
    api_token: SecretKeySelector | None = None
    github_app: GithubAppCreds | None = None
    insecure: bool = False
    active: bool = False
    content_type: str = ""
    github_base_url: str = Field(default="", alias="githubBaseURL")
    github_upload_url: str = Field(default="", alias="githubUploadURL")
    delete_hook_on_finish: bool = False

    @property
    def owned(self) -> list[OwnedRepositories]:
        """The repositories, also those named the old way."""
        if self.repositories:
            return self.repositories
        if self.owner and self.repository:
            return [OwnedRepositories(owner=self.owner, names=[self.repository])]
        return []

    @property
    def wants_hooks(self) -> bool:
        """Whether Argo Events would register hooks."""
        credentials = self.api_token or (self.github_app and self.github_app.private_key)
        return credentials is not None and self.webhook is not None and bool(self.webhook.url)


class GitHub(HttpSource[GitHubSettings]):
    """Publishes what GitHub delivers."""

    kind = "github"
    Settings = GitHubSettings

    def __init__(self, settings: GitHubSettings, context: SourceContext) -> None:
        super().__init__(settings, context)
        self._metadata = {"metadata": settings.metadata} if settings.metadata else {}
        self._end = _end(settings)
        self._prefix = f"{context.source}:{context.event}:"

    @classmethod
    def check(cls, settings: GitHubSettings) -> list[tuple[str, str, str]]:
        return _check(settings)

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
        return await super().__aenter__()

    async def events(self, request: Request) -> Sequence[Event]:
        payload = await self._payload(request)
        headers = request.headers()
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
        return (
            Event.new(
                id=f"{self._prefix}{delivery}:{crc32(payload):08x}" if delivery else "",
                source=self.context.source,
                subject=self.context.event,
                type=self.kind,
                time=now_text(self.context.now),
                data=_data(headers, text, self._end),
                **known,
            ),
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
            raise Refused(Answer(400, "http: request body too large", last=True)) from None
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
        return _ENCODER.encode(body)
    except RecursionError:
        raise Refused(Answer(400, "invalid event")) from None


def _data(headers: Mapping[str, object], body: bytes, end: bytes) -> bytes:
    return b'{"headers":' + orjson.dumps(headers, option=orjson.OPT_SORT_KEYS) + b',"body":' + body + end


def _end(settings: GitHubSettings) -> bytes:
    if not settings.metadata:
        return b"}"
    return b',"metadata":' + orjson.dumps(settings.metadata, option=orjson.OPT_SORT_KEYS) + b"}"


def _check(settings: GitHubSettings) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if not settings.owned and settings.organizations is None:
        faults.append(("", "either repositories or organizations is required", "name those that send events"))
    if settings.owned and settings.organizations is not None:
        faults.append(
            ("organizations", "only one of repositories and organizations is allowed", "leave one of them out")
        )
    if settings.content_type not in ("", "json", "form"):
        faults.append(("contentType", 'content type must be "json" or "form"', "say json"))
    if bool(settings.github_base_url) != bool(settings.github_upload_url):
        there, missing = ("githubBaseURL", "githubUploadURL")[:: 1 if settings.github_base_url else -1]
        faults.append((missing, f"{missing} is required when {there} is set", "give both or neither"))
    if settings.webhook is None:
        faults.append(("", "webhook is required", "say where to listen: webhook.endpoint, webhook.port"))
        return faults
    faults += check_context(settings.webhook, "webhook.")
    if settings.webhook_secret is None and settings.webhook.auth_secret is None:
        faults.append(("", "warning: whoever reaches the endpoint can send events", "set webhookSecret"))
    if settings.wants_hooks:
        if not settings.events:
            faults.append(("events", "events must be defined to create a github webhook", "name them, or '*' for all"))
        address = settings.webhook.public_url
        faults.append(
            (
                "webhook.url",
                "warning: hooks are not registered from here",
                f"add a hook to {address} in GitHub yourself",
            )
        )
    return faults
