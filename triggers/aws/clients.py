"""Clients of AWS services, for all triggers that call one: opened when first used, shared by firings, closed on leaving.

Only this file and those beside it (`aws_config`, `aws_login`, `aws_failures`) know the client library.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any, Final, Self
from urllib.parse import urlsplit

from aiobotocore.session import AioSession

from config.credentials import Secrets, text_of
from config.model import SecretKeySelector
from triggers.aws.config import client_config
from triggers.aws.login import Login, make_credentials

CLIENTS: Final = 16
"""Clients kept, of those that no firing uses; parameters may send firings to any region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service, where it is, and who asks.

    Without an `endpoint` (an absolute URL) it is the region's own, or that of the environment (`AWS_ENDPOINT_URL`,
    `AWS_ENDPOINT_URL_LAMBDA`, ...). `bucket_in_path` and `authority` (a certificate) are for other stores than AWS's.
    """

    name: str
    region: str
    login: Login
    endpoint: str = ""
    bucket_in_path: bool = False
    authority: SecretKeySelector | None = None


@dataclass(slots=True)
class _Kept:
    client: Any
    close: Callable[[], Any]
    users: int = 0


class Clients:
    """The clients of one trigger."""

    def __init__(self, secrets: Secrets, *, now: Callable[[], float] = time.time) -> None:
        self._secrets, self._now = secrets, now
        self._kept: dict[Service, _Kept] = {}
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        while self._kept:
            await self._kept.popitem()[1].close()

    @asynccontextmanager
    async def use(self, service: Service) -> AsyncIterator[Any]:
        """The client of a service; opening one waits for nobody, as its credentials are asked for with each request.

        Raises what `aws_failures.FAILURES` names.
        """
        async with self._opening:
            kept = self._kept.pop(service, None) or await self._open(service)
            self._kept[service] = kept
        kept.users += 1
        try:
            yield kept.client
        finally:
            kept.users -= 1
            await self._close_idle()

    async def _close_idle(self) -> None:
        """Close those that were not used for the longest time, as far as there are too many."""
        while len(self._kept) > CLIENTS:
            idle = next((service for service, kept in self._kept.items() if not kept.users), None)
            if idle is None:
                break
            await self._kept.pop(idle).close()

    async def _open(self, service: Service) -> _Kept:
        session = AioSession()
        session.register_component(
            "credential_provider", make_credentials(service.login, service.region, self._secrets, self._now)
        )
        options = {"s3": {"addressing_style": "path"}} if service.bucket_in_path else {}
        async with AsyncExitStack() as stack:
            authority = None
            if service.authority is not None:
                authority = stack.enter_context(_file(text_of(self._secrets, service.authority)))
            client = await stack.enter_async_context(
                session.create_client(
                    service.name,
                    region_name=service.region or None,
                    endpoint_url=service.endpoint or None,
                    # The library reads it when the first request is sent.
                    verify=authority,
                    config=client_config(**options),
                )
            )
            return _Kept(client, stack.pop_all().aclose)


@contextmanager
def _file(text: str) -> Iterator[str]:
    """The name of a file that holds a text."""
    with NamedTemporaryFile("w", prefix="eventyard-", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name


def host_of(client: Any) -> str:
    """Where a client's requests go, for a person to read."""
    return urlsplit(str(client.meta.endpoint_url)).netloc.rpartition("@")[2]
