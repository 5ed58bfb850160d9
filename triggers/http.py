"""Calls a URL. Fields, their order and their defaults are those of Argo Events' HTTP trigger; the rule of success is ours.

Without `policy.status` a status of 2xx or 3xx is a success; Argo Events counts every status as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from multidict import CIMultiDict
from pydantic import Field

from config.credentials import text_of
from config.errors import Permanent
from config.model import BasicAuth, Model, SecureHeader, TLSConfig, ValueFromSource
from config.sensor import TriggerParameter
from config.tls import check_tls, make_context
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.message import Message
from triggers.overrides import overridden
from triggers.status import failure, is_success
from triggers.target import Target, basic, parse_target
from triggers.text import one_line

if TYPE_CHECKING:
    from aiohttp import ClientTimeout

_METHODS: Final = ("GET", "DELETE", "PATCH", "POST", "PUT")
_BODIED: Final = ("PATCH", "POST", "PUT")
_TIMEOUT: Final = 60
_LONGEST_TIMEOUT: Final = 24 * 3600
_KEY: Final = "Idempotency-Key"
_HIDDEN: Final = "***"
# The connection decides about these; Go's client leaves them out wherever they are written.
_NOT_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "trailer"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_BAD_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_TELLTALE: Final = re.compile(r"authorization|cookie|token|secret|password|api-?key|signature", re.IGNORECASE)


class HTTPSettings(Model):
    """The `http` block of a trigger template."""

    url: str = Field(default="", description="Absolute http or https URL.")
    method: str = Field(default="", description="GET, DELETE, PATCH, POST (the default) or PUT.")
    payload: list[TriggerParameter] | None = Field(default=None, description="What the request body is made of.")
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    headers: dict[str, str] | None = Field(default=None, description="Headers; Host has no effect, see host.")
    dynamic_headers: list[TriggerParameter] | None = Field(
        default=None, description="Headers with values of events; dest is the name."
    )
    secure_headers: list[SecureHeader] | None = Field(
        default=None, description="Headers whose values lie in Secrets or ConfigMaps."
    )
    basic_auth: BasicAuth | None = Field(default=None, description="Sets Authorization, over any other.")
    host: str = Field(default="", description="The Host header, if it is not that of the URL.")
    tls: TLSConfig | None = Field(default=None, description="Own certificates; without it the system's roots hold.")
    timeout: int = Field(default=0, description="Seconds for the whole exchange; 60 if not positive.")


@dataclass(frozen=True, slots=True)
class Request(Rendered):
    """One call. `headers` are as written and `folded` as they are sent, both without what only Secrets know."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    settings: HTTPSettings = field(repr=False)
    timeout: ClientTimeout = field(repr=False)
    folded: CIMultiDict[str] = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`POST http://127.0.0.1:12000/deploys  {"commit":"…"}`"""
        return one_line(f"{self.method} {self.target.address}", self.body, limit)

    def view(self) -> dict[str, Any]:
        headers = {name: _HIDDEN if _TELLTALE.search(name) else value for name, value in self.headers.items()}
        headers.update((header.name, _HIDDEN) for header in self.settings.secure_headers or ())
        if self.settings.basic_auth is not None or self.target.login:
            headers["Authorization"] = _HIDDEN
        return {
            "method": self.method,
            "url": self.target.address,
            "headers": headers,
            "body": self.body.decode("utf-8", "replace"),
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    """What of the requests does not depend on events, made once."""

    settings: HTTPSettings
    method: str
    target: Target
    headers: dict[str, str]
    folded: CIMultiDict[str]
    timeout: ClientTimeout

    @classmethod
    def of(cls, settings: HTTPSettings) -> Self:
        from triggers.client import time_limit

        method = settings.method or "POST"
        if not _TOKEN.fullmatch(method):
            raise Permanent("the method is none that HTTP allows", fix=f"use one of {', '.join(_METHODS)}")
        headers = {
            name: _valid(name, value)
            for name, value in (settings.headers or {}).items()
            if name.lower() not in _NOT_OURS
        }
        if settings.host:
            headers["Host"] = _valid("Host", settings.host)
        return cls(
            settings=settings,
            method=method,
            target=parse_target(settings.url),
            headers=headers,
            folded=_fold(headers),
            timeout=time_limit(min(settings.timeout if settings.timeout > 0 else _TIMEOUT, _LONGEST_TIMEOUT)),
        )


class HTTP(Trigger[HTTPSettings, Request]):
    """Sends one HTTP request for each firing, with the firing's key as `Idempotency-Key` unless the manifest sets one.

    Raises Temporary for connection errors, timeouts, 408, 429 and 5xx, Permanent for any other status that is no success.
    """

    kind: ClassVar[str] = "http"
    Settings: ClassVar[type[Model]] = HTTPSettings

    def __init__(self, settings: HTTPSettings, context: TriggerContext) -> None:
        super().__init__(settings, context)
        policy = context.policy.status if context.policy is not None else None
        allow = policy.allow if policy is not None else None
        self._allowed = None if allow is None else frozenset(allow)
        self._plan: _Plan | None = None

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, HTTPSettings)
        return [*_check_line(settings), *_check_headers(settings), *_check_body(settings), *check_tls(settings.tls)]

    async def __aenter__(self) -> Self:
        # The client's library takes its time to load, which must not hold up whoever only checks manifests.
        from triggers.client import Client

        tls = self.settings.tls
        self._client = Client(tls=None if tls is None else make_context(tls, self.context.secrets))
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    def render(self, settings: HTTPSettings, values: Values) -> Request:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        plan = self._plan
        if plan is None or plan.settings is not settings:
            plan = self._plan = _Plan.of(settings)
        headers, folded = plan.headers, plan.folded
        if settings.dynamic_headers:
            headers = {**headers, **_dynamic(settings.dynamic_headers, values)}
            folded = _fold(headers)
        body = values.payload(settings.payload) if settings.payload else b""
        return Request(plan.method, plan.target, headers, body, settings, plan.timeout, folded)

    async def fire(self, request: Request, key: str) -> Outcome:
        settings = request.settings
        secret = self._secret_headers(settings) if settings.secure_headers or settings.basic_auth is not None else {}
        headers = _fold({**request.headers, **secret}) if secret else request.folded.copy()
        if _KEY not in headers:
            headers[_KEY] = key
        message = Message(request.method, request.target, headers, request.body, secret)
        answer = await self._client.send(message, request.timeout)
        if is_success(answer.status, self._allowed):
            return Outcome(answer.status, answer.text)
        raise failure(
            answer.status,
            answer.headers.get("Retry-After"),
            answer.text,
            where=request.target.authority,
            named=self._allowed is not None,
        )

    def _secret_headers(self, settings: HTTPSettings) -> dict[str, str]:
        secrets, headers = self.context.secrets, {}
        for header in settings.secure_headers or ():
            source = header.value_from or ValueFromSource()
            value = text_of(secrets, source.secret_key_ref or source.config_map_key_ref)
            headers[header.name] = _valid(header.name, value)
        if (auth := settings.basic_auth) is not None:
            user, password = (
                text_of(secrets, selector).encode("utf-8", "surrogateescape")
                for selector in (auth.username, auth.password)
            )
            headers["Authorization"] = basic(user, password)
        return headers


def _dynamic(parameters: list[TriggerParameter], values: Values) -> dict[str, str]:
    headers = {}
    for parameter in parameters:
        value = values.text(parameter.src) if parameter.src is not None else None
        if value is not None and parameter.dest.lower() not in _NOT_OURS:
            headers[parameter.dest] = _valid(parameter.dest, value)
    return headers


def _valid(name: str, value: str) -> str:
    """The value, if it and the name can be sent. Raises Permanent, which never shows the value."""
    if not _TOKEN.fullmatch(name):
        raise Permanent(f"'{name}' is no name for a header", fix="use letters, digits and '-'")
    if _BAD_VALUE.search(value):
        raise Permanent(f"the value of header '{name}' holds a control character", fix="leave line breaks out of it")
    return value


def _fold(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Headers as they are sent: sorted; names that differ only in case are the same header with several values."""
    folded: CIMultiDict[str] = CIMultiDict()
    spelling: dict[str, str] = {}
    for name in sorted(headers):
        folded.add(spelling.setdefault(name.lower(), name), headers[name].strip(" \t"))
    folded.setdefault("User-Agent", "eventyard")
    return folded


def _check_line(settings: HTTPSettings) -> list[tuple[str, str, str]]:
    found = []
    if not settings.url:
        found.append(("url", "is missing", "write where to send the request: https://host/path"))
    else:
        try:
            parse_target(settings.url)
        except Permanent as error:
            # Parameters may complete the URL of each firing.
            found.append(("url", f"warning: {error.what}", error.fix))
    if settings.method and settings.method not in _METHODS:
        found.append(("method", "is none that a trigger may use", f"use one of {', '.join(_METHODS)}"))
    return found


def _check_headers(settings: HTTPSettings) -> list[tuple[str, str, str]]:
    found = []
    static = [("headers", name, value) for name, value in (settings.headers or {}).items()]
    dynamic = [(f"dynamicHeaders.{at}.dest", each.dest, "") for at, each in enumerate(settings.dynamic_headers or ())]
    secure = [(f"secureHeaders.{at}.name", each.name, "") for at, each in enumerate(settings.secure_headers or ())]
    for path, name, value in (*static, *dynamic, *secure):
        try:
            _valid(name, value)
        except Permanent as error:
            found.append((path, error.what, error.fix))
    for at, header in enumerate(settings.secure_headers or ()):
        source = header.value_from
        if source is None or (source.secret_key_ref is None and source.config_map_key_ref is None):
            found.append((f"secureHeaders.{at}.valueFrom", "names no source", "give secretKeyRef or configMapKeyRef"))
    return found


def _check_body(settings: HTTPSettings) -> list[tuple[str, str, str]]:
    method = settings.method or "POST"
    if settings.payload is None:
        if method in _BODIED:
            return [("", f"warning: {method} is sent without a body", "say with payload what to send")]
        return []
    names = {name.lower() for name in settings.headers or ()}
    names.update(parameter.dest.lower() for parameter in settings.dynamic_headers or ())
    names.update(header.name.lower() for header in settings.secure_headers or ())
    if settings.payload and "content-type" not in names:
        fix = "add headers: {Content-Type: application/json}"
        return [("headers", "warning: no Content-Type is sent, many targets then ignore the body", fix)]
    return []
