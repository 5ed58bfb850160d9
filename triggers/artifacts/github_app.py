"""The password that a GitHub App has for git: a token of its installation, good for an hour.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from config.credentials import Secrets, text_of
from config.errors import Permanent, Temporary
from triggers.artifacts.model import GitHubApp
from triggers.status import failure

_CREATED: Final = 201
_SHOWN: Final = 512
# GitHub allows ten minutes at most, and its clock may differ from ours.
_BEFORE: Final = 60
_AFTER: Final = 480


async def installation_token(app: GitHubApp, url: str, secrets: Secrets) -> str:
    """A new token. `url` is the repository's and tells whose API to ask. Raises Temporary or Permanent."""
    api = api_of(url)
    claim = _claim(app.app_id, text_of(secrets, app.private_key), int(time.time()))
    headers = {"Authorization": f"Bearer {claim}", "Accept": "application/vnd.github+json", "User-Agent": "eventyard"}
    try:
        async with (
            aiohttp.ClientSession(trust_env=True) as session,
            session.post(f"{api}/app/installations/{app.installation_id}/access_tokens", headers=headers) as answer,
        ):
            status, retry_after = answer.status, answer.headers.get("Retry-After")
            text = await answer.text(errors="replace")
            found = await answer.json(content_type=None) if status == _CREATED else None
    except (aiohttp.ClientError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Temporary(f"no token from GitHub: {reason}", where=api) from None
    if status != _CREATED:
        raise failure(status, retry_after, text[:_SHOWN], where=api, named=False)
    if not isinstance(found, dict) or not isinstance(token := found.get("token"), str):
        raise Temporary("what answered is not GitHub's API", where=api, fix="check git.url")
    return token


def api_of(url: str) -> str:
    """The API beside a repository: GitHub's, or that of an Enterprise Server."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("http", "https") or not host:
        raise Permanent("a GitHub App needs a repository's https URL", fix="check git.url")
    if host.lower() in ("github.com", "www.github.com"):
        return "https://api.github.com"
    return f"{parts.scheme}://{host}/api/v3"


def _claim(app_id: int, key: str, now: int) -> str:
    """What the app signs to be who it is."""
    try:
        import jwt
    except ModuleNotFoundError:
        raise Permanent("githubApp needs the Python package 'jwt'", fix="pip install 'eventyard[githubApp]'") from None
    try:
        claim = {"iat": now - _BEFORE, "exp": now + _AFTER, "iss": str(app_id)}
        return jwt.encode(claim, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise Permanent("the private key of githubApp cannot be used", fix="it has to be an RSA key as PEM") from None
