"""Shapes of parts that several types of sources or triggers share."""

from __future__ import annotations

from typing import Final

from config.checks.shapes import shape

WEBHOOK_CONTEXT: Final = shape(
    text="endpoint method port url",
    selector="serverCertSecret serverKeySecret authSecret",
    labels="metadata",
    maybe_int64="maxPayloadSize",
)
"""Where to listen for HTTP."""

CONSUMER_GROUP: Final = shape(text="groupName rebalanceStrategy", flag="oldest")
"""How Kafka's consumers share their work."""

SCHEMA_REGISTRY: Final = shape(text="url", int32="schemaId", basic="auth")
"""Where the schemas of Kafka's messages lie."""

WATCHED_FOLDER: Final = shape(text="directory path pathRegexp")
"""A folder, and which of its files to watch."""

GITHUB_APP: Final = shape(selector="privateKey", int64="appID installationID")
"""The login of a GitHub App."""

AFFIXES: Final = shape(text="prefix suffix")
"""How the names of wanted objects begin and end."""

S3: Final = shape(
    text="endpoint region",
    flag="insecure",
    selector="accessKey secretKey caCertificate",
    texts="events",
    labels="metadata",
    bucket=shape(text="key name"),
    filter=AFFIXES,
)
"""A bucket of a store that speaks S3."""

ARTIFACT: Final = shape(
    maybe_text="inline",
    config_map="configmap",
    anything="resource",
    s3=S3,
    file=shape(text="path"),
    url=shape(text="path", flag="verifyCert"),
    git=shape(
        text="url cloneDirectory filePath branch tag ref",
        flag="insecureIgnoreHostKey",
        selector="sshKeySecret",
        creds=shape(selector="username password"),
        remote=shape(text="name", texts="urls"),
        githubApp=GITHUB_APP,
    ),
)
"""Where the object of a k8s or argoWorkflow trigger comes from."""
