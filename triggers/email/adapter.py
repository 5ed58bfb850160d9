"""Sends mails through an SMTP server, in the fields of Argo Events' email trigger.

TLS: from the first byte on port 465, elsewhere by STARTTLS whenever the server offers it; the certificate is verified. A login is
never sent without TLS, unless `host` is this machine (`localhost`, 127.0.0.0/8, ::1). A mail without a login goes to a server
without TLS as it is, unless the manifest has a `tls` block, which demands TLS.

Every address gets a mail of its own, so nobody learns who else does. SMTP knows no idempotency key: a repeated firing sends
again, but with the same Message-ID, by which many mailboxes know a mail that they have; and a repetition in the same process
leaves out the addresses whose mails the server has taken.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from pydantic import Field

from config.credentials import text_of
from config.errors import Permanent, Temporary
from config.model import Int32, Model, SecretKeySelector, TLSConfig
from config.sensor import TriggerParameter
from config.tls import check_tls
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.email.message import Sender, compose, parse_address, parse_sender
from triggers.email.session import Server, Session, open_session
from triggers.overrides import overridden
from triggers.text import one_line

CONNECTIONS: Final = 4
"""Sessions of one trigger at the same time; mail servers do not like many from one client."""

REMEMBERED: Final = 1024
"""Firings at most of which it is known who has the mail already; the oldest is forgotten first."""

_SUBMISSION, _RELAY = 587, 25
_TAKEN: Final = 250
_SHOWN: Final = 1024


class EmailSettings(Model):
    """The `email` block of a trigger template. `tls` is eventyard's own."""

    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    host: str = Field(default="", description="The SMTP server.")
    port: Int32 = Field(default=0, description="465 is TLS from the start; 0 is 587 with a login, otherwise 25.")
    username: str = Field(default="", description="For the login, which needs smtpPassword too.")
    smtp_password: SecretKeySelector | None = Field(default=None, description="The password of the login.")
    from_: str = Field(default="", alias="from", description="An address, or `Name <address>`.")
    to: list[str] | None = Field(default=None, description="Addresses; each gets a mail of its own.")
    subject: str = Field(default="", description="Of the mail, one line.")
    body: str = Field(default="", description="Of the mail, plain text.")
    tls: TLSConfig | None = Field(
        default=None, description="TLS is demanded, with own certificates or the system's roots."
    )


@dataclass(frozen=True, slots=True)
class Mail(Rendered):
    """One mail to each of the addresses in `to`; `unfit` are those that are none."""

    sender: Sender
    to: tuple[str, ...]
    unfit: tuple[str, ...]
    settings: EmailSettings = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`mail to ada@example.org, 'Build failed'  See …`"""
        addresses = ", ".join((*self.to, *self.unfit))
        return one_line(f"mail to {addresses}, '{self.settings.subject}'", self.settings.body, limit)

    def view(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "host": settings.host,
            "port": _port(settings),
            "from": str(self.sender),
            "to": [*self.to, *self.unfit],
            "subject": settings.subject,
            "body": settings.body,
        }


class Email(Trigger[EmailSettings, Mail]):
    """Sends the mails of a firing over one session.

    Raises Temporary for what may pass (nobody answers, 4xx, the login is refused), Permanent with the server's words for what it
    refuses with 5xx. One address that is refused keeps the mail from no other. Unlike in Argo Events, `parameters` of the block
    itself are applied.
    """

    kind: ClassVar[str] = "email"
    Settings: ClassVar[type[Model]] = EmailSettings

    def __init__(self, settings: EmailSettings, context: TriggerContext) -> None:
        super().__init__(settings, context)
        self._places = asyncio.Semaphore(CONNECTIONS)
        # By key, what the server said to the mails it took in attempts that did not reach everybody.
        self._taken: OrderedDict[str, dict[str, str]] = OrderedDict()

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, EmailSettings)
        found = check_tls(settings.tls)
        if not settings.parameters:
            # The Sensor's own parameters for this trigger may still fill in what is missing here.
            texts = {"from": settings.from_, "to": settings.to, "subject": settings.subject, "body": settings.body}
            found += [
                (name, "warning: is missing", f"write it, or set email.{name} by a parameter")
                for name, value in texts.items()
                if not value
            ]
        if settings.from_ and parse_sender(settings.from_) is None:
            found.append(("from", "warning: is no e-mail address", "write ada@example.org"))
        for index, address in enumerate(settings.to or ()):
            if parse_address(address) is None:
                found.append((f"to.{index}", "warning: is no e-mail address", "write ada@example.org"))
        if bool(settings.username) != (settings.smtp_password is not None):
            name = "smtpPassword" if settings.username else "username"
            found.append((name, "warning: is missing, so there is no login", "give both or neither"))
        return found

    def render(self, settings: EmailSettings, values: Values) -> Mail:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        for name, value in (("host", settings.host), ("subject", settings.subject), ("body", settings.body)):
            if not value:
                raise Permanent(f"the mail has no {name}", fix=f"give {name}, or set email.{name} by a parameter")
        if not settings.host.isprintable() or " " in settings.host:
            raise Permanent("host holds characters that no name has", fix="check host")
        if not 0 <= settings.port <= 65535:
            raise Permanent(f"{settings.port} is no port", fix="write a number between 0 and 65535")
        sender = parse_sender(settings.from_)
        if sender is None:
            raise Permanent("from is no e-mail address", fix="write ada@example.org, or Ada <ada@example.org>")
        parsed = {text: parse_address(text) for text in settings.to or ()}
        to = tuple(dict.fromkeys(address for address in parsed.values() if address is not None))
        unfit = tuple(text for text, address in parsed.items() if address is None)
        if not to:
            raise Permanent("to has no e-mail address", fix="write at least one, such as ada@example.org")
        return Mail(sender, to, unfit, settings)

    async def fire(self, request: Mail, key: str) -> Outcome:
        taken = self._taken.pop(key, {})
        try:
            async with self._places:
                failures = await self._send(request, key, taken)
        except (Temporary, asyncio.CancelledError):
            self._remember(key, taken)
            raise
        if not failures:
            return Outcome(_TAKEN, "; ".join(taken.values())[:_SHOWN])
        what = _summary(failures, f"{len(taken)} of {len(request.to) + len(request.unfit)} mails were taken")
        where = next((error.where for error in failures.values() if error.where), request.settings.host)
        if any(isinstance(error, Temporary) for error in failures.values()):
            self._remember(key, taken)
            raise Temporary(what, where=where)
        raise Permanent(what, where=where, fix=next(iter(failures.values())).fix)

    async def _send(self, request: Mail, key: str, taken: dict[str, str]) -> dict[str, Temporary | Permanent]:
        """Hand over what is not `taken` yet, and note there what is. What became of the others is returned."""
        wrong = Permanent("is no e-mail address", fix="check the addresses in to")
        failures: dict[str, Temporary | Permanent] = dict.fromkeys(request.unfit, wrong)
        secrets, settings = self.context.secrets, request.settings
        server = Server(
            host=settings.host,
            port=_port(settings),
            username=settings.username,
            password=text_of(secrets, settings.smtp_password).rstrip("\r\n") if settings.username else "",
            tls=settings.tls,
        )
        left = [address for address in request.to if address not in taken]
        if not left:
            return failures
        async with open_session(server, secrets) as session:
            for address in left:
                try:
                    taken[address] = await self._deliver(session, request, address, key)
                except (Temporary, Permanent) as error:
                    failures[address] = error
                    if not session.is_open:
                        break
        for address in left:
            if address not in taken:
                failures.setdefault(address, Temporary("was not tried any more", where=str(server)))
        return failures

    async def _deliver(self, session: Session, request: Mail, address: str, key: str) -> str:
        settings = request.settings
        message = compose(request.sender, address, settings.subject, settings.body, key=key, now=time.time())
        return await session.deliver(request.sender.address, address, message)

    def _remember(self, key: str, taken: dict[str, str]) -> None:
        if taken:
            self._taken[key] = taken
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)


def _port(settings: EmailSettings) -> int:
    return settings.port or (_SUBMISSION if settings.username else _RELAY)


def _summary(failures: Mapping[str, Temporary | Permanent], rest: str) -> str:
    """Who did not get the mail and why, the same reason once: `ada@a.test, bob@b.test: the server refuses …`"""
    reasons: dict[str, list[str]] = {}
    for address, error in failures.items():
        reasons.setdefault(error.what, []).append(address)
    said = "; ".join(f"{', '.join(addresses)}: {what}" for what, addresses in reasons.items())
    return one_line(said, "", _SHOWN) + f" ({rest})"
