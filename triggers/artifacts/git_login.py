"""How git logs in: the Secrets of a manifest lie in files that are this user's alone, never in a command or a variable."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.credentials import Secrets, text_of
from triggers.artifacts.github_app import installation_token
from triggers.artifacts.model import GitArtifact

_ASK: Final = """\
#!/bin/sh
case "$1" in
Username*) exec cat "${0%/*}/username" ;;
*) exec cat "${0%/*}/password" ;;
esac
"""
_SSH: Final = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")
_TRUSTING: Final = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR")
_WITH_USER: Final = re.compile(r"(ssh://)?[^/@:]+@")


@dataclass(frozen=True, slots=True)
class GitLogin:
    """What is added to a git command. `options` come before the subcommand."""

    options: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)


async def make_login(
    artifact: GitArtifact, url: str, secrets: Secrets, folder: Path, environ: Mapping[str, str]
) -> GitLogin:
    """The login of an artifact, with its files in `folder`, which only this user may read.

    As in Argo Events, of `creds`, `githubApp` and `sshKeySecret` the first given counts. Without any, git logs in as the
    user of this machine does, but asks nobody. Raises Temporary or Permanent.
    """
    # Not even a helper program that the user has set up for it.
    asks_nobody = ("-c", "core.askPass=")
    if artifact.creds is not None:
        user, password = text_of(secrets, artifact.creds.username), text_of(secrets, artifact.creds.password)
        return _by_password(user, password, folder)
    if artifact.github_app is not None:
        return _by_password("x-access-token", await installation_token(artifact.github_app, url, secrets), folder)
    trusting = _TRUSTING if artifact.insecure_ignore_host_key else ()
    if artifact.ssh_key_secret is None:
        if not trusting and ("GIT_SSH_COMMAND" in environ or "GIT_SSH" in environ):
            return GitLogin(asks_nobody)
        return GitLogin(asks_nobody, {"GIT_SSH_COMMAND": shlex.join([*_SSH, *trusting])})
    key = folder / "key"
    _write(key, text_of(secrets, artifact.ssh_key_secret).strip() + "\n")
    user_option = () if _WITH_USER.match(url) else ("-l", "git")
    command = [*_SSH, "-o", "IdentitiesOnly=yes", "-i", str(key), *trusting, *user_option]
    return GitLogin(asks_nobody, {"GIT_SSH_COMMAND": shlex.join(command)})


def _by_password(user: str, password: str, folder: Path) -> GitLogin:
    _write(folder / "username", user)
    _write(folder / "password", password)
    _write(folder / "ask", _ASK, 0o700)
    # Without helpers, so that none of them keeps the password for others.
    return GitLogin(("-c", "credential.helper="), {"GIT_ASKPASS": str(folder / "ask")})


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
