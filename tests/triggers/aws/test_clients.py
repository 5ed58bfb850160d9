"""triggers/aws/clients.py: which clients are kept."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.fakes.values import FakeSecrets
from tests.triggers.aws_settings import nowhere as nowhere
from triggers.aws import clients as aws
from triggers.aws.clients import Clients, Service, host_of
from triggers.aws.login import Login

pytestmark = pytest.mark.usefixtures("nowhere")


def queue(number: int) -> Service:
    """A service of its own for each number."""
    return Service(name="sts", region="eu-west-1", login=Login(), endpoint=f"http://user:pw@host-{number}:5000/x")


async def client_of(clients: Clients, number: int) -> Any:
    """What is used for it now."""
    async with clients.use(queue(number)) as client:
        return client


async def test_a_client_is_shared() -> None:
    async with Clients(FakeSecrets()) as clients:
        assert await client_of(clients, 1) is await client_of(clients, 1)
        assert await client_of(clients, 1) is not await client_of(clients, 2)
        assert host_of(await client_of(clients, 1)) == "host-1:5000"


async def test_of_many_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "CLIENTS", 2)
    async with Clients(FakeSecrets()) as clients:
        first, second = await client_of(clients, 1), await client_of(clients, 2)
        assert await client_of(clients, 1) is first
        await client_of(clients, 3)
        assert await client_of(clients, 1) is first
        assert await client_of(clients, 2) is not second


async def test_one_in_use_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "CLIENTS", 1)
    async with Clients(FakeSecrets()) as clients, AsyncExitStack() as stack:
        first = await stack.enter_async_context(clients.use(queue(1)))
        await client_of(clients, 2)
        await client_of(clients, 3)
        assert await client_of(clients, 1) is first


def test_the_library_is_loaded_by_who_needs_it() -> None:
    script = "import sys, eventyard.build, triggers.delivery.dispatch; print('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == b"False\n"
