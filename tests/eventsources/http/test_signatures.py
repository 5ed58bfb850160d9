"""Signatures of webhooks, checked against what the senders' own documentation shows."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import EventyardError
from eventsources.http.signatures import TOLERANCE, Forged, Preset, verify, verify_github

NOW = 1_614_265_330
BODY = b'{"test": 2432232314}'
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def reading(headers: dict[str, str]) -> Callable[[str], str]:
    folded = {name.lower(): value for name, value in headers.items()}
    return lambda name: folded.get(name.lower(), "")


def check(preset: Preset, secret: str, headers: dict[str, str], body: bytes = BODY, now: float = NOW) -> None:
    verify(preset, secret, reading(headers), body, now)


def mac(secret: str | bytes, message: bytes) -> hmac.HMAC:
    return hmac.new(secret.encode() if isinstance(secret, str) else secret, message, hashlib.sha256)


def signed(preset: Preset, secret: str, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    """What each sender sends."""
    moment = str(at).encode()
    match preset:
        case "github":
            return {"X-Hub-Signature-256": "sha256=" + mac(secret, body).hexdigest()}
        case "gitlab":
            return {"X-Gitlab-Token": secret}
        case "stripe":
            return {"Stripe-Signature": f"t={at},v0=old,v1={mac(secret, moment + b'.' + body).hexdigest()}"}
        case "slack":
            signature = "v0=" + mac(secret, b"v0:" + moment + b":" + body).hexdigest()
            return {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": str(at)}
        case "shopify":
            return {"X-Shopify-Hmac-SHA256": base64.b64encode(mac(secret, body).digest()).decode()}
        case "standard-webhooks":
            key = base64.b64decode(secret.removeprefix("whsec_"))
            signature = base64.b64encode(mac(key, b"msg_1." + moment + b"." + body).digest()).decode()
            return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


PRESETS: tuple[Preset, ...] = get_args(Preset)
TIMED: tuple[Preset, ...] = ("stripe", "slack", "standard-webhooks")
SECRET = base64.b64encode(b"twenty-four bytes of key").decode()


def test_github_s_example() -> None:
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"X-Hub-Signature-256": f"sha256={digest}"}
    check("github", "It's a Secret to Everybody", headers, b"Hello, World!")


def test_slack_s_example() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a1"
        b"4d10d2c447fce8b6703c"
    )
    headers = {
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "X-Slack-Request-Timestamp": "1531420618",
    }
    check("slack", "8f742231b10e8888abcd99yyyzzz85a5", headers, body, 1531420618)


def test_the_example_of_standard_webhooks() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": str(NOW),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    check("standard-webhooks", STANDARD_SECRET, headers)
    check("standard-webhooks", STANDARD_SECRET.removeprefix("whsec_"), headers)


@pytest.mark.parametrize("preset", PRESETS)
def test_right_ones_pass_and_nothing_else(preset: Preset) -> None:
    headers = signed(preset, SECRET)
    check(preset, SECRET, headers)
    other = base64.b64encode(b"another twenty-four byte").decode()
    with pytest.raises(Forged):
        check(preset, other, headers)
    if preset != "gitlab":
        with pytest.raises(Forged):
            check(preset, SECRET, headers, BODY + b" ")
    for name in headers:
        with pytest.raises(Forged):
            check(preset, SECRET, {**headers, name: ""})
        with pytest.raises(Forged):
            check(preset, SECRET, {**headers, name: headers[name] + "é"})


@pytest.mark.parametrize("preset", TIMED)
def test_old_and_future_ones_are_refused(preset: Preset) -> None:
    headers = signed(preset, SECRET)
    for now in (NOW - TOLERANCE, NOW, NOW + TOLERANCE):
        check(preset, SECRET, headers, now=now)
    for now in (NOW - TOLERANCE - 1, NOW + TOLERANCE + 1):
        with pytest.raises(Forged, match="timestamp"):
            check(preset, SECRET, headers, now=now)


@pytest.mark.parametrize("moment", ["-1", "1e9", "１", "9" * 400, " 1614265330", "soon"])
def test_odd_moments_are_refused(moment: str) -> None:
    with pytest.raises(Forged):
        check("slack", SECRET, {**signed("slack", SECRET), "X-Slack-Request-Timestamp": moment})


def test_one_of_several_signatures_is_enough() -> None:
    right = signed("stripe", SECRET)["Stripe-Signature"].split(",")[2]
    check("stripe", SECRET, {"Stripe-Signature": f"t={NOW}, v1=aa, {right}, v1=bb"})
    headers = signed("standard-webhooks", SECRET)
    check("standard-webhooks", SECRET, {**headers, "webhook-signature": f"v1a,x {headers['webhook-signature']} v1,y"})


def test_a_secret_that_is_no_base64() -> None:
    with pytest.raises(EventyardError, match="base64") as caught:
        check("standard-webhooks", "whsec_s3cr3t!", signed("standard-webhooks", SECRET))
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("signature", "error"),
    [
        ("abc", 'error parsing signature "abc"'),
        ("SHA256=00", 'unknown hash type prefix: "SHA256"'),
        ("sha256=zz", "error decoding signature \"sha256=zz\": encoding/hex: invalid byte: U+007A 'z'"),
        ("sha256=0 0 ", "error decoding signature \"sha256=0 0 \": encoding/hex: invalid byte: U+0020 ' '"),
        ("sha256=000", 'error decoding signature "sha256=000": encoding/hex: odd length hex string'),
        ("sha256=", "payload signature check failed"),
        ("sha256=0é", "error decoding signature \"sha256=0é\": encoding/hex: invalid byte: U+00C3 'Ã'"),
    ],
)
def test_github_s_errors_are_those_of_go_github(signature: str, error: str) -> None:
    with pytest.raises(Forged) as caught:
        verify_github("s3cr3t", reading({"X-Hub-Signature": signature}), BODY)
    assert str(caught.value) == error


@given(
    st.sampled_from(PRESETS),
    st.dictionaries(st.sampled_from(["Stripe-Signature", "Webhook-Signature", "X-Gitlab-Token"]), st.text()),
)
def test_no_header_is_a_crash(preset: Preset, headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        check(preset, SECRET + "\x00", headers) if preset != "standard-webhooks" else check(preset, SECRET, headers)
