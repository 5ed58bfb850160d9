"""triggers/aws/login.py against moto's STS."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from config.model import SecretKeySelector
from tests.fakes.sink import Sink, answer, closed_port
from tests.fakes.values import FakeSecrets
from tests.servers.moto import MotoServer
from tests.triggers.aws_settings import nowhere as nowhere
from triggers.aws.failures import failure_of
from triggers.aws.login import RENEW_AGAIN, RENEW_EARLY, Credentials, Login, make_credentials
from triggers.status import Refused

ROLE = "arn:aws:iam::123456789012:role/deployer"
HOUR = 3600.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = time.time()

    def __call__(self) -> float:
        return self.time


def role(now: Clock) -> Credentials:
    """Credentials by a role."""
    return make_credentials(Login(role=ROLE), "eu-west-1", FakeSecrets(), now)


async def key_of(credentials: Credentials) -> str:
    """The access key of this moment."""
    found: Any = await credentials.get_frozen_credentials()
    assert found.secret_key
    assert found.token
    return str(found.access_key)


@pytest.fixture
def machine(nowhere: pytest.MonkeyPatch, moto_server: MotoServer) -> pytest.MonkeyPatch:
    """A machine with credentials, whose AWS is moto."""
    nowhere.setenv("AWS_ACCESS_KEY_ID", "machine")
    nowhere.setenv("AWS_SECRET_ACCESS_KEY", "machine")
    nowhere.setenv("AWS_ENDPOINT_URL_STS", moto_server.url)
    return nowhere


class TestRole:
    async def test_is_kept_until_shortly_before_its_end(self, machine: pytest.MonkeyPatch) -> None:
        now = Clock()
        credentials = role(now)
        first = await key_of(credentials)
        now.time += HOUR - RENEW_EARLY - 10
        assert await key_of(credentials) == first
        now.time += 20
        assert await key_of(credentials) not in ("machine", first)

    async def test_is_taken_on_once_for_many(self, machine: pytest.MonkeyPatch) -> None:
        credentials = role(Clock())
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(key_of(credentials)) for _ in range(8)]
        assert len({task.result() for task in tasks}) == 1

    async def test_is_used_to_its_end_if_it_cannot_be_renewed(
        self, machine: pytest.MonkeyPatch, moto_server: MotoServer
    ) -> None:
        now = Clock()
        credentials = role(now)
        first = await key_of(credentials)
        machine.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{closed_port()}")
        now.time += HOUR - RENEW_EARLY + 10
        assert await key_of(credentials) == first
        machine.setenv("AWS_ENDPOINT_URL_STS", moto_server.url)
        now.time += RENEW_AGAIN - 1
        assert await key_of(credentials) == first
        now.time += 2
        assert await key_of(credentials) != first

    async def test_that_has_ended(self, machine: pytest.MonkeyPatch) -> None:
        now = Clock()
        credentials = role(now)
        await key_of(credentials)
        machine.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{closed_port()}")
        now.time += HOUR + 10
        with pytest.raises(EndpointConnectionError):
            await key_of(credentials)

    async def test_that_is_refused(self, machine: pytest.MonkeyPatch) -> None:
        body = (
            b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
            b"<Message>User: arn is not authorized</Message></Error></ErrorResponse>"
        )
        async with Sink(usual=answer(403, body)) as sts:
            machine.setenv("AWS_ENDPOINT_URL_STS", sts.url)
            with pytest.raises(ClientError) as failure:
                await key_of(role(Clock()))
        error = failure_of(failure.value, "lambda.example", {"AccessDenied": "allow lambda:InvokeFunction"})
        assert isinstance(error, Refused)
        assert error.what == "the role cannot be taken on: AWS answered 403 AccessDenied: User: arn is not authorized"
        assert error.fix == "let this machine's credentials assume the role: see its trust policy"


class TestLogin:
    def test_check(self) -> None:
        key = SecretKeySelector(name="s", key="k")
        assert Login().check() == Login(key, key).check() == Login(role=ROLE).check() == []
        assert Login(key).check()[0][0] == "secretKey"
        assert Login(None, key).check()[0][0] == "accessKey"
        assert Login(key, key, ROLE).check()[0][1].startswith("warning: ")

    async def test_keys_as_they_are_now(self) -> None:
        secrets = FakeSecrets(a="key", s="one\n")
        login = Login(SecretKeySelector(name="n", key="a"), SecretKeySelector(name="n", key="s"))
        credentials = make_credentials(login, "", secrets)
        assert (await credentials.get_frozen_credentials())[:2] == ("key", "one")
        secrets._values["s"] = "two"
        assert (await credentials.get_frozen_credentials())[:2] == ("key", "two")

    def test_is_not_shown(self) -> None:
        assert "key" not in repr(make_credentials(Login(), "", FakeSecrets(a="key")))
