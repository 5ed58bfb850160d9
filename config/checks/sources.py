"""Argo Events' types of sources: the fields of each, and what its validator demands.

For types that have an adapter these are the least of the rules; the adapter may know more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.checks import source_rules as rules
from config.checks.parts import (
    affixes,
    consumer_group,
    github_app,
    s3,
    schema_registry,
    watched_folder,
    webhook_context,
)
from config.checks.rules import (
    basic_auth,
    duration,
    listening,
    need,
    need_some,
    not_both,
    one_of,
    one_value,
    sasl,
    tls,
    together,
    unless,
    webhook,
)
from config.checks.shapes import Known, shape

_COMMON: Final[Mapping[str, Any]] = {"labels": "metadata", "filter": "filter"}
_BROKER: Final[Mapping[str, Any]] = {**_COMMON, "tls": "tls", "backoff": "connectionBackoff"}

SOURCES: Final[Mapping[str, Known]] = {
    "amqp": Known(
        lambda: shape(
            **_BROKER,
            text="url exchangeName exchangeType routingKey",
            flag="jsonBody",
            basic="auth",
            selector="urlSecret",
            exchangeDeclare=shape(flag="durable autoDelete internal noWait"),
            queueDeclare=shape(text="name arguments", flag="durable autoDelete exclusive noWait"),
            queueBind=shape(flag="noWait"),
            consume=shape(text="consumerTag", flag="autoAck exclusive noLocal noWait"),
        ),
        one_of("url", "urlSecret"),
        not_both("url", "urlSecret"),
        need("routingKey", "exchangeType"),
        tls,
        unless("tls", basic_auth),
    ),
    "azureEventsHub": Known(
        lambda: shape(**_COMMON, text="fqdn hubName", selector="sharedAccessKeyName sharedAccessKey"),
        need("fqdn", "hubName"),
        together("sharedAccessKeyName", "sharedAccessKey"),
    ),
    "azureQueueStorage": Known(
        lambda: shape(
            **_COMMON,
            text="storageAccountName queueName",
            selector="connectionString",
            flag="jsonBody dlq decodeMessage",
            maybe_int32="waitTimeInSeconds",
        ),
        one_of("connectionString", "storageAccountName"),
        need("queueName"),
    ),
    "azureServiceBus": Known(
        lambda: shape(
            **_COMMON,
            text="queueName topicName subscriptionName fullyQualifiedNamespace",
            selector="connectionString",
            flag="jsonBody deferDelete",
            tls="tls",
        ),
        one_of("connectionString", "fullyQualifiedNamespace"),
        rules.queue_or_topic,
    ),
    "bitbucket": Known(
        lambda: shape(
            **_COMMON,
            text="owner projectKey repositorySlug",
            flag="deleteHookOnFinish",
            texts="events",
            webhook=webhook_context(),
            auth=shape(selector="oauthToken", basic="basic"),
            repositories=[shape(text="owner repositorySlug")],
        ),
        rules.bitbucket,
        webhook,
    ),
    "bitbucketserver": Known(
        lambda: shape(
            **_COMMON,
            text="projectKey repositorySlug bitbucketserverBaseURL checkInterval",
            flag="skipBranchRefsChangedOnOpenPR oneEventPerChange deleteHookOnFinish",
            texts="projects events",
            selector="accessToken webhookSecret",
            tls="tls",
            webhook=webhook_context(),
            repositories=[shape(text="projectKey repositorySlug")],
        ),
        rules.bitbucket_server,
        need("bitbucketserverBaseURL"),
        duration("checkInterval"),
        webhook,
    ),
    "calendar": Known(
        lambda: shape(
            **_COMMON,
            text="schedule interval timezone",
            texts="exclusionDates",
            persistence=shape(
                catchup=shape(flag="enabled", text="maxDuration"),
                configMap=shape(text="name", flag="createIfNotExist"),
            ),
        ),
        rules.schedule,
    ),
    "emitter": Known(
        lambda: shape(**_BROKER, text="broker channelKey channelName", selector="username password", flag="jsonBody"),
        need("broker", "channelName", "channelKey"),
        tls,
    ),
    "file": Known(
        lambda: shape(**_COMMON, text="eventType", flag="polling", watchPathConfig=watched_folder()),
        need("eventType"),
        rules.watched_path,
    ),
    "generic": Known(
        lambda: shape(**_COMMON, text="url config", flag="insecure jsonBody", selector="authSecret"),
        need("url", "config"),
    ),
    "gerrit": Known(
        lambda: shape(
            **_COMMON,
            text="hookName gerritBaseURL",
            texts="events projects",
            basic="auth",
            flag="deleteHookOnFinish sslVerify",
            int64="maxTries",
            webhook=webhook_context(),
        ),
        need_some("projects"),
        need("events", "gerritBaseURL", "auth"),
        webhook,
    ),
    "github": Known(
        lambda: shape(
            **_COMMON,
            text="owner repository contentType githubBaseURL githubUploadURL",
            texts="events organizations",
            selector="apiToken webhookSecret",
            flag="insecure active deleteHookOnFinish",
            int64="id",
            webhook=webhook_context(),
            repositories=[shape(text="owner", texts="names")],
            githubApp=github_app(),
        ),
        rules.repositories,
        one_value("contentType", "", "json", "form"),
        together("githubBaseURL", "githubUploadURL"),
        webhook,
    ),
    "gitlab": Known(
        lambda: shape(
            **_COMMON,
            text="projectID gitlabBaseURL",
            texts="events projects groups",
            selector="accessToken secretToken",
            flag="enableSSLVerification deleteHookOnFinish",
            webhook=webhook_context(),
        ),
        need("events", "gitlabBaseURL", "accessToken"),
        webhook,
    ),
    "hdfs": Known(
        lambda: shape(
            watched_folder(),
            **_COMMON,
            text="type checkInterval hdfsUser krbUsername krbRealm krbServicePrincipalName",
            texts="addresses",
            selector="krbCCacheSecret krbKeytabSecret",
            config_map="krbConfigConfigMap",
        ),
        need("type"),
        duration("checkInterval"),
        rules.watched,
        need_some("addresses"),
        rules.hdfs,
    ),
    "kafka": Known(
        lambda: shape(
            **_BROKER,
            text="url partition topic version config",
            flag="jsonBody",
            int64="limitEventsPerSecond",
            sasl="sasl",
            consumerGroup=consumer_group(),
            schemaRegistry=schema_registry(),
            awsMskIamAuth=shape(text="region"),
        ),
        need("url", "topic"),
        one_of("consumerGroup", "partition"),
        tls,
        unless("tls", sasl, unless("sasl", rules.region)),
    ),
    "minio": Known(s3, need("accessKey", "secretKey", "endpoint"), rules.bucket_events),
    "mns": Known(
        lambda: shape(text="queue endpoint", selector="accessKey secretKey", flag="jsonBody", filter="filter"),
        need("queue", "endpoint"),
    ),
    "mqtt": Known(
        lambda: shape(**_BROKER, text="url topic clientId", flag="jsonBody", basic="auth"),
        need("url", "topic", "clientId"),
        tls,
        unless("tls", basic_auth),
    ),
    "nats": Known(
        lambda: shape(**_BROKER, text="url subject", flag="jsonBody", nats_auth="auth", maybe_text="queue"),
        need("url", "subject"),
        tls,
        unless("tls", rules.queue_group),
    ),
    "nsq": Known(
        lambda: shape(**_BROKER, text="hostAddress topic channel", flag="jsonBody"),
        need("hostAddress", "topic", "channel"),
        tls,
    ),
    "pubSub": Known(
        lambda: shape(
            **_COMMON,
            text="projectID topicProjectID topic subscriptionID",
            selector="credentialSecret",
            flag="deleteSubscriptionOnFinish jsonBody",
        ),
        rules.project,
        one_of("topic", "subscriptionID"),
    ),
    "pulsar": Known(
        lambda: shape(
            **{**_BROKER, "labels": "metadata authAthenzParams"},
            text="type url",
            texts="topics",
            selector="tlsTrustCertsSecret authTokenSecret authAthenzSecret",
            flag="tlsAllowInsecureConnection tlsValidateHostname jsonBody",
        ),
        need("topics", "url"),
        one_value("type", "exclusive", "shared"),
    ),
    "redis": Known(
        lambda: shape(
            **_COMMON,
            text="hostAddress namespace username",
            texts="channels",
            selector="password",
            int32="db",
            tls="tls",
            flag="jsonBody",
        ),
        need("hostAddress", "channels"),
        rules.password_namespace,
        tls,
    ),
    "redisStream": Known(
        lambda: shape(
            **_COMMON,
            text="hostAddress consumerGroup username",
            texts="streams",
            selector="password",
            int32="db maxMsgCountPerRead",
            tls="tls",
        ),
        need("hostAddress", "streams"),
        tls,
    ),
    "resource": Known(
        lambda: shape(
            text="namespace group version resource",
            texts="eventTypes",
            labels="metadata",
            filter=shape(
                text="prefix",
                instant="createdBy",
                flag="afterStart",
                labels=[shape(text="key operation value")],
                fields=[shape(text="key operation value")],
            ),
        ),
        need("version", "resource", "eventTypes"),
        rules.selector_keys,
    ),
    "sftp": Known(
        lambda: shape(
            **_COMMON,
            text="eventType pollIntervalDuration",
            selector="username password sshKeySecret address",
            watchPathConfig=watched_folder(),
        ),
        need("eventType"),
        rules.watched_path,
    ),
    "slack": Known(
        lambda: shape(**_COMMON, selector="signingSecret token", webhook=webhook_context()),
        need("token", "signingSecret"),
        webhook,
    ),
    "sns": Known(
        lambda: shape(
            **_COMMON,
            text="topicArn region roleARN endpoint",
            selector="accessKey secretKey",
            flag="validateSignature",
            webhook=webhook_context(),
        ),
        need("topicArn", "region"),
        webhook,
    ),
    "sqs": Known(
        lambda: shape(
            **_COMMON,
            text="region queue roleARN queueAccountId endpoint",
            selector="accessKey secretKey sessionToken",
            flag="jsonBody dlq",
            int64="waitTimeSeconds",
        ),
        need("region", "queue"),
    ),
    "storageGrid": Known(
        lambda: shape(
            text="topicArn bucket region apiURL",
            texts="events",
            selector="authToken",
            labels="metadata",
            tls="tls",
            filter=affixes(),
            webhook=webhook_context(),
        ),
        need("topicArn", "apiURL", "authToken", "bucket", "events"),
        webhook,
    ),
    "stripe": Known(
        lambda: shape(
            texts="eventFilter",
            selector="apiKey",
            flag="createWebhook",
            labels="metadata",
            webhook=webhook_context(),
        ),
        rules.hook_key,
        webhook,
    ),
    "webhook": Known(lambda: shape(webhook_context(), filter="filter"), listening),
}
