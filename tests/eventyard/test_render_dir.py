from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bus.base import TriggerName
from bus.event import Event
from bus.memory import MemoryBus
from config.errors import ConfigErrors, Temporary
from config.secrets import SecretStore
from eventsources.http.server import HttpListeners
from eventyard.metrics import Metrics
from eventyard.render_dir import RenderDir
from eventyard.runtime import Runtime
from eventyard.trial import run_trial
from sensors.decision import Decision
from tests.eventyard.test_results import plan_of
from triggers.base import Document

NAME = TriggerName("team/release", "make/a job")


async def test_a_firing_is_a_file_and_a_repetition_is_the_same(tmp_path: Path) -> None:
    folder = RenderDir(tmp_path / "out")
    documents = [
        Document("create", {"kind": "Job", "metadata": {"name": "b"}, "n": 1}),
        Document("patch", {"kind": "Ü", "spec": {"paused": True}}),
    ]
    for _ in range(2):
        outcome = await folder.write(NAME, "k1", documents)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "team.release.make-a-job.k1.yaml"
    assert outcome.answer == f"written to {file}"
    text = file.read_text()
    assert text.startswith("# sensor team/release, trigger make/a job\n# idempotency key k1\n--- # create\nkind: Job\n")
    assert "--- # patch\nkind: Ü\n" in text
    assert list(yaml.safe_load_all(text)) == [document.body for document in documents]


async def test_a_folder_that_cannot_be_made_may_pass(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Temporary) as failure:
        await RenderDir(tmp_path / "file").write(NAME, "k1", [])
    assert "file" in failure.value.where


def make_runtime(bus: MemoryBus, **options: Any) -> Runtime:
    return Runtime(bus, HttpListeners(), Metrics("0"), secrets=SecretStore(), **options)


async def test_what_needs_a_cluster_says_so_at_the_start(tmp_path: Path) -> None:
    async with MemoryBus() as bus, make_runtime(bus) as runtime:
        with pytest.raises(ConfigErrors) as refused:
            await runtime.apply(plan_of(tmp_path))
        (fault,) = refused.value.faults
        assert fault.what == "trigger 'job' needs an oven"
        assert fault.path == "spec.triggers[0].template.oven"
        assert fault.place.line == 14
        assert "--render-dir" in fault.fix


async def test_without_a_cluster_it_writes_files(tmp_path: Path) -> None:
    out, decisions = tmp_path / "out", asyncio.Queue[Decision]()
    async with MemoryBus() as bus:
        told = {"decided": lambda delivery, decision: decisions.put_nowait(decision)}
        async with make_runtime(bus, render_dir=RenderDir(out), **told) as runtime:
            await runtime.apply(plan_of(tmp_path))
            await bus.publish([Event.new(source="clock", subject="tick", type="calendar", data=b"{}")])
            assert [trigger.verdict for trigger in (await decisions.get()).triggers] == ["fired"]
        assert not await bus.recollect("await/")
    (file,) = out.iterdir()
    (cake,) = yaml.safe_load_all(file.read_text())
    assert file.name == f"default.starter.job.{cake['metadata']['name']}.yaml"


def test_a_trial_shows_what_would_be_done(tmp_path: Path) -> None:
    event = Event.new(source="clock", subject="tick", type="calendar", data=b"{}")
    (tried,) = run_trial(plan_of(tmp_path).sensors["default/starter"], [event])
    (request,) = tried.requests
    assert request.documents == [{"verb": "create", "object": {"kind": "Cake", "metadata": {"name": request.key}}}]
