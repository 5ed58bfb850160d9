"""`spec.nats.<event>`: its fields and what can be wrong with them."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final, Literal

from pydantic import Field

from bus.nats.client import check_connection
from bus.nats.subject import unfit
from config.backoff import Backoff
from config.duration import Duration
from config.eventsource import EventSourceFilter
from config.model import Int32, Model, NATSAuth, TLSConfig

DeliverPolicy = Literal["", "all", "new", "last", "lastPerSubject"]

_POLICIES: Final = {"all": "all", "new": "new", "last": "last", "lastPerSubject": "last_per_subject"}
_NAME: Final = re.compile(r"[^\s.*>/\\]{1,255}")
_STRANGE: Final = re.compile(r"[^A-Za-z0-9_-]")


class JetStreamSettings(Model):
    """A durable consumer of a stream: a message is acknowledged after it is stored, and until then comes again."""

    stream: str = Field(default="", description="The stream; without it the one that takes the subject.")
    durable: str = Field(
        default="",
        description="The consumer; instances that name the same one share its messages. By default one of this event's own.",
    )
    deliver_policy: DeliverPolicy = Field(
        default="", description="Where a new consumer begins: all (the default), new, last or lastPerSubject."
    )
    ack_wait: Duration | None = Field(
        default=None, description="After so long an unacknowledged message comes again; 5s for a new consumer."
    )
    max_ack_pending: Int32 | None = Field(default=None, description="So many messages may be unacknowledged at once.")

    def config(self, subject: str) -> dict[str, Any]:
        """What of it is a consumer's configuration, in JetStream's words; nothing about what is not said."""
        found: dict[str, Any] = {"filter_subject": subject}
        if self.deliver_policy:
            found["deliver_policy"] = _POLICIES[self.deliver_policy]
        if self.ack_wait is not None:
            found["ack_wait"] = self.ack_wait.ns
        if self.max_ack_pending is not None:
            found["max_ack_pending"] = self.max_ack_pending
        return found


class NatsSettings(Model):
    """`spec.nats.<event>`. `jetStream` and `cloudEvents` are eventyard's own; `connectionBackoff` has no effect, as sources
    are started again with growing pauses for as long as it takes."""

    url: str = Field(default="", description="nats://HOST:4222 or tls://HOST:4222, several with commas between them.")
    subject: str = Field(default="", description="What to listen to; * and > stand for one and for all further parts.")
    queue: str | None = Field(
        default=None, description="Of those in the same queue group each message has one receiver."
    )
    json_body: bool = Field(default=False, description="Bodies are JSON; without it they are base64 text in the event.")
    auth: NATSAuth | None = Field(
        default=None, description="The login; the first of basic, token, nkey, credential counts."
    )
    tls: TLSConfig | None = Field(
        default=None, description="TLS is demanded, with own certificates or the system's roots."
    )
    connection_backoff: Backoff | None = Field(default=None, description="Has no effect.")
    metadata: dict[str, str] | None = Field(default=None, description="Becomes part of each event's data.")
    filter: EventSourceFilter | None = Field(default=None, description="Which events are published at all.")
    jet_stream: JetStreamSettings | None = Field(
        default=None, description="Read the subject from a stream, so that nothing is lost; without it, as it is sent."
    )
    cloud_events: bool = Field(
        default=False,
        description="Messages that are CloudEvents (NATS binding, binary or structured) stay what they are.",
    )

    def check(self) -> list[tuple[str, str, str]]:
        """Faults and warnings: (field path, what, fix)."""
        found = check_connection(self.url, self.tls, self.auth)
        if self.subject and (what := unfit(self.subject, wildcards=True)):
            found.append(("subject", f"'{self.subject}' {what}", "write names with dots between them: orders.*.paid"))
        if self.queue is not None and re.search(r"\s", self.queue):
            found.append(("queue", f"'{self.queue}' holds a blank", "write a name without blanks"))
        stream = self.jet_stream
        if stream is None:
            return found
        for name, value in (("stream", stream.stream), ("durable", stream.durable)):
            if value and not _NAME.fullmatch(value):
                found.append((f"jetStream.{name}", f"'{value}' is no name", "write it without blanks and . * > / \\"))
        if stream.ack_wait is not None and stream.ack_wait.ns <= 0:
            found.append(("jetStream.ackWait", f"'{stream.ack_wait}' is no time to wait", "write one such as 30s"))
        if stream.max_ack_pending is not None and stream.max_ack_pending < 1:
            found.append(("jetStream.maxAckPending", "lets nothing through", "write 1 or more"))
        if self.queue:
            what = "warning: has no effect with jetStream, whose consumer shares the work"
            found.append(("queue", what, "remove it"))
        return found


def durable_name(namespace: str, source: str, event: str) -> str:
    """The name of a consumer that its manifest gives none: legible, and no other event's."""
    key = sha256(f"{namespace}/{source}/{event}".encode()).hexdigest()[:8]
    return f"eventyard-{_STRANGE.sub('_', f'{source}-{event}')[:80]}-{key}"
