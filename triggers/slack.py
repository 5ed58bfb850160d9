"""Posts a message to a Slack channel, in the fields of Argo Events' Slack trigger.

It calls one method of Slack's Web API, `chat.postMessage`, with one JSON body; that is less code than adapting a client
library's connections, limits and errors to ours, and costs no dependency.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import orjson
from multidict import CIMultiDict
from pydantic import Field

from config.credentials import text_of
from config.errors import EventyardError, Permanent, Temporary
from config.model import Model, SecretKeySelector
from config.sensor import TriggerParameter
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.message import Message
from triggers.overrides import overridden
from triggers.status import Refused, Unwell, failure, is_success, parse_retry_after
from triggers.target import parse_target
from triggers.text import one_line

if TYPE_CHECKING:
    from triggers.client import Answer

API: Final = "https://slack.com/api/"

THREADS: Final = 1024
"""Threads remembered at most; the one not written to for the longest time is forgotten first."""

_TIMEOUT: Final = 30.0
_SHOWN: Final = 1024
# An answer repeats the message, so it is read whole up to what a message can be.
_ANSWER: Final = 1 << 20
_PASSING: Final = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
_EMOJI: Final = re.compile(r":[^:\s]+(?:::[^:\s]+)?:")
_FIXES: Final[Mapping[str, str]] = {
    "channel_not_found": "check the channel; a private one has to invite the bot first",
    "invalid_auth": "check the token in slackToken",
    "invalid_blocks": "blocks must be a JSON list of Slack blocks",
    "invalid_attachments": "attachments must be a JSON list of Slack attachments",
    "is_archived": "choose a channel that is in use",
    "missing_scope": "give the bot the scope chat:write",
    "msg_too_long": "shorten the message",
    "no_text": "give message, attachments or blocks",
    "not_authed": "check the token in slackToken",
    "not_in_channel": "invite the bot to the channel: /invite @bot",
    "token_expired": "put a new token into slackToken's Secret",
    "token_revoked": "put a new token into slackToken's Secret",
}


class SlackThread(Model):
    """How messages are gathered into threads."""

    message_aggregation_key: str = Field(
        default="", description="Messages with the same key go to the thread of the first one in their channel."
    )
    broadcast_message_to_channel: bool = Field(default=False, description="Show replies in the channel as well.")


class SlackSender(Model):
    """Whom a message seems to come from."""

    username: str = Field(default="", description="Shown instead of the bot's name.")
    icon: str = Field(default="", description="`:emoji:` or the URL of an image.")


class SlackSettings(Model):
    """The `slack` block of a trigger template."""

    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    slack_token: SecretKeySelector | None = Field(default=None, description="The bot's token.")
    channel: str = Field(default="", description="Name or id of the channel; one leading # is removed.")
    message: str = Field(default="", description="Text in Slack's mrkdwn.")
    attachments: str = Field(default="", description="JSON list of attachments, as text.")
    blocks: str = Field(default="", description="JSON list of blocks, as text.")
    thread: SlackThread | None = Field(default=None, description="Gathers messages into threads.")
    sender: SlackSender | None = Field(default=None, description="Whom the message seems to come from.")
    api_url: str = Field(default=API, alias="apiURL", description="Where Slack's Web API is; for stand-ins.")


@dataclass(frozen=True, slots=True)
class Post(Rendered):
    """One message: `fields` is the body of the call, but for the thread, which only sending can know."""

    channel: str
    fields: Mapping[str, Any]
    settings: SlackSettings = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`Slack deployments  {"text":"…"}`"""
        rest = {name: value for name, value in self.fields.items() if name != "channel"}
        return one_line(f"Slack {self.channel}", orjson.dumps(rest), limit)

    def view(self) -> dict[str, Any]:
        thread = self.settings.thread
        key = thread.message_aggregation_key if thread is not None else ""
        return {**self.fields, **({"threadKey": key} if key else {})}


class Slack(Trigger[SlackSettings, Post]):
    """Posts one message for each firing. Slack knows no idempotency key: a repeated firing is a repeated message.

    Raises Temporary where Slack asks to come back later, Permanent where it refuses. Unlike in Argo Events, `parameters`
    of the block itself are applied.
    """

    kind: ClassVar[str] = "slack"
    Settings: ClassVar[type[Model]] = SlackSettings

    def __init__(self, settings: SlackSettings, context: TriggerContext) -> None:
        super().__init__(settings, context)
        # The client's library takes its time to load, which must not hold up whoever only checks manifests.
        from triggers.client import Client

        self._client = Client(keep=_ANSWER)
        self._threads: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._opening = asyncio.Lock()

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, SlackSettings)
        found = []
        if settings.slack_token is None:
            found.append(("slackToken", "is missing", "name the Secret that holds the bot's token"))
        if not settings.parameters:
            # The Sensor's own parameters for this trigger may still fill in what is missing here.
            if not settings.channel:
                found.append(
                    ("channel", "warning: no channel is given", "name one, or set slack.channel by a parameter")
                )
            if not (settings.message or settings.attachments or settings.blocks):
                found.append(("message", "warning: there is nothing to say", "give message, attachments or blocks"))
        icon = settings.sender.icon if settings.sender is not None else ""
        if icon and not _icon(icon):
            found.append(("sender.icon", "warning: is neither an emoji nor a URL and is left out", "write :tada:"))
        return found

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    def render(self, settings: SlackSettings, values: Values) -> Post:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        channel = settings.channel.removeprefix("#")
        if not channel:
            raise Permanent("no Slack channel is given", fix="give channel, or set slack.channel by a parameter")
        fields: dict[str, Any] = {"channel": channel, "text": settings.message}
        for name in ("attachments", "blocks"):
            if text := getattr(settings, name):
                fields[name] = _list(name, text)
        if len(fields) == 2 and not settings.message:
            raise Permanent("there is nothing to post", fix="give message, attachments or blocks")
        if (sender := settings.sender) is not None:
            if sender.username:
                fields["username"] = sender.username
            fields.update(_icon(sender.icon))
        return Post(channel, fields, settings)

    async def fire(self, request: Post, key: str) -> Outcome:
        settings = request.settings
        thread = settings.thread
        if thread is None or not thread.message_aggregation_key:
            return (await self._post(settings, request.fields))[0]
        place = (request.channel, thread.message_aggregation_key)
        if place not in self._threads:
            # One at a time, so that of messages which come together only the first opens the thread.
            async with self._opening:
                if place not in self._threads:
                    outcome, self._threads[place] = await self._post(settings, request.fields)
                    while len(self._threads) > THREADS:
                        self._threads.popitem(last=False)
                    return outcome
        self._threads.move_to_end(place)
        reply: dict[str, Any] = {"thread_ts": self._threads[place]}
        if thread.broadcast_message_to_channel:
            reply["reply_broadcast"] = True
        try:
            return (await self._post(settings, {**request.fields, **reply}))[0]
        except Permanent:
            # It may be the thread that is gone; then the next message has to open a new one.
            self._threads.pop(place, None)
            raise

    async def _post(self, settings: SlackSettings, fields: Mapping[str, Any]) -> tuple[Outcome, str]:
        """The outcome of one call, and the timestamp that Slack gave the message."""
        from triggers.client import time_limit

        token = text_of(self.context.secrets, settings.slack_token).strip()
        if not (token.isascii() and token.isprintable()):
            raise Permanent("the Slack token holds characters that no token has", fix="check the Secret of slackToken")
        target = parse_target(settings.api_url.rstrip("/") + "/chat.postMessage")
        headers = CIMultiDict(
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "eventyard",
            }
        )
        message = Message("POST", target, headers, orjson.dumps(fields))
        answer = await self._client.send(message, time_limit(_TIMEOUT))
        result = _result(answer, target.authority)
        return Outcome(answer.status, answer.text[:_SHOWN]), str(result.get("ts", ""))


def _result(answer: Answer, where: str) -> Mapping[str, Any]:
    """What Slack answered, if it is a success. Raises Temporary or Permanent."""
    retry_after = answer.headers.get("Retry-After")
    if not is_success(answer.status, None):
        raise failure(answer.status, retry_after, answer.text[:_SHOWN], where=where, named=False)
    try:
        result = orjson.loads(answer.body)
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise Temporary("what answered is not Slack's API", where=where, fix="check apiURL")
    if not result.get("ok"):
        raise _refusal(str(result.get("error", "unknown_error")), retry_after, answer, where)
    return result


def _refusal(error: str, retry_after: str | None, answer: Answer, where: str) -> EventyardError:
    """Slack's own word for what went wrong, with what to do about it."""
    what, fix = (
        f"Slack refuses: {error}",
        _FIXES.get(error, "look the word up in the documentation of chat.postMessage"),
    )
    if error in _PASSING:
        after = parse_retry_after(retry_after)
        return Unwell(what, where=where, fix="", after=after, status=answer.status, answer=answer.text[:_SHOWN])
    return Refused(what, where=where, fix=fix, status=answer.status, answer=answer.text[:_SHOWN])


def _list(name: str, text: str) -> list[Any]:
    try:
        found = orjson.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Permanent(f"{name} is no JSON list", fix=_FIXES[f"invalid_{name}"])
    return found


def _icon(icon: str) -> dict[str, str]:
    if _EMOJI.fullmatch(icon):
        return {"icon_emoji": icon}
    return {"icon_url": icon} if icon.startswith(("http://", "https://")) else {}
