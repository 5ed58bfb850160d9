"""Logging in to Amazon MSK with IAM: a bearer token that is a presigned URL, made anew for each connection.

The protocol is that of AWS's own signers (aws-msk-iam-sasl-signer): the request `Action=kafka-cluster:Connect`, signed by
Signature Version 4 in the query, in unpadded URL-safe base64. Credentials come from where all AWS clients look for them.
"""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final

from aiokafka.abc import AbstractTokenProvider

from config.errors import Permanent, Temporary

LIFETIME: Final = 900
"""Seconds for which a token can be used to connect."""

_SERVICE: Final = "kafka-cluster"
_AGENT: Final = "eventyard"


def system_credentials() -> Any:
    """botocore's credentials of this process, from the environment, files, a web identity or the machine; None if there are
    none. Raises Permanent if botocore is not installed."""
    try:
        from botocore.session import Session
    except ModuleNotFoundError:
        raise Permanent("awsMskIamAuth needs botocore", where="awsMskIamAuth", fix="pip install botocore") from None
    return Session().get_credentials()


class MskTokens(AbstractTokenProvider):  # type: ignore[misc]
    """A token for each connection. `credentials` may read files and ask the network."""

    def __init__(self, region: str, *, credentials: Callable[[], Any] = system_credentials) -> None:
        self._region, self._credentials = region, credentials

    async def token(self) -> str:
        """Raises Temporary if there are no credentials."""
        return await asyncio.to_thread(self._sign)

    def _sign(self) -> str:
        found = self._credentials()
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError

        try:
            frozen = found.get_frozen_credentials() if found is not None else None
        except BotoCoreError as error:
            raise Temporary(f"the AWS credentials cannot be had: {error}", where="awsMskIamAuth", fix=_FIX) from None
        if frozen is None:
            raise Temporary("there are no AWS credentials", where="awsMskIamAuth", fix=_FIX)
        url = f"https://kafka.{self._region}.amazonaws.com/"
        request = AWSRequest("GET", url, params={"Action": f"{_SERVICE}:Connect"})
        SigV4QueryAuth(frozen, _SERVICE, self._region, expires=LIFETIME).add_auth(request)
        return urlsafe_b64encode(f"{request.url}&User-Agent={_AGENT}".encode()).decode().rstrip("=")


_FIX: Final = "give the process a role, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
