"""One HTTP request, and what Go's net/http makes of it when it is redirected: pure, so that no redirect needs a server."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from multidict import CIMultiDict

from config.errors import Permanent
from triggers.target import Target

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_KEEP_THE_BODY: Final = frozenset({307, 308})
_SENSITIVE: Final = (
    "Authorization",
    "Cookie",
    "Cookie2",
    "Www-Authenticate",
    "Proxy-Authorization",
    "Proxy-Authenticate",
)
_OF_THE_BODY: Final = ("Content-Type", "Content-Encoding", "Content-Language", "Content-Location")


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it goes out. `secret` names further headers that are for this target and its subdomains alone."""

    method: str
    target: Target
    headers: CIMultiDict[str] = field(repr=False)
    body: bytes = b""
    secret: Collection[str] = ()

    def redirected(self, first: Message, status: int, location: str) -> Message:
        """The request that follows a redirect answer to this one; `first` is the one that began. Raises Permanent.

        301, 302 and 303 turn every method but GET and HEAD into GET without a body. What is secret does not follow to
        another domain.
        """
        try:
            target = self.target.follow(location)
        except Permanent as error:
            raise Permanent(
                f"it redirects to a place that is none: {error.what}", where=self.target.authority
            ) from None
        headers = self.headers.copy()
        method, body = self.method, self.body
        if status not in _KEEP_THE_BODY:
            method, body = (method if method in ("GET", "HEAD") else "GET"), b""
            _drop(headers, _OF_THE_BODY)
        if target.authority != self.target.authority:
            _drop(headers, ("Host",))
        if not _within(target.host, first.target.host):
            _drop(headers, _SENSITIVE)
            _drop(headers, self.secret)
        if "Referer" not in first.headers:
            _drop(headers, ("Referer",))
            if not (self.target.url.scheme == "https" and target.url.scheme == "http"):
                headers["Referer"] = self.target.address
        return replace(self, method=method, target=target, headers=headers, body=body)


def _drop(headers: CIMultiDict[str], names: Collection[str]) -> None:
    for name in names:
        headers.popall(name, None)


def _within(host: str, domain: str) -> bool:
    """Whether a host is the domain or below it; an IP address has nothing below it."""
    return host == domain or (":" not in host and host.endswith(f".{domain}"))
