"""Argo Events' types of sources that others call over HTTP: their fields, and what their validators demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.checks import source_rules as rules
from config.checks.parts import AFFIXES, GITHUB_APP, WEBHOOK_CONTEXT
from config.checks.rules import duration, listening, need, need_some, one_value, together, webhook
from config.checks.shapes import Known, shape

_COMMON: Final[Mapping[str, Any]] = {"labels": "metadata", "filter": "filter"}

HOOKED_SOURCES: Final[Mapping[str, Known]] = {
    "bitbucket": Known(
        "BitbucketSource",
        shape(
            **_COMMON,
            text="owner projectKey repositorySlug",
            flag="deleteHookOnFinish",
            texts="events",
            webhook=WEBHOOK_CONTEXT,
            auth=shape(selector="oauthToken", basic="basic"),
            repositories=[shape(text="owner repositorySlug")],
        ),
        rules.bitbucket,
        webhook,
    ),
    "bitbucketserver": Known(
        "BitbucketserverSource",
        shape(
            **_COMMON,
            text="projectKey repositorySlug bitbucketserverBaseURL checkInterval",
            flag="skipBranchRefsChangedOnOpenPR oneEventPerChange deleteHookOnFinish",
            texts="projects events",
            selector="accessToken webhookSecret",
            tls="tls",
            webhook=WEBHOOK_CONTEXT,
            repositories=[shape(text="projectKey repositorySlug")],
        ),
        rules.bitbucket_server,
        need("bitbucketserverBaseURL"),
        duration("checkInterval"),
        webhook,
    ),
    "gerrit": Known(
        "GerritSource",
        shape(
            **_COMMON,
            text="hookName gerritBaseURL",
            texts="events projects",
            basic="auth",
            flag="deleteHookOnFinish sslVerify",
            int64="maxTries",
            webhook=WEBHOOK_CONTEXT,
        ),
        need_some("projects"),
        need("events", "gerritBaseURL", "auth"),
        webhook,
    ),
    "github": Known(
        "GithubSource",
        shape(
            **_COMMON,
            text="owner repository contentType githubBaseURL githubUploadURL",
            texts="events organizations",
            selector="apiToken webhookSecret",
            flag="insecure active deleteHookOnFinish",
            int64="id",
            webhook=WEBHOOK_CONTEXT,
            repositories=[shape(text="owner", texts="names")],
            githubApp=GITHUB_APP,
        ),
        rules.repositories,
        one_value("contentType", "", "json", "form"),
        together("githubBaseURL", "githubUploadURL"),
        webhook,
    ),
    "gitlab": Known(
        "GitlabSource",
        shape(
            **_COMMON,
            text="projectID gitlabBaseURL",
            texts="events projects groups",
            selector="accessToken secretToken",
            flag="enableSSLVerification deleteHookOnFinish",
            webhook=WEBHOOK_CONTEXT,
        ),
        need("events", "gitlabBaseURL", "accessToken"),
        webhook,
    ),
    "slack": Known(
        "SlackSource",
        shape(**_COMMON, selector="signingSecret token", webhook=WEBHOOK_CONTEXT),
        need("token", "signingSecret"),
        webhook,
    ),
    "sns": Known(
        "SnsSource",
        shape(
            **_COMMON,
            text="topicArn region roleARN endpoint",
            selector="accessKey secretKey",
            flag="validateSignature",
            webhook=WEBHOOK_CONTEXT,
        ),
        need("topicArn", "region"),
        webhook,
    ),
    "storageGrid": Known(
        "StorageGridSource",
        shape(
            text="topicArn bucket region apiURL",
            texts="events",
            selector="authToken",
            labels="metadata",
            tls="tls",
            filter=AFFIXES,
            webhook=WEBHOOK_CONTEXT,
        ),
        need("topicArn", "apiURL", "authToken", "bucket", "events"),
        webhook,
    ),
    "stripe": Known(
        "StripeSource",
        shape(
            texts="eventFilter",
            selector="apiKey",
            flag="createWebhook",
            labels="metadata",
            webhook=WEBHOOK_CONTEXT,
        ),
        rules.hook_key,
        webhook,
    ),
    "webhook": Known("WebhookSource", shape(WEBHOOK_CONTEXT, filter="filter"), listening),
}
