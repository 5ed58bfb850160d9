"""Lambda's Invoke as far as a client can tell: it checks the signature and what may be invoked, and answers with what it
was given (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64decode
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote

from tests.fakes.sink import Seen, Sink, answer

ACCESS_KEY: Final = "AKIAEXAMPLE7F3A"
SECRET_KEY: Final = "secret-that-nobody-sees/9c1e"
REGION: Final = "eu-west-1"
FUNCTION: Final = "resize"

STATUSES: Final = {"RequestResponse": 200, "Event": 202, "DryRun": 204}
_PATH: Final = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations")
_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/((\d{8})/([^/]+)/lambda/aws4_request), "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def refusal(status: int, code: str, message: str = "because", **headers: str) -> bytes:
    """An error as Lambda words it."""
    body = json.dumps({"Type": "User", "Message": message}).encode()
    return answer(status, body, X_Amzn_ErrorType=code, **headers)


def function_error(message: str, kind: str = "ValueError", handled: str = "Unhandled") -> bytes:
    """The answer of a function that raised an exception."""
    body = json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": ["at handler"]}).encode()
    return answer(200, body, X_Amz_Function_Error=handled)


class FakeLambda:
    """One function in one region, for one pair of keys. What is in `sink.script` is answered first, whatever is asked."""

    def __init__(self) -> None:
        self.sink = Sink(usual=self._invoke)

    async def __aenter__(self) -> Self:
        await self.sink.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.sink.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        """The endpoint."""
        return self.sink.url

    @property
    def contexts(self) -> list[Any]:
        """The client context of each invocation, None without one."""
        given = [seen.header("X-Amz-Client-Context") for seen in self.sink.requests]
        return [None if context is None else json.loads(b64decode(context)) for context in given]

    def _invoke(self, seen: Seen) -> bytes:
        if (refused := self._refusal(seen)) is not None:
            return refused
        kind = seen.header("X-Amz-Invocation-Type") or "RequestResponse"
        if kind not in STATUSES:
            return refusal(400, "InvalidParameterValueException", f"invocation type {kind}")
        status = STATUSES[kind]
        return answer(status, seen.body if status == 200 else b"", X_Amz_Executed_Version="$LATEST")

    def _refusal(self, seen: Seen) -> bytes | None:
        found = _AUTHORIZATION.fullmatch(seen.header("Authorization") or "")
        if found is None:
            return refusal(403, "MissingAuthenticationTokenException")
        if found[1] != ACCESS_KEY:
            return refusal(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        if found[4] != REGION or not hmac.compare_digest(_signature(seen, *found.group(2, 3, 5)), found[6]):
            return refusal(403, "InvalidSignatureException", "It does not match.\n\nThe Canonical String is 'POST")
        path = _PATH.fullmatch(seen.target)
        if seen.method != "POST" or path is None or unquote(path[1]).partition(":")[0] != FUNCTION:
            return refusal(404, "ResourceNotFoundException", f"Function not found: {seen.target}")
        try:
            json.loads(seen.body or b"{}")
        except ValueError:
            return refusal(400, "InvalidRequestContentException", "Could not parse request body into json")
        return None


def _signature(seen: Seen, scope: str, day: str, signed: str) -> str:
    """Signature version 4, from what was received."""
    names = signed.split(";")
    headers = "".join(f"{name}:{seen.header(name)}\n" for name in names)
    # The path of a request is encoded once more before it is signed.
    path = seen.target.replace("%", "%25")
    request = "\n".join([seen.method, path, "", headers, signed, hashlib.sha256(seen.body).hexdigest()])
    text = "\n".join(
        ["AWS4-HMAC-SHA256", str(seen.header("X-Amz-Date")), scope, hashlib.sha256(request.encode()).hexdigest()]
    )
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, REGION, "lambda", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
