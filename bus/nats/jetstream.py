"""JetStream, the part of NATS that keeps messages: its functions, and storing a message.

Everything is a request with JSON in the answer: to a subject below `$JS.API`, or with the message to its own subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn

import orjson

from bus.nats.client import explained
from bus.nats.connection import Connection, NobodyThere
from config.errors import Permanent, Temporary

API: Final = "$JS.API."

PATIENCE: Final = 10.0
"""Seconds that an answer of JetStream may take."""

NO_CONSUMER: Final = 10014
NO_STREAM: Final = 10059
_TOO_LARGE: Final = 10054
_OFF: Final = (10039, 10076)

_DISABLED: Final = "enable JetStream on the server and for the account, or do without jetStream"


class Declined(Temporary):
    """JetStream's own word for what it would not do; `code` is its `err_code`."""

    def __init__(self, what: str, *, where: str, fix: str = "", code: int = 0) -> None:
        super().__init__(what, where=where, fix=fix)
        self.code = code


class Kept(NamedTuple):
    """Where a message was stored, and whether it was there already."""

    stream: str
    sequence: int
    duplicate: bool


async def ask(connection: Connection, name: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    """The answer of one function of the API. Raises Declined and Temporary."""
    data = b"" if body is None else orjson.dumps(body)
    try:
        with explained(connection):
            message = await connection.request(API + name, data, timeout=PATIENCE)
    except NobodyThere:
        raise Temporary("JetStream is not enabled", where=connection.where, fix=_DISABLED) from None
    except TimeoutError:
        raise Temporary(
            f"JetStream did not answer within {PATIENCE:g} s", where=connection.where, fix=_DISABLED
        ) from None
    answer = orjson.loads(message.data)
    if fault := answer.get("error"):
        code = int(fault.get("err_code", 0))
        what = "JetStream is not enabled" if code in _OFF else str(fault.get("description", "no"))
        raise Declined(what, where=connection.where, fix=_DISABLED if code in _OFF else "", code=code)
    return dict(answer)


async def store(connection: Connection, subject: str, data: bytes, headers: Mapping[str, str]) -> Kept:
    """Publish and return once a stream has the message. Raises Temporary, or Permanent if no try can succeed."""
    try:
        with explained(connection):
            message = await connection.request(subject, data, headers=headers, timeout=PATIENCE)
    except (NobodyThere, TimeoutError):
        await _explain_silence(connection, subject)
    try:
        answer = orjson.loads(message.data)
        fault = answer.get("error")
        kept = None if fault else Kept(answer["stream"], answer["seq"], bool(answer.get("duplicate")))
    except (ValueError, KeyError, AttributeError):
        what = f"what answers on '{subject}' is no stream"
        raise Temporary(what, where=connection.where, fix="check the subject, or do without jetStream") from None
    if kept is not None:
        return kept
    what = f"the stream does not take it: {fault.get('description', 'no')}"
    if fault.get("err_code") == _TOO_LARGE:
        raise Permanent(what, where=connection.where, fix="send less, or raise the stream's max_msg_size")
    raise Temporary(what, where=connection.where, fix="look at the stream: nats stream info")


async def _explain_silence(connection: Connection, subject: str) -> NoReturn:
    """Nobody confirmed a message. Raises Temporary."""
    found = await streams_of(connection, subject)
    if not found:
        fix = f"make one: nats stream add NAME --subjects '{subject}'; or do without jetStream"
        raise Temporary(f"no stream takes the subject '{subject}'", where=connection.where, fix=fix)
    what = f"the stream '{found[0]}' did not confirm within {PATIENCE:g} s"
    raise Temporary(what, where=connection.where, fix="look at the stream: nats stream info")


async def streams_of(connection: Connection, subject: str) -> Sequence[str]:
    """The streams that take this subject. Raises Temporary."""
    answer = await ask(connection, "STREAM.NAMES", {"subject": subject})
    return answer.get("streams") or ()
