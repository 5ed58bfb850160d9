"""What single types of sources demand beyond what recurs, as Argo Events' validators say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import re2

from config.checks.shapes import Finding
from config.crontab import parse_cron
from config.duration import parse_duration
from config.errors import EventyardError
from config.gotime import load_zone

_FILE_EVENTS: Final = frozenset({"CREATE", "REMOVE", "WRITE", "RENAME", "CHMOD"})


def watched(block: Any) -> Iterator[Finding]:
    """A folder to watch, and which of its files."""
    if not block.directory:
        yield "directory", "", "give an absolute path"
    elif not block.directory.startswith("/"):
        yield "directory", f"'{block.directory}' is not absolute", "begin it with /"
    if not block.path and not block.pathRegexp:
        yield "path", "", "give path or pathRegexp"
    if block.path and block.pathRegexp:
        yield "pathRegexp", "cannot be given together with path", "remove one of them"
    if block.path.startswith("/"):
        yield "path", f"'{block.path}' is not relative to the directory", "remove the leading /"
    if block.pathRegexp:
        try:
            options = re2.Options()
            options.log_errors = False
            re2.compile(block.pathRegexp, options)
        except re2.error as error:
            yield "pathRegexp", f"is no RE2 expression: {error}", ""


def watched_path(block: Any) -> Iterator[Finding]:
    """A `watchPathConfig`, which must be there."""
    if block.watchPathConfig is None:
        yield "watchPathConfig", "", "give directory, and path or pathRegexp"
    else:
        yield from ((f"watchPathConfig.{path}", what, fix) for path, what, fix in watched(block.watchPathConfig))


def schedule(block: Any) -> Iterator[Finding]:
    """A calendar needs one of its two clocks."""
    if not block.schedule and not block.interval:
        yield "schedule", "", "give a schedule such as '0 9 * * *', or an interval such as 1h"
    try:
        if block.schedule:
            parse_cron(block.schedule, load_zone(""))
        elif block.interval:
            parse_duration(block.interval)
    except EventyardError as error:
        yield "schedule" if block.schedule else "interval", error.what, error.fix


def repositories(block: Any) -> Iterator[Finding]:
    """Which repositories or organizations of GitHub."""
    named = bool(block.repositories) or bool(block.owner and block.repository)
    if not named and block.organizations is None:
        yield "repositories", "", "give repositories or organizations"
    if named and block.organizations is not None:
        yield "organizations", "cannot be given together with repositories", "remove one of them"
    creates = block.apiToken is not None or (block.githubApp is not None and block.githubApp.privateKey is not None)
    if creates and block.webhook is not None and block.webhook.url and not block.events:
        yield "events", "", "hooks are registered at GitHub: say for which events; '*' means all"


def bitbucket(block: Any) -> Iterator[Finding]:
    """Repositories, a login, and events if hooks are to be made."""
    if not block.repositories and not (block.owner and block.repositorySlug):
        yield "repositories", "", "give at least one"
    if block.auth is None:
        yield "auth", "", "give auth.basic or auth.oauthToken"
        return
    basic = block.auth.basic
    login = block.auth.oauthToken is not None or (
        basic is not None and basic.username is not None and basic.password is not None
    )
    if login and block.webhook is not None and block.webhook.url and not block.events:
        yield "events", "", "hooks are registered at Bitbucket: say for which events"


def bitbucket_server(block: Any) -> Iterator[Finding]:
    """Events if hooks are to be made."""
    repositories = bool(block.repositories) or bool(block.projectKey and block.repositorySlug)
    creates = block.accessToken is not None and (repositories or bool(block.projects))
    if creates and block.webhook is not None and block.webhook.url and not block.events:
        yield "events", "", "hooks are registered at the server: say for which events"


def queue_or_topic(block: Any) -> Iterator[Finding]:
    """A queue, or a topic with a subscription."""
    if not block.queueName and not (block.topicName and block.subscriptionName):
        missing = "queueName" if not (block.topicName or block.subscriptionName) else ""
        yield (
            missing or ("topicName" if not block.topicName else "subscriptionName"),
            "",
            ("give queueName, or topicName and subscriptionName"),
        )
    if block.queueName and (block.topicName or block.subscriptionName):
        yield "queueName", "cannot be given together with topicName or subscriptionName", "remove one of them"


def project(block: Any) -> Iterator[Finding]:
    """A topic's project without a topic means nothing."""
    if block.topicProjectID and not block.topic:
        yield "topic", "", "topicProjectID says where a topic is: give the topic"


def password_namespace(block: Any) -> Iterator[Finding]:
    """A leftover of older versions that is still demanded."""
    if block.password is not None and not block.namespace:
        yield "namespace", "", "Argo Events wants the namespace of the password's Secret"


def hdfs(block: Any) -> Iterator[Finding]:
    """Events, and a user or Kerberos."""
    if block.type and not _FILE_EVENTS & set(block.type.split("|")):
        yield "type", f"'{block.type}' is none of {', '.join(sorted(_FILE_EVENTS))}", "join several with |"
    if not (block.hdfsUser or block.krbCCacheSecret or block.krbKeytabSecret):
        yield "hdfsUser", "", "give hdfsUser, krbCCacheSecret or krbKeytabSecret"
    needed = ["krbServicePrincipalName", "krbConfigConfigMap"] if block.krbCCacheSecret or block.krbKeytabSecret else []
    needed += ["krbUsername", "krbRealm"] if block.krbKeytabSecret else []
    yield from ((name, "", "Kerberos needs it") for name in needed if not getattr(block, name))


def bucket_events(block: Any) -> Iterator[Finding]:
    """A bucket with a name; events that say something."""
    if block.bucket is not None and not block.bucket.name:
        yield "bucket.name", "", ""
    yield from ((f"events[{at}]", "is empty", "") for at, event in enumerate(block.events or ()) if not event)


def selector_keys(block: Any) -> Iterator[Finding]:
    """Selectors need keys."""
    for name in ("labels", "fields") if block.filter is not None else ():
        items = getattr(block.filter, name) or ()
        yield from ((f"filter.{name}[{at}].key", "", "") for at, item in enumerate(items) if not item.key)


def hook_key(block: Any) -> Iterator[Finding]:
    """Hooks can only be made with a key."""
    if block.createWebhook and block.apiKey is None:
        yield "apiKey", "", "it is needed for createWebhook: true"


def queue_group(block: Any) -> Iterator[Finding]:
    """A queue group needs a name."""
    if block.queue == "":
        yield "queue", "is empty", "name a queue group, or leave it out"


def region(block: Any) -> Iterator[Finding]:
    """Amazon's login needs a region."""
    if block.awsMskIamAuth is not None and not block.awsMskIamAuth.region:
        yield "awsMskIamAuth.region", "", ""
