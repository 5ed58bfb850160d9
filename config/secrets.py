"""Selectors of Secrets and ConfigMaps -> their values, looked up at the moment of use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from config.decode import nearest
from config.errors import EventyardError
from config.manifests import Manifests, ObjectName
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret

T = TypeVar("T")

_NO_ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType({})
_DEFAULT: Final = "default"
# What Kubernetes allows as a key; `..` would lead out of the folder.
_STEP: Final = re.compile(r"(?!\.\.?$)[-._a-zA-Z0-9]+")


class SecretStore:
    """Looks in documents beside the manifests, then in files `DIR/<name>/<key>`, then in the environment.

    One newline at the end of a value is cut off, as Argo Events does. Files are read anew each time, so that a value
    can be changed while the program runs.
    """

    def __init__(
        self,
        manifests: Manifests | None = None,
        *,
        secrets_dir: Path | None = None,
        environ: Mapping[str, str] = _NO_ENVIRONMENT,
    ) -> None:
        self._manifests = [manifests or Manifests()]
        self._secrets_dir, self._environ, self._namespace = secrets_dir, environ, ""

    def replace(self, manifests: Manifests) -> None:
        """Look in these documents from now on; so do all views of this store."""
        self._manifests[:] = [manifests]

    def within(self, namespace: str) -> SecretStore:
        """A view for the manifests of one namespace, which finds the documents of that namespace first."""
        view = SecretStore(secrets_dir=self._secrets_dir, environ=self._environ)
        view._manifests, view._namespace = self._manifests, namespace
        return view

    def secret(self, selector: SecretKeySelector) -> Secret:
        """The value of a Secret. Raises EventyardError that says where it was looked for."""
        documents = self._manifests[0].secrets
        found = self._documented(documents, selector)
        if found is not None:
            return Secret(_trimmed(found.reveal()))
        return Secret(self._elsewhere("Secret", selector, documents))

    def config_map(self, selector: ConfigMapKeySelector) -> str:
        """The value of a ConfigMap. Raises EventyardError that says where it was looked for."""
        documents = self._manifests[0].config_maps
        found = self._documented(documents, selector)
        return _trimmed(found) if found is not None else self._elsewhere("ConfigMap", selector, documents)

    def _documented(
        self, documents: Mapping[ObjectName, Mapping[str, T]], selector: SecretKeySelector | ConfigMapKeySelector
    ) -> T | None:
        values = self._values(documents, selector.name)
        return None if values is None else values.get(selector.key)

    def _values(self, documents: Mapping[ObjectName, Mapping[str, T]], name: str) -> Mapping[str, T] | None:
        for namespace in (self._namespace, _DEFAULT):
            if (values := documents.get((namespace, name))) is not None:
                return values
        if self._namespace:
            return None
        return next((values for (_, other), values in documents.items() if other == name), None)

    def _elsewhere(
        self,
        kind: str,
        selector: SecretKeySelector | ConfigMapKeySelector,
        documents: Mapping[ObjectName, Mapping[str, T]],
    ) -> str:
        name, key = selector.name, selector.key
        if not name or not key:
            raise EventyardError(f"a selector of a {kind} lacks its name or key", fix="write {name: NAME, key: KEY}")
        if (path := self._path(name, key)) is not None:
            try:
                return _trimmed(path.read_bytes().decode("utf-8", "surrogateescape"))
            except FileNotFoundError:
                pass
            except OSError as error:
                reason = error.strerror or str(error)
                raise EventyardError(f"{path} cannot be read: {reason}", fix="check its permissions") from None
        variable = variable_of(name, key)
        if (text := self._environ.get(variable)) is not None:
            return _trimmed(text)
        values = self._values(documents, name)
        near = nearest(key, values) if values is not None else ""
        missing = f"{kind} '{name}' has no key '{key}'" if values is not None else f"there is no {kind} '{name}'"
        looked = ", ".join(self._places(kind, path, variable))
        fix = near or f"set {variable}, or give a {kind} document beside the manifests"
        raise EventyardError(f"{missing} (looked in {looked})", fix=fix)

    def _path(self, name: str, key: str) -> Path | None:
        if self._secrets_dir is None or not _STEP.fullmatch(name) or not _STEP.fullmatch(key):
            return None
        return self._secrets_dir / name / key

    def _places(self, kind: str, path: Path | None, variable: str) -> Iterator[str]:
        yield f"the {kind} documents" + (f" of namespace '{self._namespace}'" if self._namespace else "")
        if path is not None:
            yield str(path)
        yield f"the variable {variable}"


def variable_of(name: str, key: str) -> str:
    """The environment variable that may hold a value: `EVENTYARD_SECRET_<NAME>_<KEY>`."""
    return "EVENTYARD_SECRET_" + re.sub(r"[^A-Z0-9]", "_", f"{name}_{key}".upper())


def _trimmed(text: str) -> str:
    return text.removesuffix("\n")
