"""Argo Events' types of sources that fetch what happens elsewhere: their fields, and what their validators demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.checks import source_rules as rules
from config.checks.parts import CONSUMER_GROUP, S3, SCHEMA_REGISTRY, WATCHED_FOLDER
from config.checks.rules import (
    basic_auth,
    duration,
    need,
    need_some,
    not_both,
    one_of,
    one_value,
    sasl,
    tls,
    together,
    unless,
)
from config.checks.shapes import Known, shape

_COMMON: Final[Mapping[str, Any]] = {"labels": "metadata", "filter": "filter"}
_BROKER: Final[Mapping[str, Any]] = {**_COMMON, "tls": "tls", "backoff": "connectionBackoff"}

READING_SOURCES: Final[Mapping[str, Known]] = {
    "amqp": Known(
        "AmqpSource",
        shape(
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
        "AzureEventsHubSource",
        shape(**_COMMON, text="fqdn hubName", selector="sharedAccessKeyName sharedAccessKey"),
        need("fqdn", "hubName"),
        together("sharedAccessKeyName", "sharedAccessKey"),
    ),
    "azureQueueStorage": Known(
        "AzureQueueStorageSource",
        shape(
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
        "AzureServiceBusSource",
        shape(
            **_COMMON,
            text="queueName topicName subscriptionName fullyQualifiedNamespace",
            selector="connectionString",
            flag="jsonBody deferDelete",
            tls="tls",
        ),
        one_of("connectionString", "fullyQualifiedNamespace"),
        rules.queue_or_topic,
    ),
    "calendar": Known(
        "CalendarSource",
        shape(
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
        "EmitterSource",
        shape(**_BROKER, text="broker channelKey channelName", selector="username password", flag="jsonBody"),
        need("broker", "channelName", "channelKey"),
        tls,
    ),
    "file": Known(
        "FileSource",
        shape(**_COMMON, text="eventType", flag="polling", watchPathConfig=WATCHED_FOLDER),
        need("eventType"),
        rules.watched_path,
    ),
    "generic": Known(
        "GenericSource",
        shape(**_COMMON, text="url config", flag="insecure jsonBody", selector="authSecret"),
        need("url", "config"),
    ),
    "hdfs": Known(
        "HdfsSource",
        shape(
            WATCHED_FOLDER,
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
        "KafkaSource",
        shape(
            **_BROKER,
            text="url partition topic version config",
            flag="jsonBody",
            int64="limitEventsPerSecond",
            sasl="sasl",
            consumerGroup=CONSUMER_GROUP,
            schemaRegistry=SCHEMA_REGISTRY,
            awsMskIamAuth=shape(text="region"),
        ),
        need("url", "topic"),
        one_of("consumerGroup", "partition"),
        tls,
        unless("tls", sasl, unless("sasl", rules.region)),
    ),
    "minio": Known("MinioSource", S3, need("accessKey", "secretKey", "endpoint"), rules.bucket_events),
    "mns": Known(
        "MnsSource",
        shape(text="queue endpoint", selector="accessKey secretKey", flag="jsonBody", filter="filter"),
        need("queue", "endpoint"),
    ),
    "mqtt": Known(
        "MqttSource",
        shape(**_BROKER, text="url topic clientId", flag="jsonBody", basic="auth"),
        need("url", "topic", "clientId"),
        tls,
        unless("tls", basic_auth),
    ),
    "nats": Known(
        "NatsSource",
        shape(**_BROKER, text="url subject", flag="jsonBody", nats_auth="auth", maybe_text="queue"),
        need("url", "subject"),
        tls,
        unless("tls", rules.queue_group),
    ),
    "nsq": Known(
        "NsqSource",
        shape(**_BROKER, text="hostAddress topic channel", flag="jsonBody"),
        need("hostAddress", "topic", "channel"),
        tls,
    ),
    "pubSub": Known(
        "PubSubSource",
        shape(
            **_COMMON,
            text="projectID topicProjectID topic subscriptionID",
            selector="credentialSecret",
            flag="deleteSubscriptionOnFinish jsonBody",
        ),
        rules.project,
        one_of("topic", "subscriptionID"),
    ),
    "pulsar": Known(
        "PulsarSource",
        shape(
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
        "RedisSource",
        shape(
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
        "RedisStreamSource",
        shape(
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
        "ResourceSource",
        shape(
            text="namespace group version resource",
            texts="eventTypes",
            labels="metadata",
            filter=shape(
                text="prefix jmespath",
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
        "SftpSource",
        shape(
            **_COMMON,
            text="eventType pollIntervalDuration",
            selector="username password sshKeySecret address",
            watchPathConfig=WATCHED_FOLDER,
        ),
        need("eventType"),
        rules.watched_path,
    ),
    "sqs": Known(
        "SqsSource",
        shape(
            **_COMMON,
            text="region queue roleARN queueAccountId endpoint",
            selector="accessKey secretKey sessionToken",
            flag="jsonBody dlq",
            int64="waitTimeSeconds",
        ),
        need("region", "queue"),
    ),
}
