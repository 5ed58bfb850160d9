"""Shapes of parts that several types of sources or triggers share."""

from __future__ import annotations

from functools import cache

from config.checks.shapes import shape
from config.model import Model


@cache
def webhook_context() -> type[Model]:
    """Where to listen for HTTP."""
    return shape(
        text="endpoint method port url",
        selector="serverCertSecret serverKeySecret authSecret",
        labels="metadata",
        maybe_int64="maxPayloadSize",
    )


@cache
def consumer_group() -> type[Model]:
    """How Kafka's consumers share their work."""
    return shape(text="groupName rebalanceStrategy", flag="oldest")


@cache
def schema_registry() -> type[Model]:
    """Where the schemas of Kafka's messages lie."""
    return shape(text="url", int32="schemaId", basic="auth")


@cache
def watched_folder() -> type[Model]:
    """A folder and which of its files to watch."""
    return shape(text="directory path pathRegexp")


@cache
def github_app() -> type[Model]:
    """The login of a GitHub App."""
    return shape(selector="privateKey", int64="appID installationID")


@cache
def bucket() -> type[Model]:
    """A bucket, and a key within it."""
    return shape(text="key name")


@cache
def affixes() -> type[Model]:
    """How the names of wanted objects begin and end."""
    return shape(text="prefix suffix")


@cache
def s3() -> type[Model]:
    """A bucket of a store that speaks S3."""
    return shape(
        text="endpoint region",
        flag="insecure",
        selector="accessKey secretKey caCertificate",
        texts="events",
        labels="metadata",
        bucket=bucket(),
        filter=affixes(),
    )


@cache
def artifact() -> type[Model]:
    """Where the object of a k8s or argoWorkflow trigger comes from."""
    return shape(
        maybe_text="inline",
        config_map="configmap",
        anything="resource",
        s3=s3(),
        file=shape(text="path"),
        url=shape(text="path", flag="verifyCert"),
        git=shape(
            text="url cloneDirectory filePath branch tag ref",
            flag="insecureIgnoreHostKey",
            selector="sshKeySecret",
            creds=shape(selector="username password"),
            remote=shape(text="name", texts="urls"),
            githubApp=github_app(),
        ),
    )
