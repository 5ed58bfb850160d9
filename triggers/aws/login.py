"""Who asks AWS: the keys of a manifest, a role taken on, or whatever this machine is; settled anew for each request, so
that a Secret may change and a session may end while the trigger runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from aiobotocore.credentials import AioCredentials
from aiobotocore.session import AioSession
from botocore.credentials import ReadOnlyCredentials

from config.credentials import Secrets, text_of
from config.errors import Permanent, Temporary
from config.model import SecretKeySelector
from triggers.aws.config import CONNECT_TIMEOUT, client_config

RENEW_EARLY: Final = 300.0
"""Seconds before a role's session ends in which it is renewed."""

RENEW_AGAIN: Final = 30.0
"""Seconds until renewing is tried again, if it failed while the session still holds."""

_NO_CHAIN: Final = (
    "give accessKey and secretKey, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or an instance role"
)


@dataclass(frozen=True, slots=True)
class Login:
    """As in Argo Events a role is taken on as whoever this machine is, whatever keys are given beside it; without role
    and keys, this machine asks (environment, profile, web identity, container or instance)."""

    access_key: SecretKeySelector | None = None
    secret_key: SecretKeySelector | None = None
    role: str = ""

    def check(self) -> list[tuple[str, str, str]]:
        """What contradicts itself, as `Trigger.check` returns it."""
        given = (self.access_key is not None, self.secret_key is not None)
        if self.role and any(given):
            return [("roleARN", "warning: the keys are not used beside a role", "remove accessKey and secretKey")]
        if not self.role and given[0] != given[1]:
            return [
                ("secretKey" if given[0] else "accessKey", "access key and secret key belong together", "give both")
            ]
        return []


class Credentials(AioCredentials):  # type: ignore[misc]
    """What the client library asks for credentials before each signature, and where it asks for this."""

    def __init__(self, frozen: Callable[[], Awaitable[ReadOnlyCredentials]]) -> None:
        super().__init__("", "", method="eventyard")
        self._frozen = frozen

    async def load_credentials(self) -> Self:
        """Of a session's provider."""
        return self

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Those of this moment."""
        return await self._frozen()


def make_credentials(login: Login, region: str, secrets: Secrets, now: Callable[[], float] = time.time) -> Credentials:
    """The credentials of a login. Asking them raises Temporary or Permanent, or an error of the client library."""
    if login.role:
        return Credentials(_Role(login.role, region, now))
    if login.access_key is None and login.secret_key is None:
        return Credentials(_Machine())

    async def keys() -> ReadOnlyCredentials:
        access, secret = (text_of(secrets, key).strip() for key in (login.access_key, login.secret_key))
        if not (access and secret):
            raise Permanent("the access key or the secret key is empty", fix="check accessKey and secretKey")
        return ReadOnlyCredentials(access, secret, None)

    return Credentials(keys)


class _Machine:
    """The library's own chain; what it finds it keeps and renews."""

    def __init__(self) -> None:
        self.session = AioSession()

    async def __call__(self) -> ReadOnlyCredentials:
        found = await self.session.get_credentials()
        if found is None:
            raise Temporary("this machine has no AWS credentials", fix=_NO_CHAIN)
        return await found.get_frozen_credentials()


class _Role:
    """A session of a role, kept until shortly before its end."""

    def __init__(self, arn: str, region: str, now: Callable[[], float]) -> None:
        self._arn, self._region, self._now = arn, region, now
        self._machine = _Machine()
        self._current: ReadOnlyCredentials | None = None
        self._ends = self._renew = 0.0
        self._renewing = asyncio.Lock()

    async def __call__(self) -> ReadOnlyCredentials:
        async with self._renewing:
            if self._current is None or self._now() >= self._renew:
                await self._take_on()
            return self._current

    async def _take_on(self) -> None:
        try:
            answer = await self._ask()
        except Exception:
            if self._current is None or self._now() >= self._ends:
                raise
            self._renew = self._now() + RENEW_AGAIN
            return
        given = answer["Credentials"]
        self._current = ReadOnlyCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        self._ends = given["Expiration"].timestamp()
        self._renew = self._ends - RENEW_EARLY

    async def _ask(self) -> Any:
        # Says in its own words if there are no credentials to ask with.
        await self._machine()
        async with (
            asyncio.timeout(2 * CONNECT_TIMEOUT),
            self._machine.session.create_client(
                "sts", region_name=self._region or None, config=client_config()
            ) as client,
        ):
            return await client.assume_role(RoleArn=self._arn, RoleSessionName="eventyard")
