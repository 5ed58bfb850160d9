"""Which cluster is meant: kubeconfig files first, then the service account of the Pod, as kubectl looks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from config.errors import EventyardError
from config.kubernetes.kubeconfig import kubeconfig_files
from config.kubernetes.kubeconfig_access import KubeconfigAccess
from config.kubernetes.login import Access
from config.kubernetes.service_account import FOLDER, ServiceAccount


def find_access(
    *,
    kubeconfig: Path | None = None,
    context: str = "",
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
    service_account: Path = FOLDER,
) -> Access:
    """The way into the cluster that is configured on this machine; nothing is connected yet.

    Raises EventyardError that says where was looked and what to do, or what is wrong with what was found.
    """
    files = [kubeconfig] if kubeconfig else kubeconfig_files(environ, home or Path.home())
    if kubeconfig or context or environ.get("KUBECONFIG") or any(file.exists() for file in files):
        return KubeconfigAccess(files, context)
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return ServiceAccount(environ, service_account)
    raise EventyardError(
        f"no Kubernetes cluster is configured: KUBECONFIG is not set, {files[0]} does not exist, and this is not a Pod",
        fix="set KUBECONFIG to a file that kubectl works with",
    )
