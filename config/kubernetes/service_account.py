"""Access for a program that runs in a Pod: the service account that Kubernetes mounts into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from config.errors import EventyardError
from config.kubernetes.kubeconfig import DEFAULT_NAMESPACE
from config.kubernetes.login import Access, Endpoint, Login

FOLDER: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")

HOLDS: Final = 60.0
"""Seconds after which the token is read again: Kubernetes replaces it long before it expires."""


class ServiceAccount(Access):
    """Raises EventyardError unless this is a Pod with a service account token."""

    def __init__(
        self, environ: Mapping[str, str], folder: Path = FOLDER, *, clock: Callable[[], float] = time.time
    ) -> None:
        host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "")
        if not host or not port:
            raise EventyardError("this is not a Pod: KUBERNETES_SERVICE_HOST is not set", fix="set KUBECONFIG")
        self.server = f"https://{f'[{host}]' if ':' in host else host}:{port}"
        self.where = f"the service account of this Pod at {self.server}"
        self._folder, self._clock = folder, clock
        namespace = folder / "namespace"
        self.namespace = (namespace.read_text().strip() if namespace.exists() else "") or DEFAULT_NAMESPACE
        self._read("token")

    async def login(self) -> Login:
        """The token as it is mounted now."""
        return Login(
            endpoint=Endpoint(server=self.server, authority=self._read("ca.crt")),
            authorization=f"Bearer {self._read('token')}",
            expires=self._clock() + HOLDS,
        )

    def _read(self, name: str) -> str:
        try:
            text = (self._folder / name).read_text().strip()
        except OSError:
            text = ""
        if not text:
            raise EventyardError(
                f"{self._folder / name} is missing or empty",
                where=self.where,
                fix="the Pod needs a service account, and 'automountServiceAccountToken' must not be false",
            )
        return text
