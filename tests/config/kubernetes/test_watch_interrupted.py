"""What may befall a watch, from a server that does as it is told; `test_watch` is against a real one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from config.errors import EventyardError
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import NotFound, Unavailable
from config.kubernetes.resource import Object, Resource
from config.kubernetes.watch import Batch, Known, Watch
from tests.config.kubernetes.fake_api import Answer, FakeApi, GivenAccess, fake_api, status
from tests.config.kubernetes.test_watch import take, told, until_complete

JOBS = Resource(group="batch", version="v1", kind="Job", plural="jobs", namespaced=True)


def job(name: str, version: int) -> Object:
    return {"metadata": {"name": name, "namespace": "n", "uid": f"uid-{name}", "resourceVersion": str(version)}}


def listing(version: int, *objects: Object, after: str = "") -> Answer:
    metadata = {"resourceVersion": str(version), **({"continue": after} if after else {})}
    return Answer(body={"metadata": metadata, "items": list(objects)})


def line(kind: str, object: Object) -> bytes:
    return json.dumps({"type": kind, "object": object}).encode() + b"\n"


def bookmark(version: int) -> bytes:
    return line("BOOKMARK", {"metadata": {"resourceVersion": str(version)}})


class Slept:
    """In place of sleeping: how long it would have been, and the time that has passed so."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.now = 0.0

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def scripted(
    api: FakeApi, known: Known | None = None, slept: Slept | None = None, **more: Any
) -> tuple[Cluster, Watch]:
    cluster, slept = Cluster(GivenAccess(api.url)), slept or Slept()
    watch = Watch(
        cluster, JOBS, namespace="n", known=known, sleep=slept, chance=lambda: 1.0, clock=lambda: slept.now, **more
    )
    return cluster, watch


async def batches(watch: Watch, count: int) -> list[Batch]:
    """The next ones."""
    return [await anext(aiter(watch)) for _ in range(count)]


async def test_what_is_asked_for() -> None:
    answers = (
        listing(5),
        Answer(chunks=[line("ADDED", job("a", 6))]),
        Answer(chunks=[bookmark(9)]),
        Answer(status=500),
    )
    async with fake_api(*answers) as api:
        cluster, watch = scripted(api, patience=0.5)
        async with cluster, watch:
            assert [told(batch.changes) for batch in await batches(watch, 2)] == [[], [("ADDED", "a")]]
            with pytest.raises(Unavailable):
                await anext(aiter(watch))
        paths = [path for _, path, _ in api.asked]
        base = "/apis/batch/v1/namespaces/n/jobs"
        assert paths[0] == f"{base}?limit=500"
        # Each watch goes on where events or bookmarks ended.
        assert paths[1:4] == [
            f"{base}?watch=true&allowWatchBookmarks=true&resourceVersion={version}&timeoutSeconds=300"
            for version in (5, 6, 9)
        ]


async def test_a_list_of_several_parts_is_dealt_with_part_by_part() -> None:
    first, second = listing(7, job("a", 1), job("b", 2), after="x"), listing(7, job("c", 3))
    known = Known(scope="", version="3")
    async with fake_api(first, second, Answer(chunks=[], cut=True)) as api:
        cluster, watch = scripted(api, known)
        known.entries["n/old"] = known.entries["n/a"] = known.compare([job("old", 1)]).entries["n/old"]  # type: ignore[assignment]
        async with cluster, watch:
            one, two = await batches(watch, 2)
        assert (one.complete, one.listed, told(one.changes)) == (
            False,
            True,
            [("DELETED", "a"), ("ADDED", "a"), ("ADDED", "b")],
        )
        assert (two.complete, two.listed, told(two.changes)) == (True, True, [("ADDED", "c"), ("DELETED", "old")])
        # The last part was not dealt with: nobody asked for more.
        assert known.entries.keys() == {"n/a", "n/b", "n/old"}
        assert known.version == ""


async def test_an_event_that_is_cut_off_comes_again() -> None:
    whole = line("ADDED", job("a", 6))
    answers = (
        listing(5),
        Answer(chunks=[whole[:30]], cut=True),
        listing(5),
        Answer(chunks=[whole[:20], whole[20:], line("MODIFIED", job("a", 7))[:9]], cut=True),
        listing(7),
        Answer(chunks=[line("MODIFIED", job("a", 7))]),
    )
    async with fake_api(*answers) as api:
        cluster, watch = scripted(api)
        async with cluster, watch:
            assert told(await take(watch, 2)) == [("ADDED", "a"), ("MODIFIED", "a")]


@pytest.mark.parametrize("how", ["event", "status"])
async def test_expired(how: str) -> None:
    gone = status(410, "Expired", "too old resource version")
    expired = Answer(chunks=[line("ERROR", gone)]) if how == "event" else Answer(body=gone, status=410)
    answers = (listing(5, job("a", 1)), expired, listing(9, job("a", 8), job("b", 7)), Answer(chunks=[bookmark(9)]))
    async with fake_api(*answers) as api:
        cluster, watch = scripted(api)
        async with cluster, watch:
            one, two = await batches(watch, 2)
            assert told(one.changes) == [("ADDED", "a")]
            assert (two.listed, told(two.changes)) == (True, [("MODIFIED", "a"), ("ADDED", "b")])


async def test_a_server_that_was_restored_from_a_backup() -> None:
    # Its versions are behind ours, and a watch from ours would be silent.
    known = Known(version="100")
    answers = (listing(40), listing(40, job("b", 30)), Answer(chunks=[bookmark(41)]))
    async with fake_api(*answers) as api:
        cluster, watch = scripted(api, known)
        known.scope, known.version = watch.known.scope, "100"
        known.commit(known.compare([job("a", 90)]))
        async with cluster, watch:
            assert told(await until_complete(watch)) == [("ADDED", "b"), ("DELETED", "a")]


async def test_waits_grow_and_a_server_may_ask_for_more() -> None:
    busy = Answer(
        body=status(429, "TooManyRequests", "storage is (re)initializing"), status=429, headers={"Retry-After": "1"}
    )
    broken = Answer(body=status(500), status=500)
    slept = Slept()
    async with fake_api(broken, broken, broken, busy, broken, listing(5)) as api:
        cluster, watch = scripted(api, slept=slept, patience=60.0)
        async with cluster, watch:
            assert await until_complete(watch) == []
    assert slept.waits == [0.2, 0.4, 0.8, 1.6, 2.0]
    slept = Slept()
    async with fake_api(busy, listing(5)) as api:
        cluster, watch = scripted(api, slept=slept)
        async with cluster, watch:
            await until_complete(watch)
    assert slept.waits == [1.0]


async def test_patience_is_counted_from_the_last_success() -> None:
    broken = Answer(body=status(500), status=500)
    slept = Slept()
    async with fake_api(broken, broken, listing(5), broken) as api:
        cluster, watch = scripted(api, slept=slept, patience=1.0)
        async with cluster, watch:
            await until_complete(watch)
            succeeded = slept.now
            with pytest.raises(Unavailable):
                await anext(aiter(watch))
    assert succeeded < 1.0 < slept.now - succeeded


async def test_what_a_starting_server_does_not_know_may_pass() -> None:
    answers = (
        listing(5),
        Answer(body="404 page not found", status=404),
        Answer(body=status(403, "Forbidden"), status=403),
        listing(5),
        Answer(chunks=[line("ADDED", job("a", 6))]),
    )
    async with fake_api(*answers) as api:
        cluster, watch = scripted(api)
        async with cluster, watch:
            assert told(await take(watch, 1)) == [("ADDED", "a")]


async def test_a_resource_that_is_not_there_is_told_at_once() -> None:
    async with fake_api(Answer(body="404 page not found", status=404)) as api:
        cluster, watch = scripted(api)
        async with cluster, watch:
            with pytest.raises(NotFound):
                await anext(aiter(watch))


@pytest.mark.parametrize("text", [b"<html>\n", b"[]\n", b'{"type":"ADDED"}\n', b'{"type":"ERROR","object":{}}\n'])
async def test_what_is_no_event(text: bytes) -> None:
    async with fake_api(listing(5), Answer(chunks=[line("ADDED", job("a", 6)), text]), Answer(status=500)) as api:
        cluster, watch = scripted(api, patience=0.0)
        async with cluster, watch:
            assert told(await take(watch, 1)) == [("ADDED", "a")]
            with pytest.raises(EventyardError):
                await anext(aiter(watch))
            assert watch.known.version == "6"


async def test_a_server_that_ends_each_watch_is_not_asked_without_pause() -> None:
    slept = Slept()
    empty = Answer(chunks=[bookmark(5)])
    async with fake_api(listing(5), empty, empty, empty, Answer(chunks=[line("ADDED", job("a", 6))])) as api:
        cluster, watch = scripted(api, slept=slept)
        async with cluster, watch:
            await take(watch, 1)
    assert slept.waits == [1.0, 1.0, 1.0]
