"""What an API server's refusals mean: one table from HTTP status and `Status` object to an error of ours.

KubernetesError
├── Temporary
│   ├── Unreachable     no answer: connection, TLS, timeout
│   ├── Unauthorized    401, with credentials that are as new as they can be
│   ├── Unavailable     429, 5xx, a webhook that does not answer, a quota that is used up
│   ├── Conflict        409: the object has changed in the meantime
│   └── Expired         410: that version is forgotten; list again
└── Permanent
    ├── Forbidden       403: names the RBAC rule that is missing
    ├── Denied          an admission webhook or policy said no
    ├── NotFound        404
    ├── AlreadyExists   409
    ├── TooLarge        413, or more than etcd takes
    └── Invalid         400, 405, 406, 415, 422: names each field
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from config.errors import EventyardError, Permanent, Temporary

_LONGEST: Final = 600
_MOST_CAUSES: Final = 10


class KubernetesError(EventyardError):
    """`status` is the HTTP status, 0 without an answer; `reason` the server's word for it (`AlreadyExists`)."""

    status: int = 0
    reason: str = ""


class Unreachable(KubernetesError, Temporary):
    """There was no answer; whether the request was carried out is not known."""


class Unauthorized(KubernetesError, Temporary):
    """The server does not know who is asking."""


class Unavailable(KubernetesError, Temporary):
    """The server cannot do it now; `after` if it said how long that lasts."""


class Conflict(KubernetesError, Temporary):
    """The object has changed since it was read: read it again."""


class Expired(KubernetesError, Temporary):
    """The server has forgotten what happened since that version: list again."""


class Forbidden(KubernetesError, Permanent):
    """The user may not do that."""


class Denied(KubernetesError, Permanent):
    """Admission control does not want the object."""


class NotFound(KubernetesError, Permanent):
    """`served` is False if there is not even such a resource."""

    served: bool = True


class AlreadyExists(KubernetesError, Permanent):
    """An object of that name is there."""


class TooLarge(KubernetesError, Permanent):
    """More than the server or its store takes."""


class Invalid(KubernetesError, Permanent):
    """The request or the object is wrong as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was asked, for messages: `create workflows.argoproj.io 'x' in namespace 'y'`."""

    verb: str
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.verb} {self.what}"


_BY_STATUS: Final[Mapping[int, tuple[type[KubernetesError], str]]] = {
    400: (Invalid, ""),
    401: (Unauthorized, "log in again, or renew the token of this user"),
    403: (Forbidden, ""),
    404: (NotFound, ""),
    405: (Invalid, "this resource does not have that verb"),
    406: (Invalid, ""),
    409: (Conflict, ""),
    410: (Expired, ""),
    413: (TooLarge, "make the object smaller"),
    415: (Invalid, "choose another kind of patch: custom resources do not take strategic merge patches"),
    422: (Invalid, ""),
}
"""408, 429 and 5xx are Unavailable, whatever else there is Invalid; a fix that depends on the answer is found below."""

_BY_REASON: Final[Mapping[tuple[int, str], type[KubernetesError]]] = {(409, "AlreadyExists"): AlreadyExists}

_BY_MESSAGE: Final[tuple[tuple[re.Pattern[str], type[KubernetesError], str], ...]] = (
    (
        re.compile(r'admission webhook "([^"]+)" denied the request'),
        Denied,
        "change the object, or ask whoever runs the admission webhook '{0}'",
    ),
    (
        re.compile(r"ValidatingAdmissionPolicy '([^']+)' with binding '([^']+)' denied"),
        Denied,
        "change the object, or the ValidatingAdmissionPolicy '{0}' (bound by '{1}')",
    ),
    (
        re.compile(r'failed calling webhook "([^"]+)"'),
        Unavailable,
        "the admission webhook '{0}' does not answer: look at its Service and Pods",
    ),
    (
        re.compile(r"etcdserver: request is too large|trying to send message larger than max"),
        TooLarge,
        "make the object smaller: etcd takes 1.5 MiB unless it is told otherwise",
    ),
    (
        re.compile(r"exceeded quota: ([^,]+)"),
        Unavailable,
        "raise the ResourceQuota '{0}', or wait until others are gone",
    ),
)
"""Where the status says less than the text; the first that is found rules."""

_RBAC: Final = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)"| at the cluster scope)'
)


def failure(attempt: Attempt, status: int, body: bytes, retry_after: str | None = None) -> KubernetesError:
    """The error for an answer that is no success."""
    answer = _status(body)
    message = " ".join(str(answer.get("message") or body.decode(errors="replace")).split())
    reason = str(answer.get("reason") or "")
    details = answer.get("details")
    details = details if isinstance(details, dict) else {}
    after = _seconds(retry_after if retry_after is not None else details.get("retryAfterSeconds"))
    kind, fix = _classify(status, reason, message)
    if kind is AlreadyExists and after is not None:
        # No free name was found for a generateName: the next try draws another.
        kind = Conflict
    if kind is Forbidden and (denied := _RBAC.search(message)):
        fix = _missing_rule(denied)
    if kind is Invalid and (causes := _causes(details)):
        message = "; ".join(causes)
        fix = fix or "correct the object"
    what = f"the server refused to {attempt}: {_cut(message)}"
    error = kind(what, where=attempt.where, fix=fix)
    error.status, error.reason = status, reason
    if isinstance(error, Temporary):
        error.after = after
    if isinstance(error, NotFound):
        error.served = bool(details.get("name"))
    return error


def _classify(status: int, reason: str, message: str) -> tuple[type[KubernetesError], str]:
    for pattern, kind, fix in _BY_MESSAGE:
        if found := pattern.search(message):
            return kind, fix.format(*found.groups())
    kind, fix = _BY_STATUS.get(status, (Unavailable if status in (408, 429) or status >= 500 else Invalid, ""))
    return _BY_REASON.get((status, reason), kind), fix


def _missing_rule(denied: re.Match[str]) -> str:
    group = denied["group"] or '""'
    rule = f"apiGroups: [{group}], resources: [{denied['resource']}], verbs: [{denied['verb']}]"
    where = f"a Role in namespace '{denied['namespace']}'" if denied["namespace"] else "a ClusterRole"
    return f"grant it to '{denied['user']}' by {where}: {{{rule}}}"


def _causes(details: Mapping[str, Any]) -> list[str]:
    given = details.get("causes")
    causes = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    told = [f"{one['field']}: {one.get('message')}" if one.get("field") else str(one.get("message")) for one in causes]
    return told[:_MOST_CAUSES] + ([f"and {len(told) - _MOST_CAUSES} more"] if len(told) > _MOST_CAUSES else [])


def _status(body: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) and answer.get("kind") == "Status" else {}


def _seconds(given: object) -> float | None:
    # The API sends whole seconds only; a proxy's date is not worth being believed.
    text = str(given or "")
    return float(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
