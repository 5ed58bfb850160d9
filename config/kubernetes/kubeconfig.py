"""Kubeconfig files -> the one context that is used, by kubectl's rules; nothing of it is used yet."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from config.decode import nearest
from config.errors import EventyardError

DEFAULT_NAMESPACE: Final = "default"

_HOME: Final = Path(".kube", "config")
_LOOK: Final = "kubectl config view shows what is wrong"
_CLUSTER_PATHS: Final = ("certificate-authority",)
_USER_PATHS: Final = ("client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A cluster and a user as a kubeconfig describes them, paths made absolute. `file` is the one that has the context."""

    name: str
    file: Path
    namespace: str
    cluster: Mapping[str, Any]
    user: dict[str, Any] = field(repr=False)

    @property
    def where(self) -> str:
        """For messages."""
        return f"context '{self.name}' of {self.file}"


def kubeconfig_files(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The files that kubectl would read: those in KUBECONFIG, else `~/.kube/config`. Which of them exist is not asked."""
    named = [Path(part).expanduser() for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return named or [home / _HOME]


def read_context(files: Sequence[Path], name: str = "") -> Context:
    """The named context, or the current one. Of two files that have the same name, or a current context, the first rules.

    Raises EventyardError: no file, a malformed one, or a name that does not exist.
    """
    documents = {file: _document(file) for file in files if file.exists()}
    if not documents:
        raise EventyardError(
            f"no kubeconfig at {', '.join(map(str, files))}", fix="set KUBECONFIG to a file that kubectl works with"
        )
    every = ", ".join(map(str, documents))
    contexts = _named(documents, "contexts", "context")
    name = name or next((str(one["current-context"]) for one in documents.values() if one.get("current-context")), "")
    if not name:
        known = f"choose one of: {', '.join(sorted(contexts))}" if contexts else "add a context"
        raise EventyardError("the kubeconfig has no current context", where=every, fix=known)
    if name not in contexts:
        fix = nearest(name, contexts) or f"there are: {', '.join(sorted(contexts)) or 'none'}"
        raise EventyardError(f"the kubeconfig has no context '{name}'", where=every, fix=fix)
    file, context = contexts[name]
    cluster = _referred(documents, "clusters", "cluster", context, file, name, _CLUSTER_PATHS)
    if not cluster.get("server"):
        raise EventyardError(
            f"the cluster of context '{name}' has no server", where=str(file), fix="add its URL as 'server'"
        )
    return Context(
        name=name,
        file=file,
        namespace=str(context.get("namespace") or DEFAULT_NAMESPACE),
        cluster=cluster,
        user=_referred(documents, "users", "user", context, file, name, _USER_PATHS) if context.get("user") else {},
    )


def _referred(
    documents: Mapping[Path, Mapping[str, Any]],
    section: str,
    key: str,
    context: Mapping[str, Any],
    file: Path,
    name: str,
    paths: Sequence[str],
) -> dict[str, Any]:
    entries = _named(documents, section, key)
    wanted = str(context.get(key) or "")
    if wanted not in entries:
        raise EventyardError(
            f"context '{name}' names the {key} '{wanted}', which is not there",
            where=str(file),
            fix=nearest(wanted, entries) or f"add it to '{section}'",
        )
    source, entry = entries[wanted]
    folder = source.absolute().parent
    entry = {**entry, **{path: str(folder / entry[path]) for path in paths if entry.get(path)}}
    plugin = entry.get("exec")
    if isinstance(plugin, dict) and os.sep in str(plugin.get("command") or ""):
        # A bare name is looked up on the PATH; anything else is beside the file.
        entry["exec"] = {**plugin, "command": str(folder / plugin["command"])}
    return entry


def _named(
    documents: Mapping[Path, Mapping[str, Any]], section: str, key: str
) -> dict[str, tuple[Path, dict[str, Any]]]:
    found: dict[str, tuple[Path, dict[str, Any]]] = {}
    for file, document in documents.items():
        for entry in document.get(section) or ():
            if not isinstance(entry, dict) or "name" not in entry or not isinstance(entry.get(key) or {}, dict):
                raise EventyardError(f"'{section}' is no list of names, each with a '{key}'", where=str(file))
            found.setdefault(str(entry["name"]), (file, entry.get(key) or {}))
    return found


def _document(file: Path) -> Mapping[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise EventyardError(f"the kubeconfig cannot be read: {error.strerror}", where=str(file)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        # What the parser says may quote a token.
        raise EventyardError("the kubeconfig is no YAML", where=str(file), fix=_LOOK) from None
    if document is None:
        return {}
    if not isinstance(document, dict) or any(
        not isinstance(document.get(section) or [], list) for section in ("clusters", "contexts", "users")
    ):
        raise EventyardError("this is no kubeconfig", where=str(file), fix=_LOOK)
    return document
