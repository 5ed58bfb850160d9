"""eventsources/resource/adapter.py over restarts, its own and the server's: nothing is missed and nothing is told twice."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from config.errors import BusClosed, BusFull, Temporary
from tests.contract.eventsource import running
from tests.eventsources.resource_stage import Arrivals, Stage, staged, version_of
from tests.servers.kube import Kube


@pytest.fixture
async def scene(kube: Kube) -> Stage:
    return await staged(kube)


class TestRestart:
    async def test_what_happened_meanwhile_is_told_once(self, scene: Stage) -> None:
        emit = Arrivals()
        for name in ("same", "changed", "gone"):
            await scene.create(name)
        async with scene.running(emit):
            await emit.until(3)
        await scene.create("new")
        await scene.change("changed", x="1")
        changed = await scene.change("changed", x="2")
        await scene.delete("gone")
        await scene.create("brief")
        await scene.delete("brief")
        async with scene.running(emit):
            await emit.until(9)
            # What it was before is known of an object that was as it had been.
            same = await scene.change("same", x="1")
            await emit.until(10)
        assert emit.told()[3:] == [
            ("ADD", "new"),
            ("UPDATE", "changed"),
            ("UPDATE", "changed"),
            ("DELETE", "gone"),
            ("ADD", "brief"),
            ("DELETE", "brief"),
            ("UPDATE", "same"),
        ]
        _, first, last, gone, *_, known = (event.json() for event in emit.events[3:])
        assert (first["oldBody"], first["body"]["data"]) == (None, {"x": "1"})
        assert (last["oldBody"], last["body"]) == (first["body"], changed)
        assert gone["body"]["kind"] == "ConfigMap"
        assert (known["oldBody"]["metadata"]["name"], known["body"]) == ("same", same)
        assert "data" not in known["oldBody"]
        assert not emit.repeated

    async def test_a_crash_before_it_was_noted(self, scene: Stage) -> None:
        """What is told again has the same id again, whatever it is."""
        emit = Arrivals()
        async with scene.running(emit):
            made = await scene.create("a")
            await emit.until(1)
            assert await scene.notes.until("a", version_of(made))
            before = scene.notes.value
            await scene.change("a", x="1")
            await scene.create("b")
            await scene.delete("a")
            await emit.until(4)
        scene.notes.value = before
        async with scene.running(emit):
            await scene.create("c")
            await emit.until(5)
        assert [event.id for event in emit.repeated] == [event.id for event in emit.events[1:4]]

    async def test_nothing_is_lost_that_the_bus_did_not_take(self, scene: Stage) -> None:
        emit = Arrivals()
        emit.fail = BusFull("full", retry_after=1)
        async with scene.running(emit):
            await scene.create("a")
            await emit.changed.wait()
        async with scene.running(emit):
            await emit.changed.wait()
            emit.fail = None
            await emit.until(1)
        assert emit.told() == [("ADD", "a")]

    async def test_after_the_start_means_after_the_first(self, scene: Stage) -> None:
        await scene.create("old")
        emit = Arrivals()
        async with scene.running(emit, filter={"afterStart": True}):
            assert await scene.notes.until("old", version_of(await scene.change("old", x="1")))
        await scene.create("new")
        await scene.delete("old")
        async with scene.running(emit, filter={"afterStart": True}):
            await emit.until(3)
        assert emit.told() == [("UPDATE", "old"), ("ADD", "new"), ("DELETE", "old")]

    async def test_notes_of_something_else_say_nothing(self, scene: Stage) -> None:
        await scene.create("a", labels={"app": "web"})
        for value, number in ((b"nonsense", 1), (zlib.compress(b"[]"), 1)):
            emit, scene.notes.value = Arrivals(), value
            async with scene.running(emit):
                await emit.until(number)
        emit = Arrivals()
        async with scene.running(emit, filter={"labels": [{"key": "app", "value": "web"}]}):
            assert (await emit.until(1))[0].json()["type"] == "ADD"

    async def test_notes_that_cannot_be_written(self, scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
        emit = Arrivals()
        scene.notes.fail = BusClosed("closed")
        async with scene.running(emit):
            await scene.create("a")
            await emit.until(1)
            scene.notes.fail = None
            made = await scene.create("b")
            assert await scene.notes.until("b", version_of(made))
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        assert "is told again after a crash: closed" in caplog.text

    async def test_a_place_that_was_empty(self, scene: Stage) -> None:
        """An empty list is known as well; what comes to it is told after a restart, and it was ready before."""
        emit = Arrivals()
        async with scene.running(emit, filter={"afterStart": True}), scene.notes.changed:
            await scene.notes.changed.wait_for(lambda: scene.notes.value is not None)
        await scene.create("a")
        async with scene.source(filter={"afterStart": True}) as source:
            await scene.create("b")
            await scene.delete("b")
            async with running(source, emit):
                await emit.until(3)
        assert emit.told() == [("ADD", "a"), ("ADD", "b"), ("DELETE", "b")]

    async def test_nothing_is_noted_where_nothing_happens(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.running(emit):
            made = await scene.create("a")
            assert await scene.notes.until("a", version_of(made))
            written = scene.notes.written
            await asyncio.sleep(0.2)
            # A bookmark may come.
            assert scene.notes.written <= written + 1


class TestServerThatSuffers:
    """Nothing is missed and nothing is told twice, whatever becomes of the server."""

    @pytest.fixture
    async def own(self) -> AsyncIterator[Stage]:
        if missing := Kube.missing():
            pytest.skip(missing)
        with Kube() as kube:
            yield await staged(kube)

    @pytest.mark.timeout(240)
    async def test_it_dies(self, own: Stage) -> None:
        emit = Arrivals()
        names = [f"cm-{number}" for number in range(8)]
        for name in names:
            await own.create(name)
        fields = {"filter": {"fields": [{"key": "metadata.name", "operation": "!=", "value": "x"}]}}
        async with own.running(emit, patience=60.0, **fields):
            await emit.until(8)
            # While the source watches.
            await asyncio.to_thread(own.kube.kill)
            await asyncio.to_thread(own.kube.start)
            await own.change("cm-0", x="1")
            await own.delete("cm-1")
            await own.create("new-0")
            await emit.until(11)
            gone = [await asyncio.to_thread(own.kube.call, "GET", own.path(name)) for name in ("cm-2", "cm-3")]
        # While it does not: the history is lost as well.
        await own.change("cm-2", x="1")
        for name in ("cm-2", "cm-3"):
            await own.delete(name)
        await own.change("cm-4", x="1")
        last = await own.change("cm-4", x="2")
        await own.create("new-1")
        await asyncio.to_thread(own.kube.kill)
        await asyncio.to_thread(own.kube.start)
        async with own.running(emit, patience=60.0, **fields):
            await emit.until(15)
            await own.create("end")
            await emit.until(16)
        assert sorted(emit.told()[8:11]) == [("ADD", "new-0"), ("DELETE", "cm-1"), ("UPDATE", "cm-0")]
        assert sorted(emit.told()[11:15]) == [
            ("ADD", "new-1"),
            ("DELETE", "cm-2"),
            ("DELETE", "cm-3"),
            ("UPDATE", "cm-4"),
        ]
        assert not emit.repeated
        bodies = {body["metadata"]["name"]: body for event in emit.events[11:15] if (body := event.json()["body"])}
        assert bodies["cm-4"] == last
        for object in gone:
            metadata = object["metadata"]
            kept = {name: metadata[name] for name in ("name", "namespace", "uid", "resourceVersion")}
            assert bodies[metadata["name"]] == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": kept}

    @pytest.mark.timeout(240)
    async def test_a_deletion_found_out_is_filtered_as_the_object_was(self, own: Stage) -> None:
        emit = Arrivals()
        fields = {"filter": {"fields": [{"key": "data.x", "operation": "==", "value": "^1$"}]}}
        for name, x in (("yes", "1"), ("no", "2"), ("was", "1"), ("now", "2")):
            await own.create(name, x=x)
        async with own.running(emit, **fields):
            await emit.until(2)
            await own.change("was", x="2")
            assert await own.notes.until("now", version_of(await own.change("now", x="1")))
        for name in ("yes", "no", "was", "now"):
            await own.delete(name)
        await asyncio.to_thread(own.kube.kill)
        await asyncio.to_thread(own.kube.start)
        async with own.running(emit, patience=60.0, **fields):
            await own.create("end", x="1")
            await emit.until(6)
        assert sorted(emit.told()[:2]) == [("ADD", "was"), ("ADD", "yes")]
        assert emit.told()[2] == ("UPDATE", "now")
        assert sorted(emit.told()[3:]) == [("ADD", "end"), ("DELETE", "now"), ("DELETE", "yes")]

    @pytest.mark.timeout(240)
    async def test_a_crash_and_a_lost_history(self, own: Stage) -> None:
        """A deletion is told once, although the server tells of it in two ways."""
        emit = Arrivals()
        async with own.running(emit):
            made = await own.create("a")
            await emit.until(1)
            assert await own.notes.until("a", version_of(made))
            before = own.notes.value
            await own.delete("a")
            await emit.until(2)
        own.notes.value = before
        await asyncio.to_thread(own.kube.kill)
        await asyncio.to_thread(own.kube.start)
        async with own.running(emit, patience=60.0):
            await own.create("end")
            await emit.until(3)
        assert emit.told() == [("ADD", "a"), ("DELETE", "a"), ("ADD", "end")]
        assert [event.id for event in emit.repeated] == [emit.events[1].id]

    @pytest.mark.timeout(240)
    async def test_entered_is_ready_after_a_lost_history(self, own: Stage) -> None:
        """Also for what was to be told then, and in a place that was empty."""
        emit = Arrivals()
        fields: dict[str, Any] = {"filter": {"afterStart": True}}
        async with own.running(emit, **fields), own.notes.changed:
            await own.notes.changed.wait_for(lambda: own.notes.value is not None)
        await own.create("a")
        await asyncio.to_thread(own.kube.kill)
        await asyncio.to_thread(own.kube.start)
        async with own.source(**fields) as source:
            await own.delete("a")
            await own.create("b")
            await own.delete("b")
            async with running(source, emit):
                await emit.until(4)
        assert emit.told() == [("ADD", "a"), ("DELETE", "a"), ("ADD", "b"), ("DELETE", "b")]

    @pytest.mark.timeout(240)
    async def test_it_stays_away(self, own: Stage) -> None:
        emit = Arrivals()
        async with own.source(patience=1.0) as source:
            task = asyncio.ensure_future(source.run(emit))
            await own.create("a")
            await emit.until(1)
            await asyncio.to_thread(own.kube.kill)
            with pytest.raises(Temporary, match="no answer") as failure:
                await task
        assert str(own.kube.kubeconfig) in failure.value.where
        with pytest.raises(Temporary, match="no answer"):
            async with own.source():
                pass
        await asyncio.to_thread(own.kube.start)
        async with own.running(emit, patience=60.0):
            await own.create("b")
            await emit.until(2)
        assert emit.told() == [("ADD", "a"), ("ADD", "b")]
