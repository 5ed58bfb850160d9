"""A block of each type that Argo Events accepts, and the fields that it cannot do without."""

from __future__ import annotations

from typing import Any

import pytest

from config.checks.blocks import unknown_source_fields
from config.checks.sources import SOURCES
from config.eventsource import EVENT_SOURCE_TYPES
from tests.config.given import faults, found, loaded, source

KEY = {"name": "s", "key": "k"}
HOOK = {"endpoint": "/x", "port": "12000", "url": "https://x"}
FOLDER = {"directory": "/data", "path": "x"}

GOOD: dict[str, dict[str, Any]] = {
    "amqp": {"url": "amqp://q", "routingKey": "r", "exchangeType": "fanout"},
    "azureEventsHub": {"fqdn": "f", "hubName": "h"},
    "azureQueueStorage": {"storageAccountName": "s", "queueName": "q"},
    "azureServiceBus": {"connectionString": KEY, "queueName": "q"},
    "bitbucket": {"webhook": HOOK, "auth": {}, "repositories": [{"owner": "o", "repositorySlug": "r"}]},
    "bitbucketserver": {"webhook": HOOK, "bitbucketserverBaseURL": "https://b/rest"},
    "calendar": {"schedule": "0 9 * * *"},
    "emitter": {"broker": "b", "channelName": "n", "channelKey": "k"},
    "file": {"eventType": "CREATE", "watchPathConfig": FOLDER},
    "generic": {"url": "g", "config": "c"},
    "gerrit": {"webhook": HOOK, "projects": ["p"], "events": [], "gerritBaseURL": "https://g", "auth": {}},
    "github": {"webhook": HOOK, "repositories": [{"owner": "o", "names": ["n"]}]},
    "gitlab": {"webhook": HOOK, "events": [], "gitlabBaseURL": "https://g", "accessToken": KEY},
    "hdfs": {"type": "CREATE", "addresses": ["a"], "hdfsUser": "u", **FOLDER},
    "kafka": {"url": "k", "topic": "t", "partition": "0"},
    "minio": {"accessKey": KEY, "secretKey": KEY, "endpoint": "m"},
    "mns": {"queue": "q", "endpoint": "e"},
    "mqtt": {"url": "m", "topic": "t", "clientId": "c"},
    "nats": {"url": "n", "subject": "s"},
    "nsq": {"hostAddress": "h", "topic": "t", "channel": "c"},
    "pubSub": {"topic": "t"},
    "pulsar": {"url": "p", "topics": [], "type": "shared"},
    "redis": {"hostAddress": "h", "channels": []},
    "redisStream": {"hostAddress": "h", "streams": []},
    "resource": {"version": "v1", "resource": "pods", "eventTypes": []},
    "sftp": {"eventType": "CREATE", "watchPathConfig": FOLDER},
    "slack": {"webhook": HOOK, "token": KEY, "signingSecret": KEY},
    "sns": {"webhook": HOOK, "topicArn": "t", "region": "r"},
    "sqs": {"region": "r", "queue": "q"},
    "storageGrid": {"webhook": HOOK, "topicArn": "t", "apiURL": "a", "authToken": KEY, "bucket": "b", "events": []},
    "stripe": {"webhook": HOOK},
    "webhook": {**HOOK, "method": "POST"},
}
OPTIONAL = {("bitbucketserver", "projects"), ("webhook", "url"), ("webhook", "method")}


def test_every_type_is_known() -> None:
    assert SOURCES.keys() == GOOD.keys() == set(EVENT_SOURCE_TYPES)


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_block(kind: str) -> None:
    assert faults(source(**{kind: {"e": GOOD[kind]}})) == []


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, block in GOOD.items() for field in block])
def test_each_field_of_a_good_block_is_needed(kind: str, field: str) -> None:
    if (kind, field) in OPTIONAL:
        return
    block = {name: value for name, value in GOOD[kind].items() if name != field}
    assert faults(source(**{kind: {"e": block}})), field


@pytest.mark.parametrize("kind", GOOD)
def test_wrong_types_and_unknown_fields(kind: str) -> None:
    field = next(iter(GOOD[kind]))
    value: Any = 7 if isinstance(GOOD[kind][field], dict) else {}
    wrong = faults(source(**{kind: {"e": {**GOOD[kind], field: value}}}))
    assert any(path.startswith(f"spec.{kind}.e.{field}") for path, _ in wrong)
    block = loaded(source(**{kind: {"e": {**GOOD[kind], "nonsense": 1}}})).eventsources[0].events[0]
    assert [fault.path for fault in unknown_source_fields(block)] == [f"spec.{kind}.e.nonsense"]


TLS = {"clientCertSecret": KEY}


@pytest.mark.parametrize(
    ("kind", "change", "path"),
    [
        ("amqp", {"urlSecret": KEY}, "urlSecret"),
        ("amqp", {"tls": {}}, "tls.caCertSecret"),
        ("amqp", {"tls": TLS}, "tls.clientKeySecret"),
        ("amqp", {"auth": {"username": KEY}}, "auth.password"),
        ("azureEventsHub", {"sharedAccessKey": KEY}, "sharedAccessKeyName"),
        ("azureServiceBus", {"topicName": "t"}, "queueName"),
        ("azureServiceBus", {"queueName": "", "topicName": "t"}, "subscriptionName"),
        ("azureServiceBus", {"queueName": "", "subscriptionName": "s"}, "topicName"),
        ("bitbucket", {"auth": {"oauthToken": KEY}}, "events"),
        ("bitbucketserver", {"checkInterval": "5"}, "checkInterval"),
        ("bitbucketserver", {"accessToken": KEY, "projects": ["p"]}, "events"),
        ("calendar", {"schedule": "@daily"}, "schedule"),
        ("calendar", {"schedule": "", "interval": "5"}, "interval"),
        ("file", {"watchPathConfig": {"directory": "data", "path": "x"}}, "watchPathConfig.directory"),
        ("file", {"watchPathConfig": {"directory": "/d", "path": "/x"}}, "watchPathConfig.path"),
        ("file", {"watchPathConfig": {"directory": "/d", "pathRegexp": "["}}, "watchPathConfig.pathRegexp"),
        ("file", {"watchPathConfig": {**FOLDER, "pathRegexp": "a"}}, "watchPathConfig.pathRegexp"),
        ("github", {"organizations": []}, "organizations"),
        ("github", {"contentType": "xml"}, "contentType"),
        ("github", {"githubBaseURL": "https://g"}, "githubUploadURL"),
        ("github", {"apiToken": KEY}, "events"),
        ("github", {"webhook": {**HOOK, "port": "1e3"}}, "webhook.port"),
        ("hdfs", {"type": "create"}, "type"),
        ("hdfs", {"checkInterval": "x"}, "checkInterval"),
        ("hdfs", {"krbCCacheSecret": KEY, "krbConfigConfigMap": KEY}, "krbServicePrincipalName"),
        ("kafka", {"sasl": {"userSecret": KEY}}, "sasl.passwordSecret"),
        ("kafka", {"sasl": {"mechanism": "x", "userSecret": KEY, "passwordSecret": KEY}}, "sasl.mechanism"),
        ("kafka", {"awsMskIamAuth": {}}, "awsMskIamAuth.region"),
        ("kafka", {"connectionBackoff": {"duration": 1.5}}, "connectionBackoff.duration"),
        ("minio", {"bucket": {}}, "bucket.name"),
        ("minio", {"events": ["a", ""]}, "events[1]"),
        ("nats", {"queue": ""}, "queue"),
        ("pubSub", {"topic": "", "subscriptionID": "s", "topicProjectID": "p"}, "topic"),
        ("pulsar", {"type": "failover"}, "type"),
        ("redis", {"password": KEY}, "namespace"),
        ("resource", {"filter": {"labels": [{"value": "x"}]}}, "filter.labels[0].key"),
        ("resource", {"filter": {"createdBy": "yesterday"}}, "filter.createdBy"),
        ("stripe", {"createWebhook": True}, "apiKey"),
        ("webhook", {"maxPayloadSize": "1"}, "maxPayloadSize"),
        ("webhook", {"port": " 80"}, "port"),
    ],
)
def test_what_is_refused(kind: str, change: dict[str, Any], path: str) -> None:
    assert [at for at, _ in faults(source(**{kind: {"e": {**GOOD[kind], **change}}}))] == [f"spec.{kind}.e.{path}"]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("amqp", {"tls": {"insecureSkipVerify": True}, "auth": {}}),
        ("calendar", {"interval": "nonsense"}),
        ("file", {"watchPathConfig": {"directory": "/d", "pathRegexp": "a.*"}}),
        ("github", {"repositories": [], "owner": "o", "repository": "r"}),
        ("kafka", {"tls": {"enabled": True}, "sasl": {"mechanism": "anything"}}),
        ("kafka", {"partition": "", "consumerGroup": {}}),
        ("kafka", {"sasl": {"userSecret": KEY, "passwordSecret": KEY}, "awsMskIamAuth": {}}),
        ("nats", {"tls": {"enabled": True}, "queue": ""}),
        ("pulsar", {"tls": {}}),
        ("webhook", {"port": "-1"}),
        ("webhook", {"metadata": {"a": None}}),
    ],
)
def test_what_is_accepted(kind: str, change: dict[str, Any]) -> None:
    assert faults(source(**{kind: {"e": {**GOOD[kind], **change}}})) == []


def test_a_selector_that_finds_nothing_is_warned_of() -> None:
    block = {**HOOK, "method": "POST", "authSecret": {"name": "s"}, "serverKeySecret": KEY}
    assert found(source(webhook={"e": block})) == [("spec.webhook.e.authSecret", "incomplete-selector")]
    repository = {**GOOD["github"], "githubApp": {"privateKey": {}}}
    assert ("spec.github.e.githubApp.privateKey", "incomplete-selector") in found(source(github={"e": repository}))
