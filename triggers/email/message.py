"""A mail as bytes, made so that nothing an event brings can become a header or a command of its own.

The headers are written by the standard library's older policy on purpose: the newer one decodes encoded words (RFC 2047) that it
finds in a value, and so lets a subject like `=?utf-8?q?=0A…?=` begin a header in the releases of Python before the cure.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.contentmanager import raw_data_manager
from email.header import Header
from email.message import EmailMessage
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Final

from triggers.text import printable

_POLICY: Final = compat32.clone(linesep="\r\n", cte_type="7bit")
# An address as browsers accept it in forms: no quoting, comments or blanks, and so nothing to hide in.
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")
_NAMED: Final = re.compile(r"\s*\"?(?P<name>[^<>\"]*?)\"?\s*<(?P<address>[^<>]+)>\s*")
# What is longer has no place to be folded at, perhaps, and a line may have 998 characters (RFC 5322, section 2.1.1).
_RAW_MOST: Final = 800
_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a mail is from; `name` may be empty."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def parse_address(text: str) -> str | None:
    """`local@domain` with the domain in ASCII (IDNA), None if the text is something else."""
    local, _, domain = text.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return None
    address = f"{local}@{domain}"
    return address if _ADDRESS.fullmatch(address) else None


def parse_sender(text: str) -> Sender | None:
    """An address, or `Name <address>`; None if the text is neither."""
    found = _NAMED.fullmatch(text)
    address = parse_address(found["address"] if found else text)
    if address is None:
        return None
    return Sender(printable(found["name"]).strip() if found else "", address)


def message_id(key: str, address: str, domain: str) -> str:
    """The Message-ID of a firing's mail to an address: the same for every repetition, whoever makes it."""
    digest = hashlib.sha256(f"{key}\0{address}".encode("utf-8", "replace")).hexdigest()
    return f"<{digest[:_ID_DIGITS]}@{domain}>"


def compose(sender: Sender, address: str, subject: str, body: str, *, key: str, now: float) -> bytes:
    """The mail to one address, as plain text, in ASCII and with CRLF (RFC 5322); `now` is in seconds since 1970.

    Line breaks and other control characters of the subject become blanks.
    """
    message = EmailMessage(policy=_POLICY)
    name = _encoded(sender.name)
    message["From"] = formataddr((name, sender.address)) if name == sender.name else f"{name} <{sender.address}>"
    message["To"] = address
    message["Subject"] = _encoded(printable(subject).strip())
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = message_id(key, address, sender.address.rpartition("@")[2])
    # So that no absence assistant answers (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    # NUL must not be sent (RFC 5321, section 4.5.2), and other controls a server may change.
    plain = all(character.isprintable() or character in "\r\n\t" for character in body)
    message.set_content(_sound(body), cte=None if plain else "base64", content_manager=raw_data_manager)
    return message.as_bytes()


def _encoded(text: str) -> str:
    """The text if it can stand in a header as it is, otherwise as encoded words (RFC 2047)."""
    text = _sound(text)
    if text.isascii() and "=?" not in text and len(text) <= _RAW_MOST:
        return text
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which have no bytes."""
    return text.encode("utf-8", "replace").decode()
