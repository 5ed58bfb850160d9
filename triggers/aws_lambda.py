"""Invokes an AWS Lambda function, in the fields of Argo Events' Lambda trigger.

Argo Events takes every answer for a success, even that of a function which failed; here such a function is invoked again.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

import orjson
from pydantic import Field

from config.errors import EventyardError, Permanent
from config.model import Model, SecretKeySelector
from config.sensor import TriggerParameter
from triggers.aws.clients import Clients, Service, host_of
from triggers.aws.failures import FAILURES, failure_of
from triggers.aws.login import Login
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.overrides import overridden
from triggers.status import Unwell, failure, is_success
from triggers.target import parse_target
from triggers.text import one_line, printable

SYNCHRONOUS: Final = "RequestResponse"

TIMEOUTS: Final[Mapping[str, float]] = {SYNCHRONOUS: 910.0, "Event": 60.0, "DryRun": 60.0}
"""Seconds for a whole invocation, by type. A function may run for 15 minutes."""

ANSWER_LIMIT: Final = 64 << 10
"""Bytes of an answer that are read at most; a longer one costs its connection."""

ANSWER_TIMEOUT: Final = 5.0
"""Seconds that the rest of an answer is waited for once its status is known."""

_SHOWN: Final = 1024
_TYPE_FIX: Final = f"use one of {', '.join(TIMEOUTS)}"
_FIXES: Final[Mapping[str, str]] = {
    "AccessDeniedException": "allow lambda:InvokeFunction on this function to these credentials",
    "InvalidParameterValueException": "check functionName and invocationType",
    "InvalidRequestContentException": "the payload must be JSON: see payload",
    "RequestEntityTooLargeException": "send less: see payload",
    "RequestTooLargeException": "send less: Lambda takes 6 MB, and 1 MB if invoked with the type Event",
    "ResourceNotFoundException": "check functionName and region",
    "UnsupportedMediaTypeException": "the payload must be JSON: see payload",
    "ValidationException": "check functionName",
}


class AWSLambdaSettings(Model):
    """The `awsLambda` block of a trigger template."""

    function_name: str = Field(default="", description="Name or ARN, with `:alias` or `:version` if wanted.")
    region: str = Field(default="", description="Such as eu-west-1.")
    invocation_type: str = Field(
        default="",
        description="RequestResponse (the default) waits for the function, Event leaves it in Lambda's queue, DryRun only "
        "asks whether it may be invoked.",
    )
    payload: list[TriggerParameter] | None = Field(default=None, description="What the function is given.")
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    access_key: SecretKeySelector | None = Field(
        default=None, description="With secretKey; without both, the credentials of this machine are used."
    )
    secret_key: SecretKeySelector | None = Field(default=None, description="Belongs to accessKey.")
    role_arn: str = Field(
        default="",
        alias="roleARN",
        description="A role to take on with the credentials of this machine; the keys are not used then.",
    )
    endpoint: str = Field(
        default="", description="URL of the Lambda API, if it is not the region's; else AWS_ENDPOINT_URL counts."
    )


@dataclass(frozen=True, slots=True)
class Invocation(Rendered):
    """One invocation."""

    function: str
    kind: str
    body: bytes
    settings: AWSLambdaSettings = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`RequestResponse resize in eu-west-1  {"image":"…"}`"""
        return one_line(f"{self.kind} {self.function} in {self.settings.region}", self.body, limit)

    def view(self) -> dict[str, Any]:
        return {
            "functionName": self.function,
            "invocationType": self.kind,
            "region": self.settings.region,
            "payload": self.body.decode("utf-8", "replace"),
        }


class AWSLambda(Trigger[AWSLambdaSettings, Invocation]):
    """Invokes a function once for each firing; `context.clientContext.custom.idempotencyKey` tells the function the
    firing's key, if it is waited for (Lambda gives no context to functions from its queue).

    A function that ran and failed is invoked again, as is one that Lambda cannot run now: Temporary. Permanent is what
    Lambda refuses: no such function, no permission, a payload too large. `policy.status.allow` lists the statuses that
    are a success (200, for Event 202, for DryRun 204); a failed function is none, whatever its status.
    """

    kind: ClassVar[str] = "awsLambda"
    Settings: ClassVar[type[Model]] = AWSLambdaSettings

    def __init__(self, settings: AWSLambdaSettings, context: TriggerContext) -> None:
        super().__init__(settings, context)
        policy = context.policy.status if context.policy is not None else None
        allow = policy.allow if policy is not None else None
        self._allowed = None if allow is None else frozenset(allow)
        self._clients = Clients(context.secrets)

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, AWSLambdaSettings)
        found = _login(settings).check()
        if settings.invocation_type and settings.invocation_type not in TIMEOUTS:
            found.append(("invocationType", f"'{settings.invocation_type}' is no type of invocation", _TYPE_FIX))
        if settings.endpoint:
            try:
                parse_target(settings.endpoint)
            except Permanent as error:
                found.append(("endpoint", error.what, error.fix))
        return found

    async def __aenter__(self) -> Self:
        await self._clients.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._clients.__aexit__(*exc)

    def render(self, settings: AWSLambdaSettings, values: Values) -> Invocation:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        if not settings.function_name:
            raise Permanent("no function is given", fix="give functionName, or set it by a parameter")
        kind = settings.invocation_type or SYNCHRONOUS
        if kind not in TIMEOUTS:
            raise Permanent(f"'{kind}' is no type of invocation", fix=_TYPE_FIX)
        body = values.payload(settings.payload) if settings.payload else b""
        return Invocation(settings.function_name, kind, body, settings)

    async def fire(self, request: Invocation, key: str) -> Outcome:
        settings = request.settings
        arguments: dict[str, Any] = {
            "FunctionName": request.function,
            "InvocationType": request.kind,
            "Payload": request.body,
        }
        if request.kind == SYNCHRONOUS:
            context = {"custom": {"idempotencyKey": key}}
            arguments["ClientContext"] = b64encode(orjson.dumps(context)).decode()
        service = Service(name="lambda", region=settings.region, endpoint=settings.endpoint, login=_login(settings))
        where = f"Lambda in {settings.region}"
        try:
            async with asyncio.timeout(TIMEOUTS[request.kind]), self._clients.use(service) as client:
                where = f"{host_of(client)}, function {printable(request.function)}"
                answer = await client.invoke(**arguments)
                text = await _beginning(answer["Payload"])
        except FAILURES as error:
            raise failure_of(error, where, _FIXES) from None
        status = int(answer["StatusCode"])
        if failed := answer.get("FunctionError"):
            raise _function_failure(str(failed), text, status, where)
        if not is_success(status, self._allowed):
            raise failure(status, None, text[:_SHOWN], where=where, named=True)
        return Outcome(status, text[:_SHOWN])


def _login(settings: AWSLambdaSettings) -> Login:
    return Login(settings.access_key, settings.secret_key, settings.role_arn)


async def _beginning(body: Any) -> str:
    """The beginning of an answer as text. The status decides, so what cannot be had in time is done without, and the
    connection of a longer answer is closed."""
    read = b""
    async with body as stream:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                while len(read) < ANSWER_LIMIT and (chunk := await stream.read(ANSWER_LIMIT - len(read))):
                    read += chunk
        except FAILURES:
            pass
    return read.decode("utf-8", "replace")


def _function_failure(kind: str, text: str, status: int, where: str) -> EventyardError:
    """The error of a function that ran. Its answer is a JSON object with a message and the type of the exception."""
    try:
        told = orjson.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict) and "errorMessage" in told:
        message = ": ".join(str(part) for part in (told.get("errorType"), told["errorMessage"]) if part)
    else:
        message = text
    what = f"the function failed ({kind}): {printable(message)[:_SHOWN]}"
    return Unwell(what, where=where, fix="see the function's log", after=None, status=status, answer=text[:_SHOWN])
