"""Credentials from a program that a kubeconfig names (`exec`), as client-go runs it.

The protocol: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from config.errors import EventyardError, Temporary

PATIENCE: Final = 60.0
"""Seconds that a program may take."""

_SKEW: Final = 30.0
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a program gave; `expires` is a time as of `time.time`."""

    token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    expires: float = math.inf


async def run_plugin(plugin: Mapping[str, Any], cluster: Mapping[str, Any], where: str) -> Credential:
    """Run the program; it never gets a terminal to ask questions on.

    Raises EventyardError if there is no such program, Temporary if it gave nothing of use.
    """
    command, version = str(plugin.get("command") or ""), str(plugin.get("apiVersion") or "")
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = {key: cluster[key] for key in _SHARED if key in cluster}
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    added = {str(one["name"]): str(one["value"]) for one in plugin.get("env") or ()}
    environ = {**os.environ, **added, "KUBERNETES_EXEC_INFO": orjson.dumps(info).decode()}
    arguments = [str(one) for one in plugin.get("args") or ()]
    try:
        process = await asyncio.create_subprocess_exec(
            command,
            *arguments,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        hint = str(plugin.get("installHint") or "").strip()
        raise EventyardError(
            f"the credential program '{command}' does not run: {error.strerror}", where=where, fix=hint or "install it"
        ) from None
    try:
        async with asyncio.timeout(PATIENCE):
            output, complaint = await process.communicate()
    except TimeoutError:
        raise _useless(command, f"did not end in {PATIENCE:g} s", where) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        said = " ".join(complaint.decode(errors="replace").split())[:_LONGEST]
        raise _useless(command, f"ended with {process.returncode}: {said}", where)
    return _credential(output, version, command, where)


# https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster
_SHARED: Final = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
)


def _credential(output: bytes, version: str, command: str, where: str) -> Credential:
    try:
        answer = orjson.loads(output)
        status = answer["status"]
        token, certificate = (status.get("token") or "").strip(), status.get("clientCertificateData") or ""
        key = status.get("clientKeyData") or ""
        expiry = status.get("expirationTimestamp")
        expires = datetime.fromisoformat(expiry).timestamp() - _SKEW if expiry else math.inf
        given = answer.get("apiVersion")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _useless(command, "did not print an ExecCredential with a status", where) from None
    if given != version:
        raise _useless(command, f"speaks {given}, the kubeconfig says {version}", where)
    if not token and not (certificate and key):
        raise _useless(command, "gave neither a token nor a certificate with its key", where)
    return Credential(token=token, certificate=certificate, key=key, expires=expires)


def _useless(command: str, what: str, where: str) -> Temporary:
    return Temporary(
        f"the credential program '{command}' {what}", where=where, fix="run a kubectl command with this context by hand"
    )
