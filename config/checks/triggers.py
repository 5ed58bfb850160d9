"""Argo Events' types of triggers: the fields of each, and what its validator demands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.checks.parts import ARTIFACT, SCHEMA_REGISTRY
from config.checks.rules import need, one_value, parameters
from config.checks.shapes import Finding, Known, shape

_BOTH: Final[Mapping[str, Any]] = {"parameters": "parameters payload"}
_K8S_OPERATIONS: Final = ("", "create", "update", "patch", "delete")
_WORKFLOW_OPERATIONS: Final = (
    *("submit", "submit-from", "suspend", "retry", "resume", "resubmit", "terminate", "stop"),
)
_METHODS: Final = ("", "GET", "DELETE", "PATCH", "POST", "PUT")


def _auth_token(block: Any) -> Iterator[Finding]:
    if block.authToken is not None:
        names = (("name", block.authToken.name), ("key", block.authToken.key))
        yield from ((f"authToken.{name}", "", "") for name, value in names if not value)


def _certificate(block: Any) -> Iterator[Finding]:
    if block.secure and block.certSecret is None:
        yield "certSecret", "", "it is needed for secure: true"


def _mail_port(block: Any) -> Iterator[Finding]:
    if not 0 <= block.port <= 65535:
        yield "port", f"{block.port} is no port", "write a number between 0 and 65535"


TRIGGERS: Final[Mapping[str, Known]] = {
    "k8s": Known(
        "K8sTrigger",
        shape(text="operation patchStrategy", flag="liveObject", parameters="parameters", source=ARTIFACT),
        need("source"),
        one_value("operation", *_K8S_OPERATIONS),
        parameters("parameters"),
    ),
    "argoWorkflow": Known(
        "ArgoWorkflowTrigger",
        shape(text="operation", texts="args", parameters="parameters", source=ARTIFACT),
        need("source"),
        one_value("operation", *_WORKFLOW_OPERATIONS),
        parameters("parameters"),
    ),
    "http": Known(
        "HttpTrigger",
        shape(
            text="url method host",
            parameters="parameters payload dynamicHeaders",
            tls="tls",
            int64="timeout",
            basic="basicAuth",
            labels="headers",
            secure_headers="secureHeaders",
        ),
        need("url"),
        one_value("method", *_METHODS),
        parameters("parameters"),
        parameters("payload", dest_optional=True),
    ),
    "awsLambda": Known(
        "AwsLambdaTrigger",
        shape(**_BOTH, text="functionName region roleARN", selector="accessKey secretKey", maybe_text="invocationType"),
        need("functionName", "region", "payload"),
        parameters("parameters"),
        parameters("payload"),
    ),
    "azureEventHubs": Known(
        "AzureEventHubsTrigger",
        shape(**_BOTH, text="fqdn hubName", selector="sharedAccessKeyName sharedAccessKey"),
    ),
    "azureServiceBus": Known(
        "AzureServiceBusTrigger",
        shape(**_BOTH, text="queueName topicName subscriptionName", selector="connectionString", tls="tls"),
    ),
    "kafka": Known(
        "KafkaTrigger",
        shape(
            **_BOTH,
            text="url topic version",
            int32="partition requiredAcks flushFrequency",
            flag="compress",
            tls="tls",
            sasl="sasl",
            maybe_text="partitioningKey",
            labels="headers",
            secure_headers="secureHeaders",
            schemaRegistry=SCHEMA_REGISTRY,
        ),
        need("url", "payload", "topic"),
        parameters("payload"),
    ),
    "pulsar": Known(
        "PulsarTrigger",
        shape(
            **_BOTH,
            text="url topic",
            selector="tlsTrustCertsSecret authTokenSecret authAthenzSecret",
            flag="tlsAllowInsecureConnection tlsValidateHostname",
            tls="tls",
            backoff="connectionBackoff",
            labels="authAthenzParams",
        ),
    ),
    "nats": Known(
        "NatsTrigger",
        shape(**_BOTH, text="url subject", tls="tls", nats_auth="auth"),
        need("url", "subject", "payload"),
        parameters("payload"),
    ),
    "slack": Known(
        "SlackTrigger",
        shape(
            text="channel message attachments blocks",
            selector="slackToken",
            parameters="parameters",
            thread=shape(text="messageAggregationKey", flag="broadcastMessageToChannel"),
            sender=shape(text="username icon"),
        ),
        need("slackToken"),
        parameters("parameters"),
    ),
    "openWhisk": Known(
        "OpenWhiskTrigger",
        shape(**_BOTH, text="host version namespace actionName", selector="authToken"),
        need("actionName", "host", "payload"),
        _auth_token,
        parameters("parameters"),
        parameters("payload"),
    ),
    "custom": Known(
        "CustomTrigger",
        shape(**_BOTH, text="serverURL serverNameOverride", flag="secure", selector="certSecret", labels="spec"),
        need("serverURL", "spec"),
        _certificate,
        parameters("parameters"),
    ),
    "log": Known("LogTrigger", shape(uint64="intervalSeconds")),
    "email": Known(
        "EmailTrigger",
        shape(
            text="username host from subject body",
            texts="to",
            int32="port",
            selector="smtpPassword",
            parameters="parameters",
        ),
        need("host"),
        _mail_port,
        parameters("parameters"),
    ),
}
