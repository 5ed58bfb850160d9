"""The `email` trigger as tests make it: against a server of this machine."""

from __future__ import annotations

from typing import Any

from tests.fakes.mail_server import PASSWORD, USER, MailServer
from tests.fakes.values import FakeValues, context, event
from triggers.base import Outcome
from triggers.email.adapter import Email, EmailSettings

PUSH = FakeValues(push=event({"ref": "main", "author": "zoe@c.test", "title": "fixed\r\nBcc: eve@evil.test\r\n\r\nhi"}))
LOGIN: dict[str, Any] = {"username": USER, "smtpPassword": {"name": "mail", "key": "password"}}
TLS: dict[str, Any] = {"tls": {"caCertSecret": {"name": "mail", "key": "ca"}}}
ELSEWHERE = "127.1"
"""This machine, by a name that does not say so."""


def make(server: MailServer | None = None, *, password: str = PASSWORD, ca: str = "", **fields: Any) -> Email:
    """The trigger of a manifest's `email` block."""
    block = {
        "host": "127.0.0.1",
        "port": server.port if server is not None else 25,
        "from": "bot@a.test",
        "to": ["ada@b.test"],
        "subject": "Build failed",
        "body": "See the log.",
        **fields,
    }
    return Email(EmailSettings.model_validate(block), context(password=password, ca=ca))


async def fire(trigger: Email, key: str = "key") -> Outcome:
    """Render and fire the entered trigger."""
    return await trigger.fire(trigger.render(trigger.settings, PUSH), key)
