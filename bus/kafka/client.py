"""Connections to Kafka: one reading of the settings that sources, triggers and buses share, and plain words for failures.

The library says "Unable to bootstrap" whatever the reason is, so `reach` asks the brokers itself, before any consumer or
producer is made, and names the reason. Later failures are put into words by `explained`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import errors as kafka
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.protocol.metadata import MetadataRequest

from config.credentials import Secrets, text_of
from config.errors import EventyardError, Permanent, Temporary
from config.model import SASLConfig, SecretKeySelector, TLSConfig
from config.tls import check_tls, make_context

PORT: Final = 9092
PATIENCE: Final = 10.0
"""Seconds that brokers may take to answer before they count as away."""

CREATION: Final = 3.0
"""Seconds that a broker which creates unknown topics by itself may take for it."""

CLOSING: Final = 3.0
"""Seconds that a client may take to part from its broker."""

_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PAUSE: Final = 0.1
_MAY_COME: Final = (kafka.UnknownTopicOrPartitionError, kafka.LeaderNotAvailableError)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaConnection:
    """Where a cluster is and how to log in. `region` is that of an MSK cluster with IAM, empty for all others."""

    url: str
    tls: TLSConfig | None = None
    sasl: SASLConfig | None = None
    region: str = ""

    @property
    def brokers(self) -> list[str]:
        """Each `host:port` to begin with."""
        names = [name.strip() for name in self.url.split(",") if name.strip()]
        return [name if _port_of(name) else f"{name}:{PORT}" for name in names]

    def check(self) -> list[tuple[str, str, str]]:
        """Faults: (field path, what, fix)."""
        found = []
        if not self.brokers:
            found.append(("url", "names no broker", "write host:port, several with commas between them"))
        for broker in self.brokers:
            port = _port_of(broker)
            if "://" in broker or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
                found.append(("url", f"'{broker}' is no address of a broker", "write host:port, without kafka://"))
        if self.sasl is not None and not self.region and (self.sasl.mechanism or "PLAIN") not in _MECHANISMS:
            what = f"there is no way here to log in with {self.sasl.mechanism}"
            found.append(("sasl.mechanism", what, f"use {', '.join(_MECHANISMS)}, or awsMskIamAuth for MSK"))
        return [*found, *check_tls(self.tls)]

    def selectors(self) -> Iterator[SecretKeySelector]:
        """The Secrets that `arguments` reads."""
        tls, sasl = self.tls or TLSConfig(), self.sasl or SASLConfig()
        if not tls.insecure_skip_verify:
            yield from filter(None, (tls.ca_cert_secret, tls.client_cert_secret, tls.client_key_secret))
        if not self.region:
            yield from filter(None, (sasl.user_secret, sasl.password_secret))

    def arguments(self, secrets: Secrets) -> dict[str, Any]:
        """The keyword arguments that all clients of the library take, Secrets in them. Raises Temporary if one is missing,
        Permanent if a certificate or the login cannot be used."""
        # Without a handler of any kind, what the library logs goes to standard error, stack traces included.
        if not (theirs := logging.getLogger("aiokafka")).handlers:
            theirs.addHandler(logging.NullHandler())
        made: dict[str, Any] = {"bootstrap_servers": self.brokers, "client_id": "eventyard"}
        for field, what, fix in self.check():
            raise Permanent(what, where=field, fix=fix)
        secure = self.tls is not None or bool(self.region)
        if secure:
            made["ssl_context"] = make_context(self.tls or TLSConfig(enabled=True), secrets)
        if self.region:
            from bus.kafka.msk import MskTokens

            made |= {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": MskTokens(self.region)}
        elif self.sasl is not None:
            made |= {
                "sasl_mechanism": self.sasl.mechanism or "PLAIN",
                "sasl_plain_username": text_of(secrets, self.sasl.user_secret),
                "sasl_plain_password": text_of(secrets, self.sasl.password_secret),
            }
        login = "SASL_" if "sasl_mechanism" in made else ""
        made["security_protocol"] = login + ("SSL" if secure else "PLAINTEXT")
        return made


@dataclass(frozen=True, slots=True)
class Topic:
    """What a cluster says about a topic: the cluster's id and the numbers of the partitions."""

    cluster: str
    partitions: frozenset[int]


async def reach(arguments: Mapping[str, Any], topic: str) -> Topic:
    """Ask the brokers, one after another, for a topic. Raises Temporary, which names each broker and what is wrong."""
    brokers: list[str] = arguments["bootstrap_servers"]
    failures: list[Temporary] = []
    for broker in brokers:
        try:
            async with asyncio.timeout(max(PATIENCE / len(brokers), 2.0)):
                return await _ask(broker, arguments, topic)
        except Temporary as failure:
            failures.append(failure)
        except Exception as error:
            failures.append(explained(error, broker, topic))
    if len(failures) == 1:
        raise failures[0]
    what = "no broker can be used: " + "; ".join(str(failure) for failure in failures)
    raise Temporary(what, where=",".join(brokers), fix=failures[0].fix)


async def _ask(broker: str, arguments: Mapping[str, Any], topic: str) -> Topic:
    host, _, port = broker.rpartition(":")
    given = {name: value for name, value in arguments.items() if name != "bootstrap_servers"}
    connection: AIOKafkaConnection = await create_conn(
        host.strip("[]"), int(port), request_timeout_ms=int(PATIENCE * 1000), **given
    )
    try:
        loop = asyncio.get_running_loop()
        end = loop.time() + CREATION
        while True:
            answer = await connection.send(MetadataRequest([topic]))
            (found,) = answer.topics
            error = kafka.for_code(found[0])
            if error is kafka.NoError and found[-1]:
                cluster = getattr(answer, "cluster_id", None) or ""
                return Topic(cluster, frozenset(partition[1] for partition in found[-1]))
            if error is not kafka.NoError and (error not in _MAY_COME or loop.time() > end):
                raise explained(error(), broker, topic)
            await asyncio.sleep(_PAUSE)
    finally:
        await connection.close()


def explained(error: Exception, where: str, topic: str) -> Temporary:
    """What a failure of the library means to a person. Every one of them may be mended at the broker."""
    what, fix = _words(error, topic)
    return Temporary(what, where=where, fix=fix)


def _words(error: Exception, topic: str) -> tuple[str, str]:
    match error:
        case EventyardError():
            return error.what, error.fix
        case kafka.SaslAuthenticationFailed() | kafka.AuthenticationFailedError():
            fix = "check userSecret and passwordSecret of sasl, and that this user exists there with this mechanism"
            return f"the broker refused the login: {_said(error)}", fix
        case kafka.UnsupportedSaslMechanismError() | kafka.IllegalSaslStateError():
            return f"the broker refused this way to log in: {_said(error)}", "correct sasl.mechanism"
        case kafka.UnknownTopicOrPartitionError():
            return f"there is no topic '{topic}'", "create it, or correct topic"
        case kafka.InvalidTopicError():
            return f"'{topic}' is no name for a topic", "use letters, digits, '.', '_' and '-'"
        case kafka.TopicAuthorizationFailedError():
            return f"this user may not use the topic '{topic}'", "allow it with an ACL of the topic"
        case kafka.GroupAuthorizationFailedError():
            return "this user may not use the consumer group", "allow it with an ACL of the group"
        case kafka.ClusterAuthorizationFailedError() | kafka.TransactionalIdAuthorizationFailed():
            return "this user may not do that in the cluster", "allow it with an ACL (IdempotentWrite)"
        case kafka.NotEnoughReplicasError() | kafka.NotEnoughReplicasAfterAppendError():
            fix = "bring the missing brokers back, or lower the topic's min.insync.replicas"
            return f"too few replicas of the topic '{topic}' are in sync", fix
        case ssl.SSLCertVerificationError():
            fix = "give the authority that signed it in tls.caCertSecret"
            return f"the broker's certificate is not trusted: {error.verify_message}", fix
        case ssl.SSLError():
            reason = getattr(error, "reason", None) or error
            return f"TLS failed: {reason}", "check tls, and that this port of the broker speaks TLS"
        case TimeoutError() | kafka.RequestTimedOutError() | kafka.KafkaTimeoutError():
            return "the broker does not answer", "see whether it runs and can be reached from here"
        case ConnectionResetError() | kafka.KafkaConnectionError():
            # Brokers give no reason when they do not like how somebody speaks to them.
            return "the broker closed the connection", "see whether it runs and whether this port expects tls or sasl"
        case OSError():
            reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)
            return f"no connection: {reason}", "see whether Kafka runs there, or correct url"
        case kafka.NodeNotReadyError() | kafka.LeaderNotAvailableError() | kafka.NotLeaderForPartitionError():
            return f"no broker that leads the topic '{topic}' can be reached", "see whether all brokers run"
        case kafka.OutOfOrderSequenceNumber() | kafka.ProducerClosed():
            return "it was not sent, because a message before it was refused", "it is sent again"
        case _:
            return f"Kafka failed: {_said(error)}", "see the broker's log"


def _said(error: Exception) -> str:
    """On one line, whatever the broker wrote."""
    text = " ".join(str(part) for part in error.args) or getattr(error, "description", "") or type(error).__name__
    return " ".join(text.split())[:300]


def _port_of(broker: str) -> str:
    """The part after the last colon, if it is not within the brackets of an IPv6 address."""
    _, colon, port = broker.rpartition(":")
    return port if colon and not port.endswith("]") else ""


async def part(client: Any) -> None:
    """Stop a consumer or producer, whatever state its broker is in. The library waits for answers that may never come; once
    it has lost its connections it does not."""
    inner = client.client if hasattr(client, "client") else client._client
    async with asyncio.TaskGroup() as group:
        stopping = group.create_task(_stopped(client), name="kafka:stop")
        for _ in range(2):
            if (await asyncio.wait([stopping], timeout=CLOSING))[0]:
                break
            await inner.close()
        stopping.cancel()
    await inner.close()


async def _stopped(client: Any) -> None:
    # Stopping is all that can still be done, so nobody could do anything about its failure.
    with suppress(Exception):
        await client.stop()
