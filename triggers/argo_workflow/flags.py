"""The flags of the `argo` command, for each operation of a Workflow: what they take, and what becomes of them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OPERATIONS: Final = ("submit", "submit-from", "resubmit", "retry", "resume", "suspend", "terminate", "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """`field` is where its value goes in `Options`. Without one it means nothing here (`ignored` says what does it
    instead), or is `refused`, with what to do about it."""

    name: str
    short: str = ""
    switch: bool = False
    field: str = ""
    ignored: str = ""
    refused: str = ""


_OUTPUT: Final = "remove it: nobody reads what the command would print"
_AWAIT: Final = "to learn how the Workflow ends, write await: {} beside template"
_CLUSTER: Final = "the cluster is that of the kubeconfig, or of the Pod; remove the flag"
_SERVER: Final = "say where Argo Server is with server: {url: …} beside args"
_DRY: Final = "remove it; `eventyard try` shows what would be done"


def _taking(field: str, *names: str) -> tuple[Flag, ...]:
    return tuple(Flag(name=name, field=field) for name in names)


_GLOBAL: Final = (
    Flag(name="namespace", short="n", field="namespace"),
    Flag(name="instanceid", field="instance_id"),
    Flag(name="verbose", short="v", switch=True, ignored=_OUTPUT),
    *(Flag(name=name, ignored=_OUTPUT) for name in ("loglevel", "gloglevel", "log-format")),
    Flag(name="request-timeout", ignored="remove it: requests have a time limit of their own"),
    *(Flag(name=name, switch=True, refused=_CLUSTER) for name in ("disable-compression", "insecure-skip-tls-verify")),
    *(
        Flag(name=name, refused=_CLUSTER)
        for name in (
            *("as", "as-group", "as-uid", "as-user-extra", "certificate-authority", "client-certificate"),
            *("client-key", "cluster", "context", "kubeconfig", "password", "proxy-url", "server"),
            *("tls-server-name", "token", "user", "username"),
        )
    ),
    Flag(name="argo-server", short="s", refused=_SERVER),
    Flag(name="argo-base-href", refused=_SERVER),
    Flag(name="argo-http1", switch=True, ignored="remove it: Argo Server is always asked over HTTP"),
    Flag(name="header", short="H", refused=_SERVER),
    Flag(name="secure", short="e", switch=True, refused=_SERVER),
    Flag(name="insecure-skip-verify", short="k", switch=True, refused=_SERVER),
)

_PARAMETER: Final = Flag(name="parameter", short="p", field="parameters")
_NODES: Final = Flag(name="node-field-selector", field="nodes")
_SELECTING: Final = (
    Flag(name="selector", short="l", field="selector"),
    Flag(name="field-selector", field="field_selector"),
)
_WATCHING: Final = (
    Flag(name="output", short="o", ignored=_OUTPUT),
    Flag(name="wait", short="w", switch=True, ignored=_AWAIT),
    Flag(name="watch", switch=True, ignored=_AWAIT),
    Flag(name="log", switch=True, ignored=_OUTPUT),
)
_SUBMIT: Final = (
    Flag(name="name", field="name"),
    Flag(name="generate-name", field="generate_name"),
    Flag(name="entrypoint", field="entrypoint"),
    _PARAMETER,
    Flag(name="parameter-file", short="f", field="parameter_file"),
    Flag(name="serviceaccount", field="service_account"),
    Flag(name="labels", short="l", field="labels"),
    Flag(name="priority", field="priority"),
    *_WATCHING,
    Flag(name="status", ignored=_OUTPUT),
    Flag(name="node-field-selector", ignored=_OUTPUT),
    Flag(name="strict", switch=True, ignored="remove it: the server decides which fields a Workflow may have"),
    Flag(name="dry-run", switch=True, refused=_DRY),
    Flag(name="server-dry-run", switch=True, refused=_DRY),
)
_FROM: Final = "use operation: submit-from, with the template for a source"

FLAGS: Final[Mapping[str, tuple[Flag, ...]]] = {
    "submit": (
        *_SUBMIT,
        Flag(name="from", refused=_FROM),
        Flag(name="scheduled-time", ignored="it is for operation: submit-from"),
        *_GLOBAL,
    ),
    "submit-from": (*_SUBMIT, *_taking("origin", "from"), *_taking("scheduled_time", "scheduled-time"), *_GLOBAL),
    "resubmit": (
        *(_PARAMETER, Flag(name="priority", field="priority"), Flag(name="memoized", switch=True, field="memoized")),
        *(*_WATCHING, *_SELECTING, *_GLOBAL),
    ),
    "retry": (
        *(_PARAMETER, Flag(name="restart-successful", switch=True, field="restart_successful"), _NODES),
        *(*_WATCHING, *_SELECTING, *_GLOBAL),
    ),
    "resume": (_NODES, *_GLOBAL),
    "suspend": _GLOBAL,
    "stop": (
        *(Flag(name="message", field="message"), _NODES, *_SELECTING),
        *(Flag(name="dry-run", switch=True, refused=_DRY), *_GLOBAL),
    ),
    "terminate": (*_SELECTING, Flag(name="dry-run", switch=True, refused=_DRY), *_GLOBAL),
}
"""By operation."""
