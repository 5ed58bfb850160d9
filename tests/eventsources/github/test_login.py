"""How GitHub knows who asks."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from config.errors import EventyardError, Temporary
from config.model import SecretKeySelector
from eventsources.github.api import GitHubClient, Refusal
from eventsources.github.login import AppLogin, Login, make_login
from eventsources.github.settings import GithubAppCreds, GitHubSettings
from eventsources.http.server import HttpListeners
from tests.eventsources.surroundings import NOW, FixedValues, make_context
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import APP_ID, INSTALLATION, TOKEN, make_key, pem

KEY = make_key()
TOKEN_SECRET = SecretKeySelector(name="github", key="token")
KEY_SECRET = SecretKeySelector(name="github", key="app")
HOOKS = "repos/acme/shop/hooks"


class Clock:
    """The time here, and GitHub's, which is the same plus `ahead`."""

    def __init__(self) -> None:
        self.time, self.ahead = NOW, timedelta()

    def now(self) -> datetime:
        return self.time

    def theirs(self) -> datetime:
        return self.time + self.ahead


def app_login(clock: Clock, key: str = pem(KEY), installation: int = INSTALLATION) -> Login:
    creds = GithubAppCreds(private_key=KEY_SECRET, app_id=APP_ID, installation_id=installation)
    context = make_context(HttpListeners(), {"github/app": key}, now=clock.now)
    return make_login(GitHubSettings(github_app=creds), context)


async def test_a_token_may_change() -> None:
    context = make_context(HttpListeners(), {"github/token": "old"})
    login = make_login(GitHubSettings(api_token=TOKEN_SECRET), context)
    assert isinstance(context.values, FixedValues)
    context.values.secrets["github/token"] = f" {TOKEN}\n"
    async with FakeGitHub() as github, GitHubClient(github.base, login) as client:
        assert await client.get(HOOKS) == b"[]"
        context.values.secrets["github/token"] = "other"
        with pytest.raises(Refusal, match="401 to GET repos/acme/shop/hooks: Bad credentials") as caught:
            await client.get(HOOKS)
    assert not github.wrong
    assert "other" not in f"{caught.value}{caught.value.fix}"
    with pytest.raises(EventyardError, match="does not speak for an App"):
        login.app_header()


@pytest.mark.parametrize("ahead", [-55, 0, 55], ids=lambda seconds: f"{seconds} s")
async def test_an_app_is_given_a_token_once_an_hour(ahead: int) -> None:
    clock = Clock()
    clock.ahead = timedelta(seconds=ahead)
    async with FakeGitHub(key=KEY, now=clock.theirs) as github, GitHubClient(github.base, app_login(clock)) as client:
        for minutes in (0, 30, 24, 4, 30, 30):
            clock.time += timedelta(minutes=minutes)
            assert await client.get(HOOKS) == b"[]"
    assert len(github.called("POST")) == 3
    assert not github.wrong


async def test_a_token_that_ends_before_its_time_is_replaced() -> None:
    clock = Clock()
    async with FakeGitHub(key=KEY, now=clock.now) as github, GitHubClient(github.base, app_login(clock)) as client:
        await client.get(HOOKS)
        github.tokens.clear()
        assert await client.get(HOOKS) == b"[]"
        assert len(github.called("POST")) == 2
        github.key = make_key()
        github.tokens.clear()
        with pytest.raises(Refusal, match="401"):
            await client.get(HOOKS)


async def test_an_app_speaks_for_itself() -> None:
    clock = Clock()
    async with FakeGitHub(key=KEY, now=clock.now) as github, GitHubClient(github.base, app_login(clock)) as client:
        assert b"content_type" in await client.get("app/hook/config", app=True)
        assert github.called("POST") == []
    assert not github.wrong


async def test_an_installation_that_is_not_there() -> None:
    clock = Clock()
    login = app_login(clock, installation=1)
    async with FakeGitHub(key=KEY, now=clock.now) as github, GitHubClient(github.base, login) as client:
        with pytest.raises(Refusal, match="404 to POST app/installations/1/access_tokens"):
            await client.get(HOOKS)


async def test_an_answer_without_a_token() -> None:
    async def post(path: str, header: str) -> bytes:
        return b'{"token": 1}'

    with pytest.raises(Temporary, match="no token for the installation"):
        await app_login(Clock()).header(post)


def _wrong_keys() -> list[str]:
    curve = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return ["nonsense", pem(KEY)[:200], curve.decode(), public.decode()]


@pytest.mark.parametrize("key", _wrong_keys(), ids=["text", "cut", "elliptic", "public"])
def test_what_is_no_private_key(key: str) -> None:
    with pytest.raises(EventyardError, match="github/app holds no private key") as caught:
        app_login(Clock(), key).check()
    assert key not in str(caught.value)


def test_what_is_missing() -> None:
    with pytest.raises(EventyardError, match="github/app is empty"):
        app_login(Clock(), "").check()
    login = make_login(GitHubSettings(api_token=TOKEN_SECRET), make_context(HttpListeners()))
    with pytest.raises(EventyardError, match="no Secret github/token"):
        login.check()


def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(EventyardError, match="needs the Python package PyJWT") as caught:
        app_login(Clock()).check()
    assert caught.value.fix == "pip install 'eventyard[githubApp]'"


async def test_a_token_is_not_shown() -> None:
    async def post(path: str, header: str) -> bytes:
        return b'{"token": "ghs_secret", "expires_at": "2027-01-01T00:00:00Z"}'

    login = app_login(Clock())
    assert isinstance(login, AppLogin)
    assert await login.header(post) == "token ghs_secret"
    assert "ghs_secret" not in repr(vars(login))
