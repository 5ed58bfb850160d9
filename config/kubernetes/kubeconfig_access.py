"""Access by a context of a kubeconfig, with every way to say who one is that kubectl knows."""

from __future__ import annotations

import base64
import binascii
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from config.errors import EventyardError, Temporary
from config.kubernetes.exec_plugin import run_plugin
from config.kubernetes.kubeconfig import Context, read_context
from config.kubernetes.login import Access, Endpoint, Login

HOLDS: Final = 60.0
"""Seconds after which a token that others replace is read again."""


class KubeconfigAccess(Access):
    """The named context of these files, or the current one; raises EventyardError if it is not there.

    The files are read again at each login: whoever logs in anew by hand need not restart this program.
    """

    def __init__(self, files: Sequence[Path], context: str = "", *, clock: Callable[[], float] = time.time) -> None:
        self._files, self._clock = tuple(files), clock
        found = read_context(self._files, context)
        # Another current context, chosen later for another terminal, must not send objects to another cluster.
        self._context, self.where, self.namespace = found.name, found.where, found.namespace

    async def login(self) -> Login:
        """Whichever of token, certificate, program, user and password, and identity provider the user entry has."""
        context = read_context(self._files, self._context)
        cluster, user = context.cluster, context.user
        certificate, key = _pem(user, "client-certificate", context), _pem(user, "client-key", context)
        authority = _pem(cluster, "certificate-authority", context)
        authorization, expires = "", math.inf
        if user.get("exec"):
            told = {**cluster, "certificate-authority-data": base64.b64encode(authority.encode()).decode()}
            given = await run_plugin(user["exec"], told if authority else cluster, context.where)
            certificate, key = given.certificate or certificate, given.key or key
            authorization, expires = f"Bearer {given.token}" if given.token else "", given.expires
        elif user.get("token"):
            authorization = f"Bearer {str(user['token']).strip()}"
        elif user.get("tokenFile"):
            authorization = f"Bearer {_read(Path(user['tokenFile']), context).strip()}"
            expires = self._clock() + HOLDS
        elif user.get("auth-provider"):
            authorization, expires = await _ask_provider(context), self._clock() + HOLDS
        elif user.get("username"):
            pair = f"{user['username']}:{user.get('password') or ''}"
            authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if bool(certificate) != bool(key):
            raise EventyardError("a client certificate and its key belong together", where=context.where)
        endpoint = Endpoint(
            server=str(cluster["server"]).rstrip("/"),
            authority=authority,
            certificate=certificate,
            key=key,
            verify=not cluster.get("insecure-skip-tls-verify"),
            server_name=str(cluster.get("tls-server-name") or ""),
            proxy=str(cluster.get("proxy-url") or ""),
        )
        return Login(endpoint=endpoint, authorization=authorization, expires=expires)


async def _ask_provider(context: Context) -> str:
    from kubernetes.aio.client import Configuration
    from kubernetes.aio.config import ConfigException, load_kube_config_from_dict

    # Only who one is: the rest of the context is read here, where errors name the file.
    only = {
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
        "clusters": [{"name": "one", "cluster": {}}],
        "users": [{"name": "one", "user": {"auth-provider": context.user["auth-provider"]}}],
    }
    configuration = Configuration()
    load: Callable[..., Awaitable[object]] = load_kube_config_from_dict
    try:
        await load(only, client_configuration=configuration)
    except (ConfigException, ValueError, KeyError, OSError) as error:
        raise Temporary(
            f"the identity provider gave no token: {error}",
            where=context.where,
            fix="log in again by hand, or use an 'exec' program instead of 'auth-provider'",
        ) from None
    return configuration.api_key.get("BearerToken", "")


def _pem(entry: Mapping[str, Any], name: str, context: Context) -> str:
    """Inline data has precedence over a file, as with kubectl."""
    if inline := entry.get(f"{name}-data"):
        try:
            return base64.b64decode(inline, validate=True).decode()
        except (binascii.Error, ValueError):
            raise EventyardError(f"'{name}-data' is no base64", where=context.where) from None
    return _read(Path(entry[name]), context) if entry.get(name) else ""


def _read(path: Path, context: Context) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise EventyardError(f"{path} cannot be read: {error.strerror}", where=context.where) from None
