"""How GitHub knows who asks: a token, or a GitHub App that signs for itself and is given a token for its installation.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from config.errors import EventyardError, Temporary
from config.model import SecretKeySelector
from eventsources.base import SourceContext
from eventsources.github.settings import GithubAppCreds, GitHubSettings

Post = Callable[[str, str], Awaitable[bytes]]
"""POST without a body to a path of the API, with an Authorization header; the answer."""

SKEW: Final = timedelta(seconds=60)
"""By how much the clocks here and there may differ. GitHub refuses what claims to be signed in the future."""

SIGNED_FOR: Final = timedelta(minutes=9)
"""How long a signature is good for, from the (earlier) moment that it claims; GitHub allows ten minutes."""

RENEW: Final = timedelta(minutes=5)
"""An installation's token, which lasts an hour, is renewed this long before its end."""


class Login(ABC):
    """Makes Authorization headers. Secrets are looked up anew each time, so that they may change."""

    @abstractmethod
    def check(self) -> None:
        """Raises EventyardError if it cannot be used as it is: no such Secret, no private key, a library that is missing."""

    @abstractmethod
    async def header(self, post: Post) -> str:
        """For whatever concerns repositories and organizations. Raises EventyardError."""

    @abstractmethod
    def app_header(self) -> str:
        """For whatever concerns the App itself. Raises EventyardError."""

    def refused(self) -> bool:
        """GitHub did not accept the last header; True if the next one will be another."""
        return False


class TokenLogin(Login):
    """A personal access token."""

    def __init__(self, context: SourceContext, selector: SecretKeySelector) -> None:
        self._context, self._selector = context, selector

    def check(self) -> None:
        _reveal(self._context, self._selector)

    async def header(self, post: Post) -> str:
        return f"token {_reveal(self._context, self._selector)}"

    def app_header(self) -> str:
        raise EventyardError("a token does not speak for an App", fix="give githubApp")


class _Token(msgspec.Struct, frozen=True):
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "_Token(***)"


class AppLogin(Login):
    """A GitHub App with a private key. For its installation it is given a token, which is kept until it is about to end."""

    def __init__(self, context: SourceContext, app: GithubAppCreds, selector: SecretKeySelector) -> None:
        self._context, self._app, self._selector = context, app, selector
        self._token: _Token | None = None

    def check(self) -> None:
        self.app_header()

    async def header(self, post: Post) -> str:
        if self._token is None or self._context.now() > self._token.expires_at - RENEW:
            self._token = None
            answer = await post(f"app/installations/{self._app.installation_id}/access_tokens", self.app_header())
            try:
                self._token = msgspec.json.decode(answer, type=_Token)
            except msgspec.MsgspecError:
                raise Temporary("GitHub's answer holds no token for the installation") from None
        return f"token {self._token.token}"

    def app_header(self) -> str:
        try:
            import jwt
        except ModuleNotFoundError:
            raise _lacking("PyJWT") from None
        issued = self._context.now() - SKEW
        claims = {"iat": issued, "exp": issued + SIGNED_FOR, "iss": str(self._app.app_id)}
        try:
            signed = jwt.encode(claims, _reveal(self._context, self._selector), algorithm="RS256")
        except NotImplementedError:
            raise _lacking("cryptography") from None
        except (ValueError, TypeError, AttributeError, jwt.PyJWTError):  # whatever else a key may be
            raise EventyardError(
                f"the Secret {self._selector.name}/{self._selector.key} holds no private key that GitHub could have made",
                fix="put the PEM file there that the App's settings at GitHub let you download",
            ) from None
        return f"Bearer {signed}"

    def refused(self) -> bool:
        had, self._token = self._token, None
        return had is not None


def make_login(settings: GitHubSettings, context: SourceContext) -> Login:
    """The login of a source that has credentials."""
    if settings.api_token is not None:
        return TokenLogin(context, settings.api_token)
    app = settings.github_app
    assert app is not None
    assert app.private_key is not None
    return AppLogin(context, app, app.private_key)


def _lacking(package: str) -> EventyardError:
    return EventyardError(f"githubApp needs the Python package {package}", fix="pip install 'eventyard[githubApp]'")


def _reveal(context: SourceContext, selector: SecretKeySelector) -> str:
    value = context.values.secret(selector).reveal().strip()
    if not value:
        raise EventyardError(f"the Secret {selector.name}/{selector.key} is empty", fix="give it a value")
    return value
