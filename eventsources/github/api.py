"""GitHub's REST API as far as hooks and their deliveries go: one request at a time, within GitHub's rate limits.

https://docs.github.com/en/rest/using-the-rest-api. This is aiohttp and little else, because client libraries parse what they
get: a delivery's payload has to become the event that it would have been, number for number, so its bytes are wanted. They
also follow links of the answers to wherever these lead, credentials included, and know one of GitHub's two rate limits.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from config.errors import Temporary
from eventsources.base import system_now
from eventsources.github.login import Login

T = TypeVar("T")

VERSION: Final = "2022-11-28"
"""Of the API. Enterprise Servers that are older than this way of naming versions pay no attention to it."""

TIMEOUT: Final = 30.0
"""Seconds for a whole exchange."""

ANSWER_LIMIT: Final = 64 << 20
"""Bytes of an answer. A payload has 25 MB at most, and may need more room within an answer."""

PAGE_SIZE: Final = 100
MOST_PAGES: Final = 500

UNTIMED: Final = 60.0
"""Seconds to wait where GitHub says that it is asked too often and not for how long."""

LONGEST: Final = 86_400.0

_HEADERS: Final = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "eventyard",
    "X-GitHub-Api-Version": VERSION,
}
_MOVED: Final = frozenset({301, 302, 307, 308})
_NEXT: Final = re.compile(r'<([^>]*)>[^<]*;\s*rel="?next"?')


class Refusal(Temporary):
    """GitHub answered with `status` in place of what was asked for. All that it refuses may be put right there: rights can
    be given, repositories made."""

    def __init__(self, what: str, status: int, *, fix: str = "", after: float | None = None) -> None:
        super().__init__(what, fix=fix, after=after)
        self.status = status


class RateLimited(Refusal):
    """GitHub wants to be asked no more for `after` seconds."""


class Page(NamedTuple):
    """One page of a list: its bytes, and the query that asks for the next one, "" if there is none."""

    content: bytes
    next: str


class GitHubClient:
    """An async context manager. All methods raise Temporary, most of them a Refusal, and EventyardError if our own
    credentials cannot be used. `base` is the API's address; `clock` gives seconds that never go back."""

    def __init__(
        self,
        base: str,
        login: Login,
        *,
        now: Callable[[], datetime] = system_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base, self._login, self._now, self._clock = base, login, now, clock
        self.ahead = timedelta()
        """By how much GitHub's clock is ahead of ours, or negative, as of the last answer."""
        self._closed_until = 0.0
        self._why_closed = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT), cookie_jar=aiohttp.DummyCookieJar(), trust_env=True
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()

    async def get(self, path: str, *, app: bool = False) -> bytes:
        """One thing. `app`: asked as the App itself."""
        return (await self._authorized("GET", path, app=app)).content

    async def pages(self, path: str, *, app: bool = False) -> AsyncGenerator[bytes, None]:
        """A list, page by page; `MOST_PAGES` of them at most."""
        query = f"per_page={PAGE_SIZE}"
        for _ in range(MOST_PAGES):
            page = await self._authorized("GET", f"{path}?{query}", app=app)
            yield page.content
            if not (query := page.next):
                return

    async def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        """POST, PATCH or DELETE; the answer."""
        return (await self._authorized(method, path, body)).content

    async def _authorized(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, app: bool = False
    ) -> Page:
        again = True
        while True:
            header = self._login.app_header() if app else await self._login.header(self._post)
            try:
                return await self._exchange(method, path, header, body)
            except Refusal as refusal:
                # An installation's token may end before its time.
                if refusal.status != 401 or app or not again or not self._login.refused():
                    raise
                again = False

    async def _post(self, path: str, header: str) -> bytes:
        return (await self._exchange("POST", path, header)).content

    async def _exchange(self, method: str, path: str, header: str, body: Mapping[str, Any] | None = None) -> Page:
        """One request and its answer, also if the repository has moved meanwhile."""
        if self._session.closed:
            raise Temporary("the source has ended")
        if (wait := self._closed_until - self._clock()) > 0:
            raise RateLimited(self._why_closed, 429, after=wait)
        url = self._base + path
        headers = {**_HEADERS, "Authorization": header}
        data = None if body is None else msgspec.json.encode(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            for _ in range(3):
                async with self._session.request(
                    method, url, headers=headers, data=data, allow_redirects=False
                ) as answer:
                    content = await _read(answer)
                target = urljoin(url, answer.headers.get("Location", ""))
                if answer.status not in _MOVED or urlsplit(target)[:2] != urlsplit(url)[:2]:
                    break
                url = target
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            what = str(error) or f"no answer within {TIMEOUT:g} s"
            raise Temporary(f"GitHub cannot be reached at {self._base}: {what}") from None
        self._heed(answer, content)
        if answer.status >= 300:
            raise _refusal(answer.status, f"{method} {path.partition('?')[0]}", content)
        found = _NEXT.search(answer.headers.get("Link", ""))
        # Only the query is taken from a link, so that no answer can lead the credentials elsewhere.
        return Page(content, urlsplit(found[1]).query if found is not None else "")

    def _heed(self, answer: aiohttp.ClientResponse, content: bytes) -> None:
        """Keep to the rate limits. Raises RateLimited if this request was one too many."""
        self.ahead = _time_of(answer.headers, self._now()) - self._now()
        wait = self._wait(answer, content)
        if wait is None:
            return
        until = datetime.fromtimestamp(self._now().timestamp() + wait, UTC)
        self._closed_until = self._clock() + wait
        self._why_closed = f"GitHub's rate limit is used up until {until:%Y-%m-%dT%H:%M:%SZ}"
        if answer.status >= 300:
            raise RateLimited(self._why_closed, answer.status, after=wait)

    def _wait(self, answer: aiohttp.ClientResponse, content: bytes) -> float | None:
        """Seconds for which nothing more may be asked, None if nothing is said of it.

        https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
        """
        headers = answer.headers
        limited = answer.status in (403, 429)
        if limited and (retry := headers.get("Retry-After", "")).isdecimal():
            return min(max(float(retry), 1.0), LONGEST)
        reset = headers.get("x-ratelimit-reset", "")
        if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            # The reset is given by GitHub's clock, so it is measured against that.
            their_now = (self._now() + self.ahead).timestamp()
            return min(max(float(reset) - their_now, 1.0), LONGEST)
        if answer.status == 429 or (limited and b"rate limit" in content[:2048].lower()):
            return UNTIMED
        return None


def decode(content: bytes, kind: type[T]) -> T:
    """An answer as what it should be. Raises Temporary: a proxy may have answered."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Temporary(f"GitHub's answer is not understood: {error}") from None


def _time_of(headers: Mapping[str, str], otherwise: datetime) -> datetime:
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return otherwise


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > ANSWER_LIMIT:
            answer.close()
            raise Temporary(f"an answer of GitHub has more than {ANSWER_LIMIT >> 20} MB")
    return bytes(body)


class _Message(msgspec.Struct):
    message: str = ""
    errors: list[Any] | str = []


_FIXES: Final[Mapping[int, str]] = {
    401: "give a token that is valid, or the private key and appID of an App that is there",
    403: "the token needs admin:repo_hook or admin:org_hook; a fine-grained one, or an App, Webhooks: read and write",
    404: "check the name, and that the token may see it and administer its hooks",
}


def _refusal(status: int, asked: str, content: bytes) -> Refusal:
    try:
        found = msgspec.json.decode(content, type=_Message)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        found = _Message()
    details = [found.errors] if isinstance(found.errors, str) else [_detail(each) for each in found.errors]
    words = "; ".join(word for word in (found.message, *details) if word)
    shown = " ".join(words.split())[:300]
    what = f"GitHub answered {status} to {asked}" + (f": {shown}" if shown else "")
    return Refusal(what, status, fix=_FIXES.get(status, ""))


def _detail(error: Any) -> str:
    if isinstance(error, dict):
        return str(error.get("message") or f"{error.get('field', '')} {error.get('code', '')}".strip())
    return str(error)
