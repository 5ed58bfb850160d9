"""Payloads that a user hands over become the data that a delivery of them would have become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.errors import EventyardError
from eventsources.calendar import Calendar
from eventsources.github.adapter import GitHub, GitHubSettings
from eventsources.webhook import Webhook, WebhookSettings


def _webhook(body: bytes, headers: dict[str, str] | None = None, **settings: Any) -> Any:
    return json.loads(Webhook.wrap(WebhookSettings(**settings), body, headers or {}))


def _github(body: bytes, headers: dict[str, str] | None = None, **settings: Any) -> Any:
    return json.loads(GitHub.wrap(GitHubSettings(**settings), body, headers or {}))


def test_webhook() -> None:
    headers = {"x-trace-id": "7", "Authorization": "Bearer secret", "Host": "example.com"}
    assert _webhook(b'{"a": 1}', headers, metadata={"team": "blue"}) == {
        "header": {"Authorization": ["*** Masked Auth Secret ***"], "X-Trace-Id": ["7"]},
        "body": {"a": 1},
        "metadata": {"team": "blue"},
    }
    form = _webhook(b"a=1&a=2", {"content-type": "application/x-www-form-urlencoded"})
    assert form["body"] == {"a": ["1", "2"]}


def test_webhook_that_takes_cloud_events() -> None:
    assert Webhook.wrap(WebhookSettings(cloud_events=True), b'{"a": 1}', {}) == b'{"a": 1}'


def test_github() -> None:
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d-1"}
    assert _github(b'{"ref": "x"}', headers, metadata={"team": "blue"}) == {
        "headers": {"X-Github-Event": ["push"], "X-Github-Delivery": ["d-1"]},
        "body": {"ref": "x", "X-GitHub-Event": "push", "X-GitHub-Delivery": "d-1"},
        "metadata": {"team": "blue"},
    }
    form = _github(b"payload=%7B%22ref%22%3A1%7D", {"Content-Type": "application/x-www-form-urlencoded"})
    assert form["body"]["ref"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nonsense"])
def test_what_would_be_refused(body: bytes) -> None:
    for make in (_webhook, _github):
        with pytest.raises(EventyardError, match="such a delivery would be"):
            make(body)
    with pytest.raises(EventyardError, match="such a delivery would be"):
        _github(b"[1]")
    with pytest.raises(EventyardError, match="such a delivery would be"):
        _github(b"{}", {"Content-Type": "no type at all"})


def test_others_take_it_as_it_is() -> None:
    assert Calendar.wrap(Calendar.Settings(), b"as it is", {"X": "y"}) == b"as it is"
