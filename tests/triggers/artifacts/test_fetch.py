"""triggers/artifacts/fetch.py: what holds for sources of all kinds; and files and ConfigMaps, which are small."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.errors import EventyardError, Permanent, Temporary
from tests.fakes.sink import HANG, Sink
from tests.fakes.values import FakeSecrets
from triggers.artifacts import Artifact, Artifacts
from triggers.artifacts.document import LIMIT


@pytest.fixture
async def artifacts() -> AsyncIterator[Artifacts]:
    async with Artifacts(FakeSecrets(job="kind: Job", bad="[")) as found:
        yield found


def artifact(**fields: Any) -> Artifact:
    """The artifact of a manifest."""
    return Artifact.model_validate(fields)


class TestFile:
    async def test_is_read_anew(self, artifacts: Artifacts, tmp_path: Path) -> None:
        path = tmp_path / "job.yaml"
        for kind in ("Job", "Pod"):
            path.write_text(f"kind: {kind}")
            assert await artifacts.resource(artifact(file={"path": str(path)})) == {"kind": kind}

    async def test_what_cannot_be_read(self, artifacts: Artifacts, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "large").write_bytes(b" " * (LIMIT + 1))
        (tmp_path / "list").write_text("[]")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        for path in ("absent", "pipe", "large", "list", "list/inside", "", "a\0b", "../" + "x" * 300):
            with pytest.raises((Permanent, Temporary)) as failure:
                await artifacts.resource(artifact(file={"path": f"{tmp_path}/{path}"}))
            assert failure.value.where.startswith(f"file {tmp_path}/")
            assert str(failure.value).isprintable()

    async def test_the_fault_of_a_disk_may_pass(self, artifacts: Artifacts, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        with pytest.raises(Temporary):
            await artifacts.fetch(artifact(file={"path": str(tmp_path / "loop")}))

    async def test_no_name(self, artifacts: Artifacts) -> None:
        with pytest.raises(Permanent, match="no file is named"):
            await artifacts.fetch(artifact(file={}))


class TestConfigMap:
    async def test_is_found(self, artifacts: Artifacts) -> None:
        assert await artifacts.resource(artifact(configmap={"name": "c", "key": "job"})) == {"kind": "Job"}

    async def test_that_is_missing_may_come(self, artifacts: Artifacts) -> None:
        with pytest.raises(Temporary) as failure:
            await artifacts.resource(artifact(configmap={"name": "c", "key": "absent"}))
        assert failure.value.where == "configmap c key absent"

    async def test_that_is_no_object(self, artifacts: Artifacts) -> None:
        with pytest.raises(Permanent, match=r"^configmap c key bad: line "):
            await artifacts.resource(artifact(configmap={"name": "c", "key": "bad"}))


class TestAll:
    async def test_what_is_part_of_the_manifest(self, artifacts: Artifacts) -> None:
        assert await artifacts.resource(artifact(resource={"kind": "Job"})) == {"kind": "Job"}
        assert await artifacts.resource(artifact(inline="kind: Job")) == {"kind": "Job"}
        for part in (artifact(resource={}), artifact(inline="x")):
            with pytest.raises(Permanent, match="part of the manifest"):
                await artifacts.fetch(part)

    async def test_nothing(self, artifacts: Artifacts) -> None:
        for nothing in (None, Artifact()):
            with pytest.raises(Permanent):
                await artifacts.resource(nothing)

    async def test_what_does_not_come(self, artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("triggers.artifacts.fetch.TIMEOUT", 0.05)
        async with Sink(usual=HANG) as sink:
            with pytest.raises(Temporary, match=r"within 0\.05 s"):
                await artifacts.fetch(artifact(url={"path": sink.url}))

    async def test_many_at_once(self, artifacts: Artifacts, tmp_path: Path) -> None:
        (tmp_path / "job").write_text("kind: Job")
        file = artifact(file={"path": str(tmp_path / "job")})
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(artifacts.resource(file)) for _ in range(20)]
        assert all(task.result() == {"kind": "Job"} for task in tasks)

    async def test_a_library_that_is_missing(self, artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "triggers.artifacts.s3", None)
        with pytest.raises(Permanent) as failure:
            await artifacts.fetch(artifact(s3={"bucket": {"name": "b", "key": "k"}}))
        assert failure.value.fix == "pip install 'eventyard[s3]'"

    def test_an_error_keeps_its_kind(self) -> None:
        assert not issubclass(Permanent, Temporary)
        assert issubclass(Temporary, EventyardError)


def test_libraries_are_loaded_by_who_needs_them() -> None:
    script = "import sys, triggers.artifacts; print({'botocore', 'jwt'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == b"set()\n"
