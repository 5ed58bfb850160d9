"""A way to the real API server on which requests can be made to suffer, and which remembers what went through.

Answers are passed on whole: a watch would never come through.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import yaml

from tests.contract.trigger import RETRY_AFTER, Trouble
from tests.fakes.sink import HANG, RESET, Seen, Sink, answer
from tests.servers.kube import Kube


def refusal(status: int, reason: str, message: str, **headers: str) -> bytes:
    """A `Status` object as an API server answers it."""
    body = {"kind": "Status", "status": "Failure", "code": status, "reason": reason, "message": message}
    return answer(status, json.dumps(body).encode(), Content_Type="application/json", **headers)


TROUBLES: Final[Mapping[Trouble, bytes]] = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: refusal(500, "InternalError", "out of order"),
    Trouble.BUSY: refusal(429, "TooManyRequests", "too many requests", Retry_After=str(int(RETRY_AFTER))),
    Trouble.REFUSES: refusal(
        403,
        "Forbidden",
        'configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "build"',
    ),
    Trouble.HANGS: HANG,
}


class KubeProxy:
    """`troubles` meet the next requests about objects; asking which resources there are is never disturbed.

    `kubeconfig` leads here, by a context that is called as its address, and as the user `admin`.
    """

    def __init__(self, kube: Kube, folder: Path) -> None:
        self.kubeconfig = folder / "proxied"
        self.troubles: deque[bytes] = deque()
        self.requests: list[Seen] = []
        self.sink = Sink(usual=self._pass_on)
        self._kube, self._lose = kube, False
        self._trust = ssl.create_default_context(cafile=str(kube.authority.ca))

    async def __aenter__(self) -> Self:
        await self.sink.__aenter__()
        name = self.sink.authority
        made: dict[str, Any] = {
            "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": self.sink.url}}],
            "users": [{"name": "admin", "user": {"token": self._kube.token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": "admin"}}],
        }
        self.kubeconfig.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **made}))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.sink.__aexit__(kind, error, trace)

    def asked(self, *methods: str) -> list[Seen]:
        """Requests about objects, of these methods or of any."""
        return [each for each in self.requests if not methods or each.method in methods]

    async def until_asked(self, count: int, *methods: str) -> None:
        """Wait until so many requests about objects have come."""
        await self.sink.until(lambda _: len(self.asked(*methods)) >= count)

    def lose_next(self) -> None:
        """Let the next request about an object reach the server, and its answer get lost."""
        self._lose = True

    def _pass_on(self, seen: Seen) -> bytes:
        lost = False
        if "/namespaces/" in seen.target:
            self.requests.append(seen)
            if self.troubles:
                return self.troubles.popleft()
            lost, self._lose = self._lose, False
        connection = http.client.HTTPSConnection("127.0.0.1", self._kube.port, context=self._trust, timeout=10)
        try:
            kept = {name: value for name, value in seen.headers if name.lower() not in ("host", "accept-encoding")}
            connection.request(seen.method, seen.target, seen.body or None, kept)
            given = connection.getresponse()
            body = given.read()
            return RESET if lost else answer(given.status, body, Content_Type="application/json")
        finally:
            connection.close()
