"""triggers/artifacts/git.py against real repositories: in a folder, behind a server with a login, and through ssh."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from config.errors import Permanent, Temporary
from tests.fakes.git_http import GitHttp
from tests.fakes.sink import Sink, answer, closed_port
from tests.fakes.values import FakeSecrets
from triggers.artifacts.document import LIMIT
from triggers.artifacts.git import read_git
from triggers.artifacts.model import GitArtifact

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: apt-get install git")

FILE = "deploy/job.yaml"


class Repository:
    """A repository with a work tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=master")
        self.commit("kind: Job\n")

    def git(self, *arguments: str) -> str:
        """What a git command writes."""
        options = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false")
        command = ["git", *options, "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, content: str, path: str = FILE) -> str:
        """Write a file; the id of the commit."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=change")
        return self.git("rev-parse", "HEAD")

    @property
    def url(self) -> str:
        """As git takes it."""
        return self.folder.as_uri()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment without a user's settings."""
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repositories" / "app")


async def read(environ: Mapping[str, str], url: str, secrets: Mapping[str, str] | None = None, **fields: Any) -> str:
    """What the artifact of a manifest holds."""
    artifact = GitArtifact.model_validate({"url": url, "filePath": FILE, **fields})
    return (await read_git(artifact, FakeSecrets(**(secrets or {})), asyncio.Lock(), environ)).decode()


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of temporary files, which is empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


class TestReference:
    async def test_master_by_default(self, environ: dict[str, str], repository: Repository) -> None:
        assert await read(environ, repository.url) == "kind: Job\n"

    async def test_of_several_the_most_exact_counts(self, environ: dict[str, str], repository: Repository) -> None:
        fields: dict[str, Any] = {}
        for name, create in (
            ("branch", ("checkout", "--quiet", "-b", "one")),
            ("tag", ("tag", "--annotate", "--message=x", "two")),
            ("ref", ("update-ref", "refs/pull/7/head", "HEAD")),
        ):
            if name == "branch":
                repository.git(*create)
                repository.commit("kind: branch\n")
            else:
                repository.commit(f"kind: {name}\n")
                repository.git(*create)
            if name == "branch":
                repository.git("checkout", "--quiet", "--detach")
            fields[name] = {"branch": "one", "tag": "two", "ref": "refs/pull/7/head"}[name]
            assert await read(environ, repository.url, **fields) == f"kind: {name}\n"

    async def test_a_commit(self, environ: dict[str, str], repository: Repository) -> None:
        first = repository.commit("kind: First\n")
        repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
        repository.commit("kind: Second\n")
        assert await read(environ, repository.url, ref=first) == "kind: First\n"

    async def test_a_remote(self, environ: dict[str, str], repository: Repository, tmp_path: Path) -> None:
        other = Repository(tmp_path / "other")
        other.commit("kind: Other\n")
        remote = {"name": "mirror", "urls": [other.url]}
        assert await read(environ, repository.url, remote=remote) == "kind: Other\n"

    @pytest.mark.parametrize("fields", [{"branch": "absent"}, {"tag": "absent"}, {"ref": "refs/pull/9/head"}])
    async def test_that_is_absent(
        self, environ: dict[str, str], repository: Repository, fields: dict[str, Any]
    ) -> None:
        with pytest.raises(Permanent, match="couldn't find remote ref") as failure:
            await read(environ, repository.url, **fields)
        assert "branch, tag or ref" in failure.value.fix

    @pytest.mark.parametrize("name", ["a:refs/heads/b", "+a", "--upload-pack=x", "a b", "a..b", "a^", "a~1", "x\n"])
    async def test_what_is_none(self, environ: dict[str, str], repository: Repository, name: str) -> None:
        for field in ("branch", "tag", "ref"):
            with pytest.raises(Permanent, match="is no name of a branch"):
                await read(environ, repository.url, None, **{field: name})


class TestPath:
    @pytest.mark.parametrize("path", ["deploy/job.yaml", "/deploy/job.yaml", "./deploy//job.yaml"])
    async def test_spellings(self, environ: dict[str, str], repository: Repository, path: str) -> None:
        assert await read(environ, repository.url, filePath=path) == "kind: Job\n"

    @pytest.mark.parametrize("path", ["../x", "deploy/../../x", "~/x", "deploy\\job.yaml", "", ".", "/", "a\0b"])
    async def test_that_leads_elsewhere(self, environ: dict[str, str], repository: Repository, path: str) -> None:
        with pytest.raises(Permanent) as failure:
            await read(environ, repository.url, filePath=path)
        assert failure.value.fix

    async def test_what_is_no_file(self, environ: dict[str, str], repository: Repository) -> None:
        (repository.folder / "link").symlink_to("/etc/passwd")
        (repository.folder / "away").symlink_to("/etc")
        repository.commit("[x]: *", "[odd]?*.yaml")
        for path, why in (
            ("link", "is a link"),
            ("away/passwd", "there is no file"),
            ("deploy", "is a folder"),
            ("absent", "there is no file 'absent' in refs/heads/master"),
            ("*odd*", "there is no file"),
        ):
            with pytest.raises(Permanent, match=why.replace("*", r"\*")):
                await read(environ, repository.url, filePath=path)
        assert await read(environ, repository.url, filePath="[odd]?*.yaml") == "[x]: *"

    async def test_another_repository(self, environ: dict[str, str], repository: Repository, tmp_path: Path) -> None:
        inner = Repository(tmp_path / "inner")
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.url, "inner")
        repository.commit("x")
        with pytest.raises(Permanent, match="is another repository"):
            await read(environ, repository.url, filePath="inner")

    async def test_a_large_file(self, environ: dict[str, str], repository: Repository) -> None:
        repository.commit("x" * (LIMIT + 1))
        with pytest.raises(Permanent, match="more than"):
            await read(environ, repository.url)


class TestClone:
    async def test_nothing_is_left(self, environ: dict[str, str], repository: Repository, temporary: Path) -> None:
        await read(environ, repository.url)
        with pytest.raises(Permanent):
            await read(environ, repository.url, branch="absent")
        assert not list(temporary.iterdir())

    async def test_a_folder_is_used_again(
        self, environ: dict[str, str], repository: Repository, tmp_path: Path
    ) -> None:
        folder = tmp_path / "kept" / "here"
        for content in ("kind: One\n", "kind: Two\n"):
            repository.commit(content)
            assert await read(environ, repository.url, cloneDirectory=str(folder)) == content
        assert [path.name for path in folder.iterdir()] == [".git"]
        assert len(list((folder / ".git" / "refs" / "eventyard").iterdir())) == 1

    async def test_a_clone_of_others_keeps_its_history(
        self, environ: dict[str, str], repository: Repository, tmp_path: Path
    ) -> None:
        repository.commit("kind: Two\n")
        clone = tmp_path / "clone"
        repository.git("clone", "--quiet", repository.url, str(clone))
        repository.commit("kind: Three\n")
        assert await read(environ, repository.url, cloneDirectory=str(clone)) == "kind: Three\n"
        assert repository.git("--git-dir", str(clone / ".git"), "rev-list", "--count", "HEAD") == "2"
        assert not (clone / ".git" / "shallow").exists()

    async def test_many_at_once(self, environ: dict[str, str], repository: Repository, tmp_path: Path) -> None:
        artifact = GitArtifact(url=repository.url, file_path=FILE, clone_directory=str(tmp_path / "kept"))
        lock = asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read_git(artifact, FakeSecrets(), lock, environ)) for _ in range(4)]
        assert {task.result() for task in tasks} == {b"kind: Job\n"}

    async def test_a_folder_that_leads_elsewhere(self, environ: dict[str, str], repository: Repository) -> None:
        with pytest.raises(Permanent, match="may lead elsewhere"):
            await read(environ, repository.url, cloneDirectory="/tmp/../etc")

    async def test_variables_of_another_repository_have_no_effect(
        self, environ: dict[str, str], repository: Repository, tmp_path: Path
    ) -> None:
        other = Repository(tmp_path / "other")
        environ |= {"GIT_DIR": str(other.folder / ".git"), "GIT_INDEX_FILE": "x", "GIT_OBJECT_DIRECTORY": "/nowhere"}
        assert await read(environ, repository.url) == "kind: Job\n"
        assert other.git("for-each-ref", "refs/eventyard") == ""


class TestServer:
    CREDS = {"username": {"name": "s", "key": "user"}, "password": {"name": "s", "key": "password"}}
    SECRETS = {"user": "alice-77", "password": "pw 9c1e'\"$(x)"}

    async def test_without_a_login(self, environ: dict[str, str], repository: Repository) -> None:
        async with GitHttp(repository.folder.parent) as server:
            assert await read(environ, f"{server.url}/app/.git") == "kind: Job\n"

    async def test_a_login(self, environ: dict[str, str], repository: Repository) -> None:
        async with GitHttp(repository.folder.parent, ("alice-77", "pw 9c1e'\"$(x)")) as server:
            found = await read(environ, f"{server.url}/app/.git", self.SECRETS, creds=self.CREDS)
            assert found == "kind: Job\n"

    async def test_a_github_app(self, environ: dict[str, str], repository: Repository) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        app = {"privateKey": {"name": "s", "key": "pem"}, "appID": 7, "installationID": 42}
        async with GitHttp(repository.folder.parent, ("x-access-token", "ghs_1")) as server:
            found = await read(environ, f"{server.url}/app/.git", {"pem": key.decode()}, githubApp=app)
        assert found == "kind: Job\n"

    async def test_a_login_is_given_to_no_helper(
        self, environ: dict[str, str], repository: Repository, tmp_path: Path
    ) -> None:
        asked = tmp_path / "asked"
        config = f'[credential]\n\thelper = "!f() {{ cat >>{asked}; }}; f"\n[core]\n\taskPass = /nowhere\n'
        (Path(environ["HOME"]) / ".gitconfig").write_text(config)
        async with GitHttp(repository.folder.parent, tuple(self.SECRETS.values())) as server:  # type: ignore[arg-type]
            assert await read(environ, f"{server.url}/app/.git", self.SECRETS, creds=self.CREDS) == "kind: Job\n"
        assert not asked.exists()

    async def test_a_login_that_is_refused(self, environ: dict[str, str], repository: Repository) -> None:
        async with GitHttp(repository.folder.parent, ("bob", "x")) as server:
            for fields in ({}, {"creds": self.CREDS}):
                with pytest.raises(Permanent) as failure:
                    await read(environ, f"{server.url}/app/.git", self.SECRETS, **fields)
                assert "creds" in failure.value.fix
                assert "9c1e" not in str(failure.value)
            assert server.logins == [("alice-77", self.SECRETS["password"])]

    async def test_a_login_in_the_url_is_not_shown(self, environ: dict[str, str], repository: Repository) -> None:
        async with GitHttp(repository.folder.parent, ("bob", "x")) as server:
            with pytest.raises(Permanent) as failure:
                await read(environ, f"http://carol:swordfish@{server.authority}/app/.git")
        assert "swordfish" not in str(failure.value)

    async def test_a_secret_that_is_missing(self, environ: dict[str, str], repository: Repository) -> None:
        with pytest.raises(Temporary, match="no key 'user'"):
            await read(environ, repository.url, {}, creds=self.CREDS)

    async def test_a_repository_that_is_not_there(self, environ: dict[str, str], repository: Repository) -> None:
        async with GitHttp(repository.folder.parent) as server:
            for url in (f"{server.url}/absent", (repository.folder / "absent").as_uri()):
                with pytest.raises(Permanent):
                    await read(environ, url)

    async def test_a_server_that_is_away(self, environ: dict[str, str]) -> None:
        with pytest.raises(Temporary, match="git says"):
            await read(environ, f"http://127.0.0.1:{closed_port()}/app")

    @pytest.mark.parametrize("status", [429, 500, 503])
    async def test_a_server_that_is_unwell(self, environ: dict[str, str], status: int) -> None:
        async with Sink(usual=answer(status)) as sink:
            with pytest.raises(Temporary):
                await read(environ, f"{sink.url}/app")

    async def test_reading_can_be_cancelled(self, environ: dict[str, str], temporary: Path) -> None:
        arrived, gone = asyncio.Event(), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            arrived.set()
            await reader.read()
            gone.set()
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with asyncio.timeout(10), asyncio.TaskGroup() as group:
                task = group.create_task(read(environ, f"http://127.0.0.1:{port}/app"))
                await arrived.wait()
                task.cancel()
            assert task.cancelled()
            # Its children, which hold the connection, are gone as well.
            async with asyncio.timeout(10):
                await gone.wait()
        assert not list(temporary.iterdir())

    @pytest.mark.parametrize("url", ["ext::sh -c touch% /tmp/x", "ftp://host/x", "fd::0", "", "nosuch::x"])
    async def test_places_that_are_not_allowed(self, environ: dict[str, str], url: str) -> None:
        with pytest.raises(Permanent):
            await read(environ, url)

    async def test_an_url_is_no_option(self, environ: dict[str, str], tmp_path: Path) -> None:
        with pytest.raises((Permanent, Temporary)):
            await read(environ, f"--upload-pack=touch {tmp_path}/made")
        assert not (tmp_path / "made").exists()

    async def test_without_git(self, environ: dict[str, str], repository: Repository, tmp_path: Path) -> None:
        with pytest.raises(Permanent, match="git is not installed"):
            await read({**environ, "PATH": str(tmp_path)}, repository.url)


class TestSsh:
    """The program `ssh` is one that notes how it was called, and runs the command on this machine."""

    PROGRAM = """#!{python}
import json, os, sys
arguments = sys.argv[1:]
key = arguments[arguments.index("-i") + 1] if "-i" in arguments else None
seen = {{"arguments": arguments, "key": key and open(key).read(), "mode": key and os.stat(key).st_mode}}
json.dump(seen, open({notes!r}, "w"))
os.execvp("sh", ["sh", "-c", arguments[-1]])
"""

    @pytest.fixture
    def notes(self, environ: dict[str, str], tmp_path: Path) -> Path:
        folder, notes = tmp_path / "bin", tmp_path / "notes.json"
        folder.mkdir()
        (folder / "ssh").write_text(self.PROGRAM.format(python=sys.executable, notes=str(notes)))
        (folder / "ssh").chmod(0o755)
        environ["PATH"] = f"{folder}:{environ['PATH']}"
        return notes

    async def test_a_key(self, environ: dict[str, str], repository: Repository, notes: Path) -> None:
        for url, user in (
            (f"ssh://host.example{repository.folder}", ["-l", "git"]),
            (f"ssh://deploy@host.example:22{repository.folder}", []),
            (f"host.example:{repository.folder}", ["-l", "git"]),
            (f"me@host.example:{repository.folder}", []),
        ):
            key = {"name": "s", "key": "ssh"}
            assert await read(environ, url, {"ssh": "-----KEY-----"}, sshKeySecret=key) == "kind: Job\n"
            seen = json.loads(notes.read_text())
            assert seen["key"] == "-----KEY-----\n"
            assert stat.S_IMODE(seen["mode"]) == 0o600
            assert "IdentitiesOnly=yes" in seen["arguments"]
            assert "BatchMode=yes" in seen["arguments"]
            assert "StrictHostKeyChecking=no" not in seen["arguments"]
            at = seen["arguments"].index("-l") if user else None
            assert (seen["arguments"][at : at + 2] if at is not None else []) == user
            assert ("-l" in seen["arguments"]) is bool(user)

    async def test_host_keys(self, environ: dict[str, str], repository: Repository, notes: Path) -> None:
        url = f"ssh://git@host.example{repository.folder}"
        environ["GIT_SSH_COMMAND"] = "ssh -v"
        await read(environ, url)
        assert '"-v"' in notes.read_text()
        await read(environ, url, insecureIgnoreHostKey=True)
        assert "StrictHostKeyChecking=no" in notes.read_text()
        assert '"-v"' not in notes.read_text()

    async def test_that_is_refused(self, environ: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / "ssh").write_text("#!/bin/sh\necho 'git@host: Permission denied (publickey).' >&2\nexit 255\n")
        (tmp_path / "ssh").chmod(0o755)
        environ["PATH"] = f"{tmp_path}:{environ['PATH']}"
        with pytest.raises(Permanent, match="Permission denied") as failure:
            await read(environ, "git@host.example:app")
        assert "sshKeySecret" in failure.value.fix
