"""The table of refusals, by answers as a real server gives them; `test_cluster` provokes what can be provoked."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent, Temporary
from config.kubernetes.failures import (
    AlreadyExists,
    Attempt,
    Conflict,
    Denied,
    Expired,
    Forbidden,
    Invalid,
    KubernetesError,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    failure,
)
from tests.config.kubernetes.fake_api import status

ATTEMPT = Attempt(verb="create", what="jobs.batch 'x' in namespace 'y'", where="context 'c' of f")


def told(
    code: int, reason: str = "", message: str = "no", retry_after: str | None = None, **more: Any
) -> KubernetesError:
    return failure(ATTEMPT, code, orjson.dumps(status(code, reason, message, **more)), retry_after)


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (400, "BadRequest", Invalid),
        (401, "Unauthorized", Unauthorized),
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (405, "MethodNotAllowed", Invalid),
        (406, "NotAcceptable", Invalid),
        (408, "", Unavailable),
        (409, "Conflict", Conflict),
        (409, "AlreadyExists", AlreadyExists),
        (410, "Expired", Expired),
        (410, "Gone", Expired),
        (413, "RequestEntityTooLarge", TooLarge),
        (415, "UnsupportedMediaType", Invalid),
        (418, "", Invalid),
        (422, "Invalid", Invalid),
        (429, "TooManyRequests", Unavailable),
        (500, "InternalError", Unavailable),
        (502, "", Unavailable),
        (503, "ServiceUnavailable", Unavailable),
        (504, "Timeout", Unavailable),
    ],
)
def test_what_a_status_means(code: int, reason: str, kind: type[KubernetesError]) -> None:
    error = told(code, reason)
    assert type(error) is kind
    assert (error.status, error.reason, error.where) == (code, reason, ATTEMPT.where)
    assert error.what == "the server refused to create jobs.batch 'x' in namespace 'y': no"
    assert isinstance(error, Temporary) is not isinstance(error, Permanent)


@pytest.mark.parametrize(
    ("code", "message", "kind", "fix"),
    [
        (400, 'admission webhook "deny.example.com" denied the request: not on Fridays', Denied, "'deny.example.com'"),
        (
            403,
            'admission webhook "deny.example.com" denied the request without explanation',
            Denied,
            "'deny.example.com'",
        ),
        (
            422,
            "jobs \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: never",
            Denied,
            "the ValidatingAdmissionPolicy 'p' (bound by 'b')",
        ),
        (
            500,
            'Internal error occurred: failed calling webhook "deny.example.com": connection refused',
            Unavailable,
            "'deny.example.com' does not answer",
        ),
        (500, "etcdserver: request is too large", TooLarge, "smaller"),
        (
            500,
            "rpc error: code = ResourceExhausted desc = trying to send message larger than max (2 vs. 1)",
            TooLarge,
            "smaller",
        ),
        (403, 'pods "x" is forbidden: exceeded quota: few, requested: pods=1', Unavailable, "the ResourceQuota 'few'"),
        (
            403,
            'jobs.batch is forbidden: User "system:serviceaccount:a:b" cannot create resource "jobs" in API group "batch" '
            'in the namespace "y"',
            Forbidden,
            "grant it to 'system:serviceaccount:a:b' by a Role in namespace 'y': "
            "{apiGroups: [batch], resources: [jobs], verbs: [create]}",
        ),
        (
            403,
            'nodes is forbidden: User "u" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: none',
            Forbidden,
            "grant it to 'u' by a ClusterRole: {apiGroups: [\"\"], resources: [nodes], verbs: [list]}",
        ),
    ],
)
def test_what_a_message_says_more(code: int, message: str, kind: type[KubernetesError], fix: str) -> None:
    error = told(code, message=message)
    assert type(error) is kind
    assert fix in error.fix


def test_each_field_that_is_wrong_is_named() -> None:
    causes = [{"field": "spec.a", "message": "Required value"}, {"message": "and more"}]
    error = told(422, "Invalid", "Job is invalid: [much]", details={"causes": causes})
    assert error.what.endswith(": spec.a: Required value; and more")
    assert error.fix == "correct the object"


def test_hundreds_of_wrong_fields_are_counted() -> None:
    error = told(422, "Invalid", details={"causes": [{"field": f"f{n}", "message": "m"} for n in range(200)]})
    assert error.what.endswith("f9: m; and 190 more")


@pytest.mark.parametrize(
    ("header", "details", "after"),
    [
        ("7", {}, 7.0),
        (None, {"retryAfterSeconds": 3}, 3.0),
        ("7", {"retryAfterSeconds": 3}, 7.0),
        ("soon", {}, None),
        (None, {}, None),
    ],
)
def test_how_long_it_lasts(header: str | None, details: dict[str, Any], after: float | None) -> None:
    error = told(429, "TooManyRequests", retry_after=header, details=details)
    assert isinstance(error, Unavailable)
    assert error.after == after


def test_a_name_that_the_server_drew_and_that_was_taken_is_worth_another_try() -> None:
    details = {"name": "x-abcde", "retryAfterSeconds": 1}
    assert type(told(409, "AlreadyExists", details=details)) is Conflict


def test_an_object_that_is_not_there_is_less_than_a_resource_that_is_not_there() -> None:
    there, nowhere = told(404, "NotFound", details={"name": "x"}), failure(ATTEMPT, 404, b"404 page not found")
    assert isinstance(there, NotFound) and there.served
    assert isinstance(nowhere, NotFound) and not nowhere.served
    assert nowhere.what.endswith(": 404 page not found")


def test_a_long_answer_is_cut() -> None:
    assert len(told(500, message="x" * 5000).what) < 800


@given(st.integers(300, 599), st.binary())
def test_whatever_comes_is_an_error_of_ours(code: int, body: bytes) -> None:
    error = failure(ATTEMPT, code, body)
    assert isinstance(error, Temporary) is not isinstance(error, Permanent)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=3),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["details", "causes", "field", "message", "name", "retryAfterSeconds"]), inner
            )
        ),
    )
)
def test_details_of_any_shape(details: Any) -> None:
    failure(ATTEMPT, 422, orjson.dumps({**status(422), "details": details}))
