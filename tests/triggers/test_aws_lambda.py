"""triggers/aws_lambda.py against a stand-in that is strict, and against moto."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import StatusPolicy, TriggerParameter, TriggerPolicy
from tests.contract.trigger import RETRY_AFTER, RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.aws_lambda import ACCESS_KEY, FUNCTION, REGION, SECRET_KEY, FakeLambda, function_error, refusal
from tests.fakes.sink import HANG, RESET, answer
from tests.fakes.values import FakeValues, context, event
from tests.servers.moto import MotoServer
from tests.triggers.aws_settings import nowhere as nowhere
from triggers.aws_lambda import ANSWER_LIMIT, AWSLambda, AWSLambdaSettings, Invocation
from triggers.base import Outcome

pytestmark = pytest.mark.usefixtures("nowhere")

PUSH = FakeValues(push=event({"ref": "main", "n": 7, "who": "Grüße"}))
KEY = "a" * 32
KEYS = {"access": ACCESS_KEY, "secret": SECRET_KEY}

TROUBLES: Mapping[Trouble, bytes] = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: refusal(500, "ServiceException", "out of order"),
    Trouble.BUSY: refusal(429, "TooManyRequestsException", "Rate Exceeded.", Retry_After=str(int(RETRY_AFTER))),
    Trouble.REFUSES: refusal(404, "ResourceNotFoundException", "Function not found"),
    Trouble.HANGS: HANG,
}


def src(key: str = "", **more: Any) -> dict[str, Any]:
    """A parameter's source in the event `push`."""
    return {"dependencyName": "push", "dataKey": key, **more}


def make(
    endpoint: str, policy: TriggerPolicy | None = None, secrets: Mapping[str, str] = KEYS, /, **fields: Any
) -> AWSLambda:
    """The trigger of a manifest's `awsLambda` block."""
    block = {
        "functionName": FUNCTION,
        "region": REGION,
        "payload": [{"src": src("ref"), "dest": "ref"}],
        "accessKey": {"name": "aws", "key": "access"},
        "secretKey": {"name": "aws", "key": "secret"},
        "endpoint": endpoint,
    }
    settings = AWSLambdaSettings.model_validate({**block, **fields})
    return AWSLambda(settings, context(policy, **secrets))


def render(trigger: AWSLambda, values: FakeValues = PUSH) -> Invocation:
    """What it would send."""
    return trigger.render(trigger.settings, values)


async def fire(trigger: AWSLambda, values: FakeValues = PUSH) -> Outcome:
    """Enter, fire once, leave."""
    async with trigger:
        return await trigger.fire(render(trigger, values), KEY)


def allow(*statuses: int) -> TriggerPolicy:
    """A policy."""
    return TriggerPolicy(status=StatusPolicy(allow=list(statuses)))


@pytest.fixture
async def aws() -> AsyncIterator[FakeLambda]:
    async with FakeLambda() as server:
        yield server


class TestContract(RemoteTriggerContract):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with FakeLambda() as aws:

            def suffer(trouble: Trouble) -> None:
                aws.sink.script.append(TROUBLES[trouble])

            async def shut() -> None:
                await aws.sink.__aexit__(None, None, None)

            yield RemoteStage(
                trigger=make(aws.url),
                values=PUSH,
                seen=lambda: [f"{seen.method} {seen.target} {seen.body!r}" for seen in aws.sink.requests],
                keys=lambda: [given["custom"]["idempotencyKey"] for given in aws.contexts],
                secrets=[ACCESS_KEY, SECRET_KEY],
                suffer=suffer,
                release=aws.sink.release,
                arrived=lambda count: aws.sink.until(lambda sink: len(sink.requests) >= count),
                abandoned=lambda: aws.sink.until(lambda sink: sink.open == 0),
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"payload": [parameter]})


class TestInvocation:
    @pytest.mark.parametrize(
        ("kind", "sent", "status", "told"),
        [
            ("", "RequestResponse", 200, '{"ref":"main"}'),
            ("RequestResponse", "RequestResponse", 200, '{"ref":"main"}'),
            ("Event", "Event", 202, ""),
            ("DryRun", "DryRun", 204, ""),
        ],
    )
    async def test_types(self, aws: FakeLambda, kind: str, sent: str, status: int, told: str) -> None:
        assert await fire(make(aws.url, invocationType=kind)) == Outcome(status, told)
        [seen] = aws.sink.requests
        assert seen.header("X-Amz-Invocation-Type") == sent
        assert seen.body == b'{"ref":"main"}'

    async def test_the_key_is_for_functions_that_are_waited_for(self, aws: FakeLambda) -> None:
        await fire(make(aws.url))
        await fire(make(aws.url, invocationType="Event"))
        assert aws.contexts == [{"custom": {"idempotencyKey": KEY}}, None]

    @pytest.mark.parametrize(
        "name", ["resize:prod", "arn:aws:lambda:eu-west-1:123456789012:function:resize", "123456789012:function:resize"]
    )
    async def test_names(self, aws: FakeLambda, name: str) -> None:
        aws.sink.script.append(answer())
        await fire(make(aws.url, functionName=name))
        assert aws.sink.requests[0].target == f"/2015-03-31/functions/{name.replace(':', '%3A')}/invocations"

    async def test_a_payload_of_nothing(self, aws: FakeLambda) -> None:
        assert (await fire(make(aws.url, payload=[]))).status == 200

    async def test_parameters_of_the_block(self, aws: FakeLambda) -> None:
        parameters = [
            {"src": src("ref"), "dest": "functionName"},
            {"src": {"dependencyName": "push", "value": "Event"}, "dest": "invocationType"},
        ]
        aws.sink.script.append(answer(202, b""))
        assert (await fire(make(aws.url, parameters=parameters))).status == 202
        assert "/main/" in aws.sink.requests[0].target

    async def test_a_firing_may_go_elsewhere(self, aws: FakeLambda) -> None:
        trigger = make(aws.url)
        async with trigger, FakeLambda() as other:
            elsewhere = trigger.settings.model_copy(update={"endpoint": other.url})
            for settings in (trigger.settings, elsewhere, trigger.settings):
                await trigger.fire(trigger.render(settings, PUSH), KEY)
            assert (len(aws.sink.requests), len(other.sink.requests)) == (2, 1)

    async def test_a_connection_is_kept(self, aws: FakeLambda) -> None:
        trigger = make(aws.url)
        async with trigger:
            for _ in range(3):
                await trigger.fire(render(trigger), KEY)
        assert aws.sink.accepted == 1

    async def test_a_secret_that_changes(self, aws: FakeLambda) -> None:
        secrets = {**KEYS, "secret": "old"}
        trigger = make(aws.url, None, secrets)
        async with trigger:
            with pytest.raises(Permanent, match="InvalidSignatureException") as failure:
                await trigger.fire(render(trigger), KEY)
            assert failure.value.fix == "check the access key and the secret key"
            assert "Canonical" not in str(failure.value)
            trigger.context.secrets._values.update(KEYS)  # type: ignore[attr-defined]
            assert (await trigger.fire(render(trigger), KEY)).status == 200

    async def test_a_secret_that_is_missing_may_come(self, aws: FakeLambda) -> None:
        with pytest.raises(Temporary, match="no key 'secret'"):
            await fire(make(aws.url, None, {"access": ACCESS_KEY}))
        assert not aws.sink.requests

    async def test_a_secret_that_is_empty(self, aws: FakeLambda) -> None:
        with pytest.raises(Permanent, match="is empty"):
            await fire(make(aws.url, None, {**KEYS, "secret": "\n"}))

    async def test_credentials_of_this_machine(self, aws: FakeLambda, nowhere: pytest.MonkeyPatch) -> None:
        trigger = make(aws.url, accessKey=None, secretKey=None)
        async with trigger:
            with pytest.raises(Temporary, match="no AWS credentials") as failure:
                await trigger.fire(render(trigger), KEY)
            assert "accessKey" in failure.value.fix
            nowhere.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            nowhere.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            assert (await trigger.fire(render(trigger), KEY)).status == 200

    @pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA"])
    async def test_the_endpoint_of_the_environment(
        self, aws: FakeLambda, nowhere: pytest.MonkeyPatch, name: str
    ) -> None:
        nowhere.setenv(name, aws.url)
        assert (await fire(make(""))).status == 200


class TestAnswer:
    async def test_is_cut(self, aws: FakeLambda) -> None:
        aws.sink.script.append(answer(200, b"x" * 128 * ANSWER_LIMIT))
        trigger = make(aws.url)
        async with trigger:
            assert await trigger.fire(render(trigger), KEY) == Outcome(200, "x" * 1024)
            assert (await trigger.fire(render(trigger), KEY)).answer == '{"ref":"main"}'
        assert aws.sink.accepted == 2

    @pytest.mark.parametrize("policy", [None, allow(200)])
    async def test_a_function_that_failed(self, aws: FakeLambda, policy: TriggerPolicy | None) -> None:
        aws.sink.script.append(function_error("no such image\nhere", "NotFound"))
        with pytest.raises(Temporary) as failure:
            await fire(make(aws.url, policy))
        assert str(failure.value) == (
            f"{aws.sink.authority}, function resize: the function failed (Unhandled): NotFound: no such image here"
        )
        assert failure.value.status == 200  # type: ignore[attr-defined]
        assert json.loads(failure.value.answer)["errorType"] == "NotFound"  # type: ignore[attr-defined]

    @pytest.mark.parametrize("body", [b"", b"[]", b"Task timed out", b'{"errorMessage":null}', b"\xff"])
    async def test_a_function_that_failed_in_other_words(self, aws: FakeLambda, body: bytes) -> None:
        aws.sink.script.append(answer(200, body, X_Amz_Function_Error="Handled"))
        with pytest.raises(Temporary, match=r"the function failed \(Handled\)"):
            await fire(make(aws.url))

    async def test_policy(self, aws: FakeLambda) -> None:
        assert (await fire(make(aws.url, allow(202), invocationType="Event"))).status == 202
        with pytest.raises(Permanent, match="answered 200") as failure:
            await fire(make(aws.url, allow(202)))
        assert "policy.status.allow" in failure.value.fix

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "InvalidRequestContentException"),
            (400, "InvalidParameterValueException"),
            (403, "AccessDeniedException"),
            (403, "UnrecognizedClientException"),
            (404, "ResourceNotFoundException"),
            (413, "RequestTooLargeException"),
            (415, "UnsupportedMediaTypeException"),
            (418, "TeapotException"),
        ],
    )
    async def test_what_will_not_pass(self, aws: FakeLambda, status: int, code: str) -> None:
        aws.sink.script.append(refusal(status, code))
        with pytest.raises(Permanent) as failure:
            await fire(make(aws.url))
        assert str(failure.value) == f"{aws.sink.authority}, function resize: answered {status} {code}: because"
        assert failure.value.fix
        assert failure.value.status == status  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (403, "ExpiredTokenException"),
            (409, "ResourceConflictException"),
            (429, "TooManyRequestsException"),
            (500, "ServiceException"),
            (502, "EC2ThrottledException"),
            (503, "ServiceUnavailable"),
            (400, "ThrottlingException"),
        ],
    )
    async def test_what_may_pass(self, aws: FakeLambda, status: int, code: str) -> None:
        aws.sink.script.append(refusal(status, code, Retry_After="3"))
        with pytest.raises(Temporary) as failure:
            await fire(make(aws.url))
        assert failure.value.after == 3
        assert len(aws.sink.requests) == 1

    async def test_that_does_not_come(self, aws: FakeLambda, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("triggers.aws_lambda.TIMEOUTS", {"RequestResponse": 0.5})
        aws.sink.script.append(HANG)
        with pytest.raises(Temporary, match="no answer in time"):
            await fire(make(aws.url))

    async def test_a_clock_that_is_wrong_may_be_set(self, aws: FakeLambda) -> None:
        aws.sink.script.append(refusal(403, "InvalidSignatureException", "Signature expired: 2020 is now earlier"))
        with pytest.raises(Temporary) as failure:
            await fire(make(aws.url))
        assert "clock" in failure.value.fix

    @pytest.mark.parametrize("said", [b"", b"not http\r\n\r\n"])
    async def test_answers_that_are_none(self, aws: FakeLambda, said: bytes) -> None:
        aws.sink.script.append(said)
        with pytest.raises(Temporary) as failure:
            await fire(make(aws.url))
        assert aws.sink.authority in failure.value.where

    async def test_the_rest_of_an_answer_is_done_without(
        self, aws: FakeLambda, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("triggers.aws_lambda.ANSWER_TIMEOUT", 0.05)
        aws.sink.script.append(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut")
        assert await fire(make(aws.url)) == Outcome(200, "cut")


class TestRendering:
    @pytest.mark.parametrize("fields", [{"functionName": ""}, {"invocationType": "Later"}])
    def test_what_cannot_be_sent_is_permanent(self, fields: dict[str, Any]) -> None:
        with pytest.raises(Permanent) as failure:
            render(make("", **fields))
        assert failure.value.fix

    @pytest.mark.parametrize(
        "fields", [{"region": ""}, {"region": "no region!"}, {"endpoint": "not a url"}, {"functionName": "x" * 300}]
    )
    async def test_what_the_library_refuses(self, aws: FakeLambda, fields: dict[str, Any]) -> None:
        aws.sink.script.append(refusal(400, "ValidationException"))
        with pytest.raises(Permanent) as failure:
            await fire(make(aws.url if "functionName" in fields else "", **fields))
        assert failure.value.fix
        assert failure.value.where

    def test_show(self) -> None:
        assert render(make("")).show() == 'RequestResponse resize in eu-west-1  {"ref":"main"}'
        assert render(make("")).view() == {
            "functionName": "resize",
            "invocationType": "RequestResponse",
            "region": "eu-west-1",
            "payload": '{"ref":"main"}',
        }


class TestCheck:
    def test_sound(self) -> None:
        assert AWSLambda.check(make("http://127.0.0.1:5000").settings) == []
        assert AWSLambda.check(make("", accessKey=None, secretKey=None, roleARN="arn:aws:iam::1:role/r").settings) == []

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"invocationType": "event"}, "invocationType"),
            ({"accessKey": None}, "accessKey"),
            ({"secretKey": None}, "secretKey"),
            ({"roleARN": "arn:aws:iam::1:role/r"}, "roleARN"),
            ({"endpoint": "localhost:5000"}, "endpoint"),
        ],
    )
    def test_at_fault(self, fields: dict[str, Any], field: str) -> None:
        [(found, what, fix)] = AWSLambda.check(make("", **fields).settings)
        assert found == field
        assert what
        assert fix
        assert what.startswith("warning: ") is (field == "roleARN")


class TestMoto:
    @pytest.mark.parametrize(("kind", "status"), [("", 200), ("Event", 202), ("DryRun", 204)])
    async def test_invocation(self, moto_server: MotoServer, kind: str, status: int) -> None:
        trigger = make(moto_server.url, None, {"access": "any", "secret": "any"}, invocationType=kind)
        outcome = await fire(trigger)
        assert outcome.status == status
        if not kind:
            assert outcome.answer == '{"ref":"main"}'

    async def test_a_role(self, moto_server: MotoServer, nowhere: pytest.MonkeyPatch) -> None:
        nowhere.setenv("AWS_ENDPOINT_URL", moto_server.url)
        nowhere.setenv("AWS_ACCESS_KEY_ID", "machine")
        nowhere.setenv("AWS_SECRET_ACCESS_KEY", "machine")
        role = "arn:aws:iam::123456789012:role/deployer"
        assert (await fire(make("", accessKey=None, secretKey=None, roleARN=role))).status == 200
