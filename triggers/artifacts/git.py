"""An artifact that is a file of a Git repository, read with the git command.

One reference is fetched without its history, and the file is read from git's own store. Nothing is checked out, so no link,
hook or filter of a repository can have any effect here.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.credentials import Secrets
from config.errors import EventyardError, Permanent, Temporary
from triggers.artifacts.document import LIMIT
from triggers.artifacts.git_login import make_login
from triggers.artifacts.git_paths import check_path, check_reference, inner_path, without_login
from triggers.artifacts.model import GitArtifact, source_url
from triggers.text import printable

DEFAULT_BRANCH: Final = "master"

_PROTOCOLS: Final = "file:git:http:https:ssh"
_SHOWN: Final = 500
_ENTRY: Final = re.compile(rb"(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t.*\0", re.DOTALL)
# Variables that tie git to another repository, or let it ask a person.
_NOT_OURS: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ASKPASS",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        "SSH_ASKPASS",
    }
)
_ABSENT: Final = re.compile(
    r"couldn't find remote ref|not our ref|unadvertised object|does not appear to be a git repository"
    r"|repository .*not found|returned error: 404|project you were looking for could not be found",
    re.IGNORECASE,
)
_REFUSED: Final = re.compile(
    r"authentication failed|could not read (username|password)|permission denied|host key verification failed"
    r"|returned error: 40[13]|access denied|invalid format|error in libcrypto",
    re.IGNORECASE,
)
_NOT_A_PLACE: Final = re.compile(r"transport '.*' not allowed|unable to find remote helper", re.IGNORECASE)


async def read_git(
    artifact: GitArtifact, secrets: Secrets, kept_clone: asyncio.Lock, environ: Mapping[str, str] = os.environ
) -> bytes:
    """The file. `kept_clone` is held while a `cloneDirectory` is used. Raises Permanent or Temporary."""
    url = source_url(artifact)
    if not url:
        raise Permanent("no repository is named", fix="give git.url")
    path, reference = inner_path(artifact.file_path), _reference(artifact)
    check_path(artifact.clone_directory)
    async with AsyncExitStack() as stack:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="eventyard-git-"))
        stack.push_async_callback(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True)
        login = await make_login(artifact, url, secrets, folder, environ)
        inherited = {name: value for name, value in environ.items() if name not in _NOT_OURS}
        git = Git(
            Path(artifact.clone_directory) if artifact.clone_directory else folder / "clone",
            login.options,
            {
                **inherited,
                "LC_ALL": "C",
                "GIT_TERMINAL_PROMPT": "0",
                "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
                **login.environ,
            },
        )
        if artifact.clone_directory:
            await stack.enter_async_context(kept_clone)
        return await git.read(url, reference, path)


def _reference(artifact: GitArtifact) -> str:
    """What is fetched."""
    for name in (artifact.ref, artifact.tag, artifact.branch):
        check_reference(name)
    if artifact.ref:
        return artifact.ref
    if artifact.tag:
        return f"refs/tags/{artifact.tag}"
    return f"refs/heads/{artifact.branch or DEFAULT_BRANCH}"


@dataclass(frozen=True, slots=True)
class Git:
    """The git command, at work in one folder."""

    folder: Path
    options: tuple[str, ...]
    environ: Mapping[str, str]

    async def read(self, url: str, reference: str, path: str) -> bytes:
        """Fetch a reference and read a file of it."""
        kept = (self.folder / ".git").exists()
        if not kept:
            await self._run("init", "--quiet", "--template=", "--", str(self.folder), place=False)
        # A clone that holds its history is left with it.
        depth = () if kept and not (self.folder / ".git" / "shallow").exists() else ("--depth=1",)
        # A name of its own for what others may fetch into the same folder, and the same each time, so that only changes
        # travel.
        mine = f"refs/eventyard/{hashlib.sha256(f'{url} {reference}'.encode()).hexdigest()}"
        fetch = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", *depth)
        await self._run(*fetch, "--", url, f"+{reference}:{mine}")
        return await self._file(mine, reference, path)

    async def _file(self, commit: str, reference: str, path: str) -> bytes:
        listed = await self._run("--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree", commit, "--", path)
        found = _ENTRY.fullmatch(listed)
        if found is None:
            raise Permanent(f"there is no file '{path}' in {reference}", fix="check filePath")
        mode, kind, blob, size = (part.decode() for part in found.groups())
        if kind != "blob" or mode == "120000":
            what = "a link" if kind == "blob" else "a folder" if kind == "tree" else "another repository"
            raise Permanent(f"'{path}' is {what}, and no file", fix="name a file by its own path")
        if int(size) > LIMIT:
            raise Permanent(f"'{path}' has more than {LIMIT} bytes", fix="is this the right file?")
        return await self._run("cat-file", "blob", blob)

    async def _run(self, *arguments: str, place: bool = True) -> bytes:
        """What git wrote; it and its children end before this does. Raises Permanent or Temporary."""
        at = (f"--git-dir={self.folder / '.git'}",) if place else ()
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *self.options,
                *at,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self.environ,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise Permanent("the program git is not installed", fix="install git on this machine") from None
        except ValueError:
            raise Permanent("a field holds a null character", fix="remove it") from None
        try:
            written, said = await process.communicate()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            raise _failure(said.decode("utf-8", "replace"))
        return written


def _failure(said: str) -> EventyardError:
    """The error for what git said, without logins."""
    told = printable("; ".join(line.strip() for line in without_login(said).splitlines() if line.strip()))
    what = f"git says: {told[:_SHOWN]}" if told else "git failed without a word"
    if _NOT_A_PLACE.search(said):
        return Permanent(what, fix="use a URL of http, https, ssh, git or file")
    if _ABSENT.search(said):
        return Permanent(what, fix="check url, and branch, tag or ref")
    if _REFUSED.search(said):
        return Permanent(what, fix="check creds, githubApp or sshKeySecret; an ssh server has to be in known_hosts")
    return Temporary(what)
