"""Settings of a connection, and failures in words. That brokers are met with them is tested with sources and triggers."""

from __future__ import annotations

import errno
import ssl
from typing import Any

import pytest
from aiokafka import errors as kafka

from bus.kafka.client import KafkaConnection, explained
from bus.kafka.msk import MskTokens
from config.errors import Permanent, Temporary
from config.model import SASLConfig, SecretKeySelector, TLSConfig
from tests.fakes.values import FakeSecrets

USER, WORD = SecretKeySelector(name="s", key="user"), SecretKeySelector(name="s", key="word")
SECRETS = FakeSecrets(user="ada", word="pw")


def sasl(mechanism: str = "") -> SASLConfig:
    return SASLConfig(mechanism=mechanism, user_secret=USER, password_secret=WORD)


@pytest.mark.parametrize(
    ("url", "brokers"),
    [
        ("a:1", ["a:1"]),
        (" a , b:2,", ["a:9092", "b:2"]),
        ("[::1]:1,[::1]", ["[::1]:1", "[::1]:9092"]),
    ],
)
def test_brokers(url: str, brokers: list[str]) -> None:
    connection = KafkaConnection(url=url)
    assert connection.brokers == brokers
    assert connection.check() == []


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"url": ""}, "url"),
        ({"url": "kafka://a:1"}, "url"),
        ({"url": "a:b"}, "url"),
        ({"url": "a:0"}, "url"),
        ({"url": "a:65536"}, "url"),
        ({"url": "a", "sasl": sasl("GSSAPI")}, "sasl.mechanism"),
        ({"url": "a", "sasl": sasl("OAUTHBEARER")}, "sasl.mechanism"),
        ({"url": "a", "tls": TLSConfig()}, "tls"),
    ],
)
def test_faults(fields: dict[str, Any], path: str) -> None:
    connection = KafkaConnection(**fields)
    ((found, what, fix),) = connection.check()
    assert found == path
    assert what
    assert fix
    with pytest.raises(Permanent):
        connection.arguments(SECRETS)


@pytest.mark.parametrize(
    ("fields", "protocol"),
    [
        ({}, "PLAINTEXT"),
        ({"tls": TLSConfig(enabled=True)}, "SSL"),
        ({"sasl": sasl("SCRAM-SHA-512")}, "SASL_PLAINTEXT"),
        ({"tls": TLSConfig(enabled=True), "sasl": sasl()}, "SASL_SSL"),
        ({"region": "eu-west-1", "sasl": sasl("GSSAPI")}, "SASL_SSL"),
    ],
)
def test_arguments(fields: dict[str, Any], protocol: str) -> None:
    arguments = KafkaConnection(url="a", **fields).arguments(SECRETS)
    assert arguments["security_protocol"] == protocol
    assert isinstance(arguments.get("ssl_context"), ssl.SSLContext) is protocol.endswith("SSL")
    if "region" in fields:
        assert arguments["sasl_mechanism"] == "OAUTHBEARER"
        assert isinstance(arguments["sasl_oauth_token_provider"], MskTokens)
    elif "sasl" in fields:
        assert arguments["sasl_mechanism"] == fields["sasl"].mechanism or "PLAIN"
        assert (arguments["sasl_plain_username"], arguments["sasl_plain_password"]) == ("ada", "pw")


def test_secrets_that_are_needed() -> None:
    ca = SecretKeySelector(name="s", key="ca")
    tls = TLSConfig(ca_cert_secret=ca)
    assert list(KafkaConnection(url="a", tls=tls, sasl=sasl()).selectors()) == [ca, USER, WORD]
    skipped = TLSConfig(ca_cert_secret=ca, insecure_skip_verify=True)
    assert list(KafkaConnection(url="a", tls=skipped, sasl=sasl(), region="r").selectors()) == []


@pytest.mark.parametrize(
    ("error", "what", "fix"),
    [
        (kafka.SaslAuthenticationFailed("no\nway"), "the broker refused the login: no way", "userSecret"),
        (kafka.UnsupportedSaslMechanismError("x"), "the broker refused this way to log in: x", "sasl.mechanism"),
        (kafka.UnknownTopicOrPartitionError(), "there is no topic 't'", "create it"),
        (kafka.InvalidTopicError(), "'t' is no name for a topic", "letters"),
        (kafka.TopicAuthorizationFailedError("t"), "this user may not use the topic 't'", "ACL"),
        (kafka.GroupAuthorizationFailedError("g"), "this user may not use the consumer group", "ACL"),
        (kafka.NotEnoughReplicasError(), "too few replicas of the topic 't' are in sync", "min.insync.replicas"),
        (kafka.RequestTimedOutError(), "the broker does not answer", "runs"),
        (TimeoutError(), "the broker does not answer", "runs"),
        (kafka.KafkaConnectionError("gone"), "the broker closed the connection", "tls or sasl"),
        (OSError(errno.ECONNREFUSED, "x"), "no connection: connection refused", "url"),
        (OSError(-2, "Name or service not known"), "no connection: [Errno -2] Name or service not known", "url"),
        (kafka.NodeNotReadyError(), "no broker that leads the topic 't' can be reached", "all brokers"),
        (ssl.SSLError(1, "wrong version number"), "TLS failed: ", "speaks TLS"),
        (kafka.KafkaStorageError(), "Kafka failed: Disk error", "log"),
        (Permanent("a", fix="b"), "a", "b"),
    ],
)
def test_failures_in_words(error: Exception, what: str, fix: str) -> None:
    found = explained(error, "a:1", "t")
    assert isinstance(found, Temporary)
    assert found.what.startswith(what)
    assert fix in found.fix
    assert found.where == "a:1"
