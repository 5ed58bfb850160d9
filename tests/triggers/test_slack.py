"""triggers/slack.py against a workspace that knows the rules of `chat.postMessage`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from tests.contract.trigger import RETRY_AFTER, RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.slack import HANG, RESET, TOKEN, FakeSlack, rate_limited, refusal
from tests.fakes.values import FakeValues, context, event
from triggers.base import Outcome
from triggers.slack import THREADS, Slack, SlackSettings, SlackThread

PUSH = FakeValues(push=event({"ref": "main", "author": "Zoë"}))
TOKEN_SECRET = {"name": "slack", "key": "token"}

TROUBLES = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: web.Response(status=502),
    Trouble.BUSY: rate_limited(int(RETRY_AFTER)),
    Trouble.REFUSES: refusal("not_in_channel"),
    Trouble.HANGS: HANG,
}


def make(api: FakeSlack | None = None, token: str = TOKEN, **fields: Any) -> Slack:
    """The trigger of a manifest's `slack` block; by default it says hello in `#deployments`."""
    block = {"slackToken": TOKEN_SECRET, "channel": "#deployments", "message": "hello", **fields}
    if api is not None:
        block["apiURL"] = api.url
    return Slack(SlackSettings.model_validate(block), context(token=token))


async def post(trigger: Slack, values: FakeValues = PUSH) -> Outcome:
    """Fire the entered trigger."""
    return await trigger.fire(trigger.render(trigger.settings, values), "key")


async def posted(slack: FakeSlack, **fields: Any) -> dict[str, Any]:
    """What arrives at the workspace, without the channel and the timestamp it was given."""
    async with make(slack, **fields) as trigger:
        await post(trigger)
    return {name: value for name, value in slack.messages[-1].items() if name not in ("ts", "channel")}


def keyed(trigger: Slack, key: str, channel: str = "deployments") -> SlackSettings:
    """The trigger's settings as parameters of one firing make them."""
    thread = SlackThread(message_aggregation_key=key)
    return trigger.settings.model_copy(update={"thread": thread, "channel": channel})


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack("deployments", "alerts") as workspace:
        yield workspace


class TestContract(RemoteTriggerContract):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with FakeSlack() as slack:

            def suffer(trouble: Trouble) -> None:
                slack.script.append(TROUBLES[trouble])

            async def shut() -> None:
                await slack.__aexit__()

            yield RemoteStage(
                trigger=make(slack),
                values=PUSH,
                seen=lambda: [message["text"] for message in slack.messages],
                secrets=[TOKEN],
                suffer=suffer,
                release=slack.release,
                arrived=slack.called,
                abandoned=slack.abandoned,
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


class TestMessage:
    async def test_text(self, slack: FakeSlack) -> None:
        assert await posted(slack, message="*Grüße* <@U1> & co") == {"text": "*Grüße* <@U1> & co"}
        assert slack.messages[-1]["channel"] == "deployments"

    async def test_one_hash_is_removed(self, slack: FakeSlack) -> None:
        trigger = make(slack, channel="##deployments")
        assert trigger.render(trigger.settings, PUSH).channel == "#deployments"

    async def test_attachments_and_blocks_are_lists(self, slack: FakeSlack) -> None:
        attachments, blocks = [{"color": "#18be52", "title": "t"}], [{"type": "divider"}]
        fields = await posted(
            slack, message="", attachments=orjson.dumps(attachments).decode(), blocks=orjson.dumps(blocks).decode()
        )
        assert fields == {"text": "", "attachments": attachments, "blocks": blocks}

    @pytest.mark.parametrize(
        ("icon", "fields"),
        [
            (":rocket:", {"icon_emoji": ":rocket:"}),
            (":wave::skin-tone-2:", {"icon_emoji": ":wave::skin-tone-2:"}),
            ("https://host/x.png", {"icon_url": "https://host/x.png"}),
            ("rocket", {}),
            ("", {}),
        ],
    )
    async def test_sender(self, slack: FakeSlack, icon: str, fields: dict[str, str]) -> None:
        sent = await posted(slack, sender={"username": "Deploy bot", "icon": icon})
        assert sent == {"text": "hello", "username": "Deploy bot", **fields}

    async def test_parameters_of_the_block(self, slack: FakeSlack) -> None:
        parameters = [
            {"src": {"dependencyName": "push", "dataKey": "author"}, "dest": "sender.username"},
            {"src": {"dependencyName": "push", "dataKey": "ref"}, "dest": "message"},
            {"src": {"dependencyName": "push", "value": "#alerts"}, "dest": "channel"},
        ]
        assert await posted(slack, parameters=parameters) == {"text": "main", "username": "Zoë"}
        assert slack.messages[-1]["channel"] == "alerts"

    @pytest.mark.parametrize(
        "fields",
        [
            {"channel": ""},
            {"channel": "#"},
            {"message": ""},
            {"blocks": "{}"},
            {"attachments": "[{"},
        ],
    )
    def test_what_cannot_be_posted_is_permanent(self, fields: dict[str, Any]) -> None:
        trigger = make(**fields)
        with pytest.raises(Permanent) as failure:
            trigger.render(trigger.settings, PUSH)
        assert failure.value.fix

    def test_show_and_view(self) -> None:
        trigger = make(message="Grüße", thread={"messageAggregationKey": "abc"})
        request = trigger.render(trigger.settings, PUSH)
        assert request.show() == 'Slack deployments  {"text":"Grüße"}'
        assert request.view() == {"channel": "deployments", "text": "Grüße", "threadKey": "abc"}


class TestThreads:
    async def test_replies_go_to_the_first_message(self, slack: FakeSlack) -> None:
        async with make(slack, thread={"messageAggregationKey": "run-1"}) as trigger:
            for _ in range(3):
                await post(trigger)
        first, *replies = slack.messages
        assert "thread_ts" not in first
        assert [reply["thread_ts"] for reply in replies] == [first["ts"], first["ts"]]
        assert all("reply_broadcast" not in reply for reply in replies)

    async def test_broadcast(self, slack: FakeSlack) -> None:
        thread = {"messageAggregationKey": "run-1", "broadcastMessageToChannel": True}
        async with make(slack, thread=thread) as trigger:
            await post(trigger)
            await post(trigger)
        assert "reply_broadcast" not in slack.messages[0]
        assert slack.messages[1]["reply_broadcast"] is True

    async def test_each_channel_and_key_has_its_own(self, slack: FakeSlack) -> None:
        async with make(slack) as trigger:
            for channel in ("alerts", "deployments"):
                for key in ("a", "b", "", ""):
                    await trigger.fire(trigger.render(keyed(trigger, key, channel), PUSH), "key")
        assert all("thread_ts" not in message for message in slack.messages)

    async def test_of_many_at_once_only_one_opens_it(self, slack: FakeSlack) -> None:
        async with make(slack, thread={"messageAggregationKey": "run-1"}) as trigger, asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(post(trigger))
        assert sum("thread_ts" not in message for message in slack.messages) == 1

    async def test_a_failed_first_message_opens_none(self, slack: FakeSlack) -> None:
        async with make(slack, thread={"messageAggregationKey": "run-1"}) as trigger:
            slack.script.append(refusal("internal_error"))
            with pytest.raises(Temporary):
                await post(trigger)
            await post(trigger)
            await post(trigger)
        assert ["thread_ts" in message for message in slack.messages] == [False, True]

    async def test_a_thread_that_is_gone_is_forgotten(self, slack: FakeSlack) -> None:
        async with make(slack, thread={"messageAggregationKey": "run-1"}) as trigger:
            await post(trigger)
            slack.messages.clear()
            with pytest.raises(Permanent):
                await post(trigger)
            await post(trigger)
        assert "thread_ts" not in slack.messages[0]

    async def test_only_so_many_are_remembered(self, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
        assert THREADS > 100
        monkeypatch.setattr("triggers.slack.THREADS", 2)
        async with make(slack) as trigger:
            for key in ("a", "b", "a", "c", "a", "b"):
                await trigger.fire(trigger.render(keyed(trigger, key), PUSH), "key")
        opens = ["thread_ts" not in message for message in slack.messages]
        assert opens == [True, True, False, True, False, True]


class TestErrors:
    @pytest.mark.parametrize(
        "error", ["ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"]
    )
    async def test_what_may_pass(self, slack: FakeSlack, error: str) -> None:
        slack.script.append(refusal(error, **{"Retry-After": "3"}))
        async with make(slack) as trigger:
            with pytest.raises(Temporary, match=error) as failure:
                await post(trigger)
        assert failure.value.after == 3.0

    @pytest.mark.parametrize(
        "error", ["invalid_auth", "channel_not_found", "not_in_channel", "is_archived", "new_word"]
    )
    async def test_what_will_not_pass_has_a_fix(self, slack: FakeSlack, error: str) -> None:
        slack.script.append(refusal(error))
        async with make(slack) as trigger:
            with pytest.raises(Permanent, match=error) as failure:
                await post(trigger)
        assert failure.value.fix
        assert failure.value.answer == f'{{"ok": false, "error": "{error}"}}'  # type: ignore[attr-defined]

    async def test_a_wrong_token(self, slack: FakeSlack) -> None:
        async with make(slack, token="xoxb-wrong") as trigger:
            with pytest.raises(Permanent, match="invalid_auth") as failure:
                await post(trigger)
        assert "slackToken" in failure.value.fix

    async def test_a_token_that_is_none(self, slack: FakeSlack) -> None:
        async with make(slack, token="xoxb\nX-More: 1") as trigger:
            with pytest.raises(Permanent) as failure:
                await post(trigger)
        assert "xoxb" not in str(failure.value)

    async def test_a_token_that_is_missing_may_come(self, slack: FakeSlack) -> None:
        async with make(slack, slackToken={"name": "slack", "key": "other"}) as trigger:
            with pytest.raises(Temporary, match="no key 'other'"):
                await post(trigger)

    async def test_something_that_is_not_slack(self, slack: FakeSlack) -> None:
        slack.script.append(web.Response(text="<html>"))
        async with make(slack) as trigger:
            with pytest.raises(Temporary, match="not Slack's API"):
                await post(trigger)

    async def test_an_answer_as_long_as_a_message_may_be(self, slack: FakeSlack) -> None:
        text = "x" * 200_000
        async with make(slack, message=text) as trigger:
            outcome = await post(trigger)
        assert len(outcome.answer) == 1024
        assert slack.messages[0]["text"] == text


class TestCheck:
    def test_nothing_to_say(self) -> None:
        assert Slack.check(make().settings) == []
        assert (
            Slack.check(make(channel="", parameters=[{"src": {"dependencyName": "d"}, "dest": "channel"}]).settings)
            == []
        )

    @pytest.mark.parametrize(
        ("fields", "path", "fault"),
        [
            ({"slackToken": None}, "slackToken", True),
            ({"channel": ""}, "channel", False),
            ({"message": ""}, "message", False),
            ({"sender": {"icon": "rocket"}}, "sender.icon", False),
        ],
    )
    def test_findings(self, fields: dict[str, Any], path: str, fault: bool) -> None:
        (found,) = Slack.check(make(**fields).settings)
        assert found[0] == path
        assert found[1].startswith("warning: ") is not fault
        assert found[2]
