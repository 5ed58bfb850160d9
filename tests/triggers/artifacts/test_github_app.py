"""triggers/artifacts/github_app.py against a stand-in of GitHub's API."""

from __future__ import annotations

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config.errors import Permanent, Temporary
from tests.fakes.sink import Sink, answer, closed_port
from tests.fakes.values import FakeSecrets
from triggers.artifacts.github_app import api_of, installation_token
from triggers.artifacts.model import GitHubApp

APP = GitHubApp.model_validate({"privateKey": {"name": "s", "key": "pem"}, "appID": 7, "installationID": 42})


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def secrets(key: rsa.RSAPrivateKey) -> FakeSecrets:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return FakeSecrets(pem=text.decode())


async def test_a_token(key: rsa.RSAPrivateKey, secrets: FakeSecrets) -> None:
    async with Sink(usual=answer(201, json.dumps({"token": "ghs_1"}).encode())) as sink:
        assert await installation_token(APP, f"{sink.url}/acme/app.git", secrets) == "ghs_1"
    [seen] = sink.requests
    assert (seen.method, seen.target) == ("POST", "/api/v3/app/installations/42/access_tokens")
    scheme, _, claim = (seen.header("Authorization") or "").partition(" ")
    told = jwt.decode(claim, key.public_key(), algorithms=["RS256"])
    assert scheme == "Bearer"
    assert told["iss"] == "7"
    assert told["iat"] <= time.time() < told["exp"] <= told["iat"] + 600


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (answer(401, b"bad"), Permanent),
        (answer(404, b"gone"), Permanent),
        (answer(503, b"later"), Temporary),
        (answer(201, b"[]"), Temporary),
        (answer(201, b"nonsense"), Temporary),
        (answer(200, b"<html>"), Permanent),
        (b"", Temporary),
    ],
)
async def test_no_token(secrets: FakeSecrets, said: bytes, kind: type[Exception]) -> None:
    async with Sink(usual=said) as sink:
        with pytest.raises(kind) as failure:
            await installation_token(APP, f"{sink.url}/acme/app.git", secrets)
        assert sink.authority in str(failure.value)


async def test_nobody_there(secrets: FakeSecrets) -> None:
    with pytest.raises(Temporary, match="no token"):
        await installation_token(APP, f"http://127.0.0.1:{closed_port()}/app", secrets)


async def test_a_key_that_is_none() -> None:
    with pytest.raises(Permanent, match="cannot be used") as failure:
        await installation_token(APP, "https://github.com/a/b", FakeSecrets(pem="swordfish"))
    assert "swordfish" not in str(failure.value)
    with pytest.raises(Temporary, match="no key"):
        await installation_token(APP, "https://github.com/a/b", FakeSecrets())


def test_whose_api() -> None:
    assert api_of("https://github.com/a/b.git") == "https://api.github.com"
    assert api_of("https://user@GitHub.com/a/b.git") == "https://api.github.com"
    assert api_of("https://git.example:8443/a/b.git") == "https://git.example:8443/api/v3"
    for url in ("git@github.com:a/b.git", "ssh://git@github.com/a/b", "/path", ""):
        with pytest.raises(Permanent):
            api_of(url)
