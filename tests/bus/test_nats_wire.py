"""bus/nats_wire.py: what servers say, in whatever pieces it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import nats_wire
from bus.nats_wire import Line, Malformed, Message, Parser, read_headers, unfit, write_headers

names = st.text("abcXYZ-_09", min_size=1, max_size=8)
subjects = st.lists(names, min_size=1, max_size=4).map(".".join)
values = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12).map(str.strip)
heads = st.one_of(st.just(b""), st.dictionaries(names, values, min_size=1, max_size=3).map(write_headers))
messages = st.builds(
    Message,
    sid=st.integers(1, 999),
    subject=subjects,
    reply=st.one_of(st.just(""), subjects),
    head=heads,
    data=st.binary(max_size=60),
)
lines = st.sampled_from(
    [
        Line("PING", b""),
        Line("PONG", b""),
        Line("+OK", b""),
        Line("INFO", b'{"a": 1}'),
        Line("-ERR", b"'Slow Consumer'"),
    ]
)


def delivered(message: Message) -> bytes:
    """As a server sends it."""
    to = f"{message.subject} {message.sid} {message.reply}".strip()
    size = len(message.head) + len(message.data)
    verb, sizes = ("HMSG", f"{len(message.head)} {size}") if message.head else ("MSG", str(size))
    return f"{verb} {to} {sizes}\r\n".encode() + message.head + message.data + b"\r\n"


def said(what: Message | Line) -> bytes:
    """As a server sends it."""
    return delivered(what) if isinstance(what, Message) else f"{what.verb} ".encode() + what.rest + b"\r\n"


@given(st.lists(st.one_of(messages, lines)), st.data())
def test_any_pieces(stream: list[Message | Line], data: st.DataObject) -> None:
    text = b"".join(map(said, stream))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    parser, found = Parser(), []
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        found += parser.feed(text[begin:end])
    assert found == stream


@given(st.lists(st.binary(max_size=40)))
def test_nonsense_is_malformed_at_worst(pieces: list[bytes]) -> None:
    parser = Parser()
    try:
        for piece in pieces:
            parser.feed(piece)
    except Malformed:
        pass


@pytest.mark.parametrize(
    "text",
    [
        b"MSG a\r\n",
        b"MSG a b 3\r\nabc\r\n",
        b"MSG a 1 -3\r\nabc\r\n",
        b"MSG a 1 2 3 4\r\n",
        b"HMSG a 1 20 3\r\n",
        b"HMSG a 1 3\r\n",
        b"MSG a 1 999999999\r\n",
        b"x" * (nats_wire.LONGEST_LINE + 1),
    ],
    ids=lambda text: text[:12],
)
def test_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        Parser().feed(text)


def test_a_large_message_in_many_pieces() -> None:
    message = Message(1, "a", "", b"", bytes(1 << 20))
    text, parser = delivered(message), Parser()
    found = [each for at in range(0, len(text), 4096) for each in parser.feed(text[at : at + 4096])]
    assert found == [message]


@given(st.dictionaries(names, values))
def test_headers_round_trip(headers: dict[str, str]) -> None:
    assert read_headers(write_headers(headers)) == {name: [value] for name, value in headers.items()}


def test_headers_as_others_write_them() -> None:
    head = b"NATS/1.0\r\nA: 1\r\nA:2\r\na: \t3 \r\nEmpty:\r\nno colon\r\n: no name\r\nUtf: \xff\xc3\xa9\r\n\r\n"
    assert read_headers(head) == {"A": ["1", "2"], "a": ["3"], "Empty": [""], "Utf": ["\ufffdé"]}


@pytest.mark.parametrize(("name", "value"), [("a b", "1"), ("", "1"), ("a:", "1"), ("é", "1"), ("a", "1\r\nPUB x 0")])
def test_headers_that_cannot_be_sent(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        write_headers({name: value})


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"NATS/1.0 404 No Messages\r\n\r\n", ("404", "No Messages")),
        (b"NATS/1.0 503\r\n\r\n", ("503", "")),
        (b"NATS/1.0 409 Leadership Change\r\nNats-Pending: 1\r\n\r\n", ("409", "Leadership Change")),
        (b"NATS/1.0\r\nStatus: 404\r\n\r\n", ("", "")),
        (b"", ("", "")),
    ],
)
def test_status(head: bytes, status: tuple[str, str]) -> None:
    assert Message(1, "a", "", head, b"").status == status


def test_commands() -> None:
    assert nats_wire.publish("a.b", b"xyz") == b"PUB a.b 3\r\nxyz\r\n"
    assert nats_wire.publish("a", b"", reply="r") == b"PUB a r 0\r\n\r\n"
    assert (
        nats_wire.publish("a", b"xy", reply="r", head=b"NATS/1.0\r\n\r\n")
        == b"HPUB a r 12 14\r\nNATS/1.0\r\n\r\nxy\r\n"
    )
    assert nats_wire.subscribe(1, "a.*") == b"SUB a.* 1\r\n"
    assert nats_wire.subscribe(1, "a.*", "q") == b"SUB a.* q 1\r\n"
    assert nats_wire.unsubscribe(1) == b"UNSUB 1\r\n"


@pytest.mark.parametrize("subject", ["a", "a.b", "$JS.API.x", "größe.🚀"])
def test_subjects(subject: str) -> None:
    assert not unfit(subject)
    assert not unfit(subject, wildcards=True)


@pytest.mark.parametrize("subject", ["", "a b", "a\r\nPUB x 0", ".a", "a.", "a..b", "\x7f"])
def test_subjects_that_are_none(subject: str) -> None:
    assert unfit(subject)
    assert unfit(subject, wildcards=True)


def test_patterns() -> None:
    assert not unfit("a.*.>", wildcards=True)
    assert unfit("a.*")
    assert unfit("a.>")
    assert unfit("a.>.b", wildcards=True)
    assert not unfit("a*.b>")
