"""What is sent: whole HTTP requests, no two alike, each with an id that the sink recognises wherever it stands in a body.

An id is 16 hexadecimal digits that all requests of one kind share, then the request's number in 24.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any, Protocol

import orjson

SECRET = b"0123456789abcdef0123456789abcdef"
PUSH_BYTES = 7_700
NUMBER_DIGITS = 24

_LINKS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads "
    "events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges "
    "milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees"
)


class Deliveries(Protocol):
    """A kind of request to one address."""

    nonce: str

    def request(self, number: int) -> bytes:
        """The bytes of one request: head and body."""


def push() -> dict[str, Any]:
    """A push as GitHub sends one, of `PUSH_BYTES` as JSON."""
    api = "https://api.github.com/repos/octo-org/octo-repo"
    person = {"name": "octo", "email": "octo@example.test", "username": "octo"}
    account = {"login": "octo", "id": 583231, "type": "User", "site_admin": False}
    account |= {f"{link}_url": f"{api}/{link}" for link in _LINKS.split()[:12]}
    made: dict[str, Any] = {
        "ref": "refs/heads/master",
        "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        "after": "",
        "repository": {
            "id": 186853002,
            "name": "octo-repo",
            "full_name": "octo-org/octo-repo",
            "private": False,
            "owner": account,
            "fork": False,
            "size": 214,
            "topics": ["event", "bus"],
            **{f"{link}_url": f"{api}/{link}{{/sha}}" for link in _LINKS.split()},
        },
        "pusher": person,
        "sender": account,
        "created": False,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "commits": [],
    }
    while len(orjson.dumps(made)) < PUSH_BYTES - 400:
        number = len(made["commits"])
        made["commits"].append(
            {
                "id": f"{number:040x}",
                "distinct": True,
                "message": f"Change {number}",
                "timestamp": "2026-11-23T21:14:03+01:00",
                "author": person,
                "committer": person,
                "added": [],
                "removed": [],
                "modified": ["README.md"],
            }
        )
    made["compare"] = "x" * (PUSH_BYTES - len(orjson.dumps(made)) - 53)
    return made


class Pushes:
    """GitHub's deliveries, each with a delivery id of its own, `after` as the id, and a valid signature."""

    def __init__(self, port: int, path: str) -> None:
        self.nonce = secrets.token_hex(8)
        self._salt = secrets.token_hex(6)
        mark = "#" * 40
        self._begin, self._end = orjson.dumps({**push(), "after": mark}).split(mark.encode())
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "User-Agent: GitHub-Hookshot/0123456",
            "Accept: */*",
            "Content-Type: application/json",
            "X-GitHub-Event: push",
            "X-GitHub-Hook-ID: 292430182",
            "X-GitHub-Hook-Installation-Target-ID: 186853002",
            "X-GitHub-Hook-Installation-Target-Type: repository",
            f"Content-Length: {len(self._begin) + 40 + len(self._end)}",
            "X-GitHub-Delivery: ",
        ]
        self._head = "\r\n".join(lines).encode()

    def request(self, number: int) -> bytes:
        id = f"{self.nonce}{number:0{NUMBER_DIGITS}x}".encode()
        body = b"".join((self._begin, id, self._end))
        signature = hmac.digest(SECRET, body, "sha256").hex()
        delivery = f"{number:08x}-cc78-11e3-81ab-{self._salt}\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n"
        return b"".join((self._head, delivery.encode(), body))


class Notes:
    """Small JSON bodies that hold little more than an id."""

    def __init__(self, port: int, path: str) -> None:
        self.nonce = secrets.token_hex(8)
        self._begin, self._end = b'{"id":"', b'","level":"info"}'
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Content-Type: application/json",
            f"Content-Length: {len(self._begin) + 40 + len(self._end)}",
        ]
        self._head = "\r\n".join([*lines, "", ""]).encode()

    def request(self, number: int) -> bytes:
        id = f"{self.nonce}{number:0{NUMBER_DIGITS}x}".encode()
        return b"".join((self._head, self._begin, id, self._end))
