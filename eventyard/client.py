"""The API of a running instance, asked with the standard library: commands must not wait for an HTTP library to load."""

from __future__ import annotations

import os
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from socket import create_connection
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from config.errors import EventyardError
from eventyard.address import TOKEN, split_address

TIMEOUT: Final = 30.0
"""Seconds for an answer."""

CATCH_UP_TIMEOUT: Final = 3600.0
"""Seconds for one that others have to be asked for, maybe a thousand times."""


class Unreachable(EventyardError):
    """Nothing listens there."""


class Instance:
    """A running instance at HOST:PORT. All methods raise Unreachable, or EventyardError with what it answered."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self._host, self._port = split_address(address)
        self._token = os.environ.get(TOKEN, "") if token is None else token

    def greet(self) -> None:
        """Raise Unreachable if nothing listens there."""
        try:
            create_connection((self._host, self._port), TIMEOUT).close()
        except OSError as error:
            raise self._unreachable(error) from None

    def events(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Events, newest first."""
        return self._list("GET", f"/events?{urlencode(query)}")

    def event(self, id: str) -> list[dict[str, Any]]:
        """Every event that the id means, with its data."""
        return self._list("GET", f"/events/{quote(id, safe='')}")

    def explain(self, id: str) -> list[dict[str, Any]]:
        """Why each of them did or did not fire."""
        return self._list("GET", f"/events/{quote(id, safe='')}/explain")

    def dead_letters(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Dead letters, newest first."""
        return self._list("GET", f"/dead-letters?{urlencode(query)}")

    def dead_letter(self, id: str) -> dict[str, Any]:
        """One of them."""
        return self._dict("GET", f"/dead-letters/{quote(id, safe='')}")

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Publish a test event."""
        return self._dict("POST", "/events", request)

    def retry(self, ids: list[int]) -> int:
        """Fire dead letters again; how many there were."""
        return int(self._dict("POST", "/dead-letters/retry", {"ids": ids})["retried"])

    def drop(self, ids: list[int]) -> int:
        """Delete dead letters; how many there were."""
        return int(self._dict("POST", "/dead-letters/drop", {"ids": ids})["dropped"])

    def catch_up(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Have sources fetch what did not arrive; what came of it, source by source."""
        return self._list("POST", "/sources/catch-up", request, timeout=CATCH_UP_TIMEOUT)

    def _list(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, timeout: float = TIMEOUT
    ) -> list[dict[str, Any]]:
        answer = self._ask(method, path, body, timeout)
        if not isinstance(answer, list):
            raise self._strange()
        return answer

    def _dict(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._ask(method, path, body)
        if not isinstance(answer, dict):
            raise self._strange()
        return answer

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, timeout: float = TIMEOUT) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        connection = HTTPConnection(self._host, self._port, timeout=timeout)
        try:
            connection.request(method, f"/api/v1{path}", orjson.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            content, status = response.read(), response.status
        except (HTTPException, ConnectionResetError):
            raise self._strange() from None
        except OSError as error:
            raise self._unreachable(error) from None
        finally:
            connection.close()
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise self._strange() from None
        if status >= 400:
            fields = answer if isinstance(answer, dict) else {}
            raise EventyardError(str(fields.get("error") or f"status {status}"), fix=str(fields.get("fix") or ""))
        return answer

    def _unreachable(self, error: OSError) -> Unreachable:
        return Unreachable(
            f"nothing answers at {self.address}: {error.strerror or error}",
            fix="start an instance with 'eventyard run', or say with --ops where one listens",
        )

    def _strange(self) -> EventyardError:
        return EventyardError(f"what answers at {self.address} is no eventyard", fix="say with --ops where one listens")
