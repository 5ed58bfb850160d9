"""The `argoCD` block of a trigger template, in the words of Argo CD's own `operation` field, and what can be wrong with it."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from config.decode import nearest
from config.errors import Permanent
from config.model import Int64, Model, SecretKeySelector, TLSConfig
from config.sensor import TriggerParameter
from config.tls import check_tls
from triggers.numbers import Number
from triggers.target import parse_target

OPERATIONS: Final = ("sync", "refresh", "rollback", "terminate")

_ONE_OF: Final = f"use one of {', '.join(OPERATIONS)}"
_URL: Final = "write it like https://argocd-server.argocd"

Finding = tuple[str, str, str]


class Force(Model):
    """How resources are applied."""

    force: bool | None = Field(default=None, description="Delete and create again what cannot be patched.")


class Strategy(Model):
    """One of the two; hook is Argo CD's default."""

    hook: Force | None = Field(default=None, description="Run the hooks among the resources, apply the others.")
    apply: Force | None = Field(default=None, description="Apply all, run no hooks.")


class SyncResource(Model):
    """One resource of an Application."""

    group: str = Field(default="", description="API group; empty for the core group.")
    kind: str = Field(default="", description="Kind of the resource.")
    name: str = Field(default="", description="Its name.")
    namespace: str = Field(default="", description="Its namespace.")


class SyncBackoff(Model):
    """Pauses between the attempts of a sync."""

    duration: str = Field(default="", description="The first pause: `5s`.")
    factor: Int64 | None = Field(default=None, description="What each pause is multiplied by to get the next.")
    max_duration: str = Field(default="", description="The longest pause: `3m`.")


class SyncRetry(Model):
    """How often Argo CD tries a sync that fails."""

    limit: Int64 = Field(default=0, description="Attempts after the first; below 0 without end.")
    backoff: SyncBackoff | None = Field(default=None, description="Pauses between them.")
    refresh: bool | None = Field(default=None, description="Take the newest revision for each.")


class Info(Model):
    """Something for people to know of an operation."""

    name: str = ""
    value: str = ""


class ArgoCDServer(Model):
    """Argo CD's own server."""

    url: str = Field(
        default="", description="Where it is, with the base path if it has one: https://argocd-server.argocd."
    )
    token: SecretKeySelector | None = Field(
        default=None, description="A token of an account or project role, with or without `Bearer` before it."
    )
    tls: TLSConfig | None = Field(default=None, description="Own certificates; without it the system's roots hold.")


class ArgoCDSettings(Model):
    """The `argoCD` block of a trigger template."""

    operation: str = Field(
        default="", description="sync, refresh (compare again), rollback, or terminate (the operation in progress)."
    )
    name: str = Field(default="", description="Name of the Application.")
    namespace: str = Field(
        default="",
        description="Where the Application is; by default in the Sensor's namespace or, with server, in Argo CD's own.",
    )
    project: str = Field(default="", description="With server: the project that the Application has to be in.")
    revision: str = Field(default="", description="With sync: commit, branch, tag or chart version.")
    revisions: list[str] | None = Field(
        default=None, description="With sync, for an Application with several sources: a revision of each."
    )
    source_positions: list[Int64] | None = Field(
        default=None, description="Which sources revisions is for, counted from 1; by default the first ones."
    )
    prune: bool = Field(default=False, description="Delete what is no longer in the source.")
    dry_run: bool = Field(default=False, description="Only look what would happen.")
    sync_options: list[str] | None = Field(
        default=None, description="`CreateNamespace=true` and others; by default those of spec.syncPolicy."
    )
    resources: list[SyncResource] | None = Field(default=None, description="Only these; by default all.")
    strategy: Strategy | None = Field(default=None, description="hook: {} or apply: {}, each with force.")
    retry: SyncRetry | None = Field(
        default=None, description="How often Argo CD tries; by default as spec.syncPolicy.retry says."
    )
    info: list[Info] | None = Field(default=None, description="Names and values for people to read.")
    hard: bool = Field(default=False, description="With refresh: make the manifests anew, trust no cache.")
    id: Number | None = Field(
        default=None, ge=0, description="With rollback: an id of status.history; by default the one before the last."
    )
    server: ArgoCDServer | None = Field(
        default=None,
        description="Ask Argo CD's server; without it the Application is changed through the cluster's API.",
    )
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")


_OWN: Final = {
    **dict.fromkeys(("revision", "revisions", "source_positions", "sync_options", "resources"), ("sync",)),
    **dict.fromkeys(("strategy", "retry", "info"), ("sync",)),
    **dict.fromkeys(("prune", "dry_run"), ("sync", "rollback")),
    "hard": ("refresh",),
    "id": ("rollback",),
}
"""The operations that a field is for, where it is not for all."""


def check_settings(settings: ArgoCDSettings) -> list[Finding]:
    """All there is to say, as `Trigger.check` returns it."""
    found = faults(settings)
    if not settings.parameters:
        # The parameters of the trigger may still write what is missing in the block.
        found += [(field, f"warning: {what}", fix) for field, what, fix in gaps(settings)]
    if settings.server is not None:
        found += check_tls(settings.server.tls, "server.tls")
    elif settings.project:
        found.append(("project", "warning: has no effect without server", "remove it"))
    for field, operations in _OWN.items():
        if settings.operation in OPERATIONS and settings.operation not in operations and getattr(settings, field):
            name = ArgoCDSettings.model_fields[field].alias or field
            found.append((name, f"warning: has no effect without operation: {' or '.join(operations)}", "remove it"))
    return found


def faults(settings: ArgoCDSettings) -> list[Finding]:
    """What cannot be, whatever else is written."""
    found = []
    if settings.operation and settings.operation not in OPERATIONS:
        fix = nearest(settings.operation, OPERATIONS) or _ONE_OF
        found.append(("operation", f"'{settings.operation}' is unknown", fix))
    if settings.revision and settings.revisions:
        found.append(("revisions", "is given beside revision", "give one of the two"))
    if settings.source_positions and len(settings.source_positions) != len(settings.revisions or ()):
        found.append(("sourcePositions", "does not go with revisions", "give as many of the one as of the other"))
    if settings.strategy is not None and (settings.strategy.hook is None) == (settings.strategy.apply is None):
        found.append(("strategy", "needs one of the two", "write hook: {} or apply: {}"))
    for index, each in enumerate(settings.resources or ()):
        if not (each.kind and each.name):
            found.append((f"resources.{index}", "needs kind and name", "write both"))
    if settings.server is not None and settings.server.url:
        try:
            parse_target(settings.server.url)
        except Permanent as error:
            found.append(("server.url", error.what, _URL))
    return found


def gaps(settings: ArgoCDSettings) -> list[Finding]:
    """What is missing."""
    found = []
    if not settings.operation:
        found.append(("operation", "is missing", _ONE_OF))
    if not settings.name:
        found.append(("name", "is missing", "name the Application"))
    if settings.server is not None:
        if not settings.server.url:
            found.append(("server.url", "is missing", _URL))
        if settings.server.token is None:
            found.append(("server.token", "is missing", "name the Secret with a token for Argo CD"))
    return found
