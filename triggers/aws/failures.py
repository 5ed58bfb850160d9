"""What the failures of AWS's client library and the answers of its services mean for a firing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from botocore import exceptions as aws

from config.errors import EventyardError, Permanent, Temporary
from triggers.status import Refused, Unwell, parse_retry_after
from triggers.where import placed

FAILURES: Final[tuple[type[Exception], ...]] = (
    EventyardError,
    aws.BotoCoreError,
    aws.ClientError,
    aiohttp.ClientError,
    OSError,
    ValueError,
)
"""All that a call raises, TimeoutError being an OSError."""

_SHOWN: Final = 1024
# Codes of answers below 500 that tell of something that passes.
_PASSING: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "ExpiredToken",
        "ExpiredTokenException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "ResourceConflictException",
        "SlowDown",
        "SnapStartNotReadyException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_CLOCK: Final = ("Signature expired", "Signature not yet current")
_KEYS_FIX: Final = "check the access key and the secret key"
_FIXES: Final[Mapping[str, str]] = {
    "AccessDenied": "allow it to these credentials by a policy in AWS",
    "AccessDeniedException": "allow it to these credentials by a policy in AWS",
    "AuthorizationHeaderMalformed": "check region",
    "IncompleteSignature": _KEYS_FIX,
    "InvalidAccessKeyId": _KEYS_FIX,
    "InvalidClientTokenId": _KEYS_FIX,
    "InvalidSignatureException": _KEYS_FIX,
    "SignatureDoesNotMatch": _KEYS_FIX,
    "UnrecognizedClientException": _KEYS_FIX,
}
_ROLE_FIXES: Final = {"AccessDenied": "let this machine's credentials assume the role: see its trust policy"}
_OURS: Final = (
    aws.ParamValidationError,
    aws.ValidationError,
    aws.NoRegionError,
    aws.EndpointProviderError,
    aws.UnknownServiceError,
    ValueError,
)
_CREDENTIALS: Final = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.MetadataRetrievalError,
    aws.ProfileNotFound,
)


def failure_of(error: Exception, where: str, fixes: Mapping[str, str]) -> EventyardError:
    """The error of a firing, for one of FAILURES. `where` is the target for a person, `fixes` are by AWS's code."""
    if isinstance(error, Temporary | Permanent):
        return placed(error, where)
    if isinstance(error, aws.ClientError):
        return _answered(error, where, fixes)
    if isinstance(error, TimeoutError):
        return Temporary("no answer in time", where=where)
    if isinstance(error, aws.ConnectTimeoutError):
        return Temporary("no connection in time", where=where, fix="is the endpoint reachable?")
    if isinstance(error, aws.EndpointConnectionError):
        return Temporary("cannot connect", where=where, fix="is the endpoint right, and reachable?")
    if isinstance(error, aws.SSLError):
        return Temporary("its certificate is not trusted", where=where, fix="check endpoint and AWS_CA_BUNDLE")
    if isinstance(error, _CREDENTIALS):
        return Temporary(_line(error), where=where, fix="check this machine's AWS credentials")
    if isinstance(error, _OURS):
        return Permanent(_line(error), where=where, fix="check region, endpoint and the other fields of the block")
    return Temporary(f"the connection broke: {type(error).__name__}", where=where)


def _answered(error: Any, where: str, fixes: Mapping[str, str]) -> EventyardError:
    """What a service said is no success."""
    told, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code, status = str(told.get("Code", "")), int(meta.get("HTTPStatusCode", 0))
    # What follows the first line of some messages is the whole request that was signed.
    message = _first_line(str(told.get("Message", "")))
    what = f"answered {status} {code}: {message}"
    if error.operation_name == "AssumeRole":
        what, fixes = f"the role cannot be taken on: AWS {what}", _ROLE_FIXES
    if status >= 500 or status in (408, 429) or code in _PASSING or message.startswith(_CLOCK):
        after = parse_retry_after(meta.get("HTTPHeaders", {}).get("retry-after"))
        fix = "set this machine's clock" if message.startswith(_CLOCK) or code == "RequestTimeTooSkewed" else ""
        return Unwell(what, where=where, fix=fix, after=after, status=status, answer=message)
    fix = fixes.get(code) or _FIXES.get(code) or "look the code up in AWS's documentation"
    return Refused(what, where=where, fix=fix, status=status, answer=message)


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:_SHOWN]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:_SHOWN]
