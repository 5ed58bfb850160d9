"""triggers/email/message.py: what is no address, and that no text gets out of its place."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triggers.email.message import Sender, compose, message_id, parse_address, parse_sender
from triggers.text import printable

ADA = Sender("", "ada@a.test")
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
}


def composed(subject: str = "s", body: str = "b", sender: Sender = ADA) -> tuple[bytes, EmailMessage]:
    raw = compose(sender, "bob@b.test", subject, body, key="key-1", now=1_700_000_000)
    return raw, message_from_bytes(raw, policy=policy.default)


def decoded(raw: bytes, name: str) -> str:
    """A header as a mail program shows it."""
    return str(make_header(decode_header(message_from_bytes(raw)[name])))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@b.test", "a@b.test"),
        (" a@b.test\n", "a@b.test"),
        ("o'neil+x.y_z@mail-1.b.test", "o'neil+x.y_z@mail-1.b.test"),
        ("root@localhost", "root@localhost"),
        ("ada@müller.example", "ada@xn--mller-kva.example"),
        *((wrong, None) for wrong in ("", "a", "@b.test", "a@", "a b@c.test", "a@b@c.test", "a@-b.test", "a@b..test")),
        *((wrong, None) for wrong in ("a@b.test>\r\nDATA", "a\r\n@b.test", "<a@b.test>", "zoë@b.test", '"a b"@c.test')),
        *((wrong, None) for wrong in ("a@b.test, c@d.test", "a@" + "x" * 64 + ".test", "a@ü" + "ü" * 80 + ".test")),
    ],
)
def test_addresses(text: str, address: str | None) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("a@b.test", Sender("", "a@b.test")),
        ("<a@b.test>", Sender("", "a@b.test")),
        ("Build Bot <a@b.test>", Sender("Build Bot", "a@b.test")),
        ('"Bot, Build" <a@b.test>', Sender("Bot, Build", "a@b.test")),
        ("Zoë\r\nBcc: x <a@b.test>", Sender("Zoë Bcc: x", "a@b.test")),
        ("", None),
        ("Bot <a>", None),
        ("Bot <a@b.test> <c@d.test>", None),
    ],
)
def test_senders(text: str, sender: Sender | None) -> None:
    assert parse_sender(text) == sender


@given(st.text(), st.text())
@example("=?utf-8?q?a=0D=0ABcc:_x@y.test?=", "b")
@example("a\r\nBcc: x@y.test\r\n\r\nbody", ".\r\n.\r\nQUIT\r\n")
@example("x" * 3000, "y" * 3000)
@example("a " * 1500, "\0\x0b\x0c\x85\u2028")
@example("Grüße\ud800", "Grüße\ud800")
def test_a_mail_holds_what_it_was_given_and_no_other_header(subject: str, body: str) -> None:
    raw, mail = composed(subject, body)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\0" not in raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert set(mail.keys()) == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    expected = printable(subject).strip().encode("utf-8", "replace").decode()
    assert decoded(raw, "Subject").split() == expected.split()
    content = mail.get_payload(decode=True)
    assert isinstance(content, bytes)
    sent = body.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    received = content.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert received.removesuffix("\n") == sent.removesuffix("\n")


@given(st.text(max_size=200))
@example("=?utf-8?q?a=0D=0ABcc:_x@y.test?=")
@example('a" <x@y.test>, "')
@example("ü" * 200)
def test_a_name_stays_a_name(name: str) -> None:
    sender = parse_sender(f"{name} <a@b.test>")
    if sender is None:
        return
    raw, mail = composed(sender=sender)
    assert set(mail.keys()) == HEADERS
    parsed = message_from_bytes(raw)["From"].replace("\r\n", "")
    assert parsed.endswith(("a@b.test", "<a@b.test>"))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_a_plain_mail() -> None:
    raw, mail = composed("Build failed", "line one\nline two\n", Sender("Build Bot", "bot@a.test"))
    assert mail["From"] == "Build Bot <bot@a.test>"
    assert (mail["To"], mail["Subject"]) == ("bob@b.test", "Build failed")
    assert mail["Date"].datetime.isoformat() == "2023-11-14T22:13:20+00:00"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert raw.endswith(b"\r\n\r\nline one\r\nline two\r\n")


def test_a_message_id_is_of_the_key_and_the_address() -> None:
    first = message_id("key", "a@b.test", "c.test")
    assert first == message_id("key", "a@b.test", "c.test")
    assert first.endswith("@c.test>")
    assert len({first, message_id("key2", "a@b.test", "c.test"), message_id("key", "b@b.test", "c.test")}) == 3
    assert composed()[1]["Message-ID"] == message_id("key-1", "bob@b.test", "a.test")
