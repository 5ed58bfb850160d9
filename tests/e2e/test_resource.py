"""A real `eventyard run` beside a real API server: objects come, change and go while either is killed, and all of it is told."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.instance import Instance, Sink, instance
from tests.e2e.manifests import API, post, sensor, write
from tests.servers.kube import Kube, Refused
from tests.triggers.kube_stage import ask, path_of

EXAMPLES = Path(__file__).parents[2] / "examples" / "resource"
ROUNDS = int(os.environ.get("EVENTYARD_BROKER_ROUNDS", "4"))
WORKERS = 4

APPS = "apps/v1"


@pytest.fixture
def server() -> Iterator[Kube]:
    if missing := Kube.missing():
        pytest.skip(missing)
    with Kube() as server:
        yield server


def told_by_id(folder: Path, namespace: str, sink: Sink, **fields: Any) -> None:
    """Manifests that post the id of each event about a ConfigMap to the sink."""
    block = {
        "namespace": namespace,
        "version": "v1",
        "resource": "configmaps",
        "eventTypes": ["ADD", "UPDATE", "DELETE"],
        **fields,
    }
    source = {
        "apiVersion": API,
        "kind": "EventSource",
        "metadata": {"name": "hooks"},
        "spec": {"resource": {"in": block}},
    }
    payload = [{"src": {"dependencyName": "event", "contextKey": "id"}, "dest": "id"}]
    quickly: dict[str, Any] = {"retryStrategy": {"duration": "200ms", "steps": 100}}
    write(folder, "all", source, sensor("forward", post(sink.url, http={"payload": payload}, **quickly)))


class Flood:
    """Creates, changes and deletes ConfigMaps, and knows what has to be told of them.

    What comes and goes while nobody listens and the server forgets cannot be told. So after `keep_new` only those are deleted
    that were there then.
    """

    def __init__(self, server: Kube, namespace: str, chance: random.Random) -> None:
        self.created: set[str] = set()
        self._server, self._path, self._chance = server, path_of(namespace, "configmaps"), chance
        self._free: dict[str, str] = {}
        self._deletable: set[str] | None = None
        self._numbers = itertools.count()
        self._flows = False

    def keep_new(self, keep: bool) -> None:
        """Delete none that are created from now on, or any."""
        self._deletable = set(self._free) if keep else None

    async def flow(self, seconds: float) -> None:
        """For some time."""
        self._flows = True
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())
            await asyncio.sleep(seconds)
            self._flows = False

    async def _work(self) -> None:
        while self._flows:
            kind = self._chance.choices(("create", "change", "delete"), (3, 4, 2))[0]
            names = [
                name for name in self._free if kind != "delete" or self._deletable is None or name in self._deletable
            ]
            if kind == "create" or not names:
                await self._create(f"cm-{next(self._numbers)}")
                continue
            name = self._chance.choice(names)
            uid = self._free.pop(name)
            if kind == "delete":
                await self._ask("DELETE", f"{self._path}/{name}")
            elif await self._ask("PUT", f"{self._path}/{name}", named(name, x=str(self._chance.random()))) is not None:
                self._free[name] = uid

    async def _create(self, name: str) -> None:
        made = await self._ask("POST", self._path, named(name))
        if made is not None:
            self._free[name] = uid = made["metadata"]["uid"]
            self.created.add(uid)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            return await ask(self._server, method, path, body)
        except (OSError, Refused):
            # Nobody knows whether that was done; the object is left alone from now on.
            await asyncio.sleep(0.02)
            return None

    async def there(self) -> dict[str, str]:
        """The resourceVersion of each object that is there at last, by uid."""
        items = (await ask(self._server, "GET", self._path))["items"]
        return {each["metadata"]["uid"]: each["metadata"]["resourceVersion"] for each in items}


def named(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    return {"metadata": {"name": name}, "data": data}


async def restart(server: Kube) -> None:
    """Kill it, and with it what it remembers."""
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


async def until_told(flood: Flood, sink: Sink) -> None:
    """Wait until the last state of each object is told, and that each is gone which is."""
    there = await flood.there()
    gone = flood.created - there.keys()
    await sink.until(
        lambda: (
            all({f"{uid}.{version}.ADD", f"{uid}.{version}.UPDATE"} & sink.ids.keys() for uid, version in there.items())
            and all(f"{uid}.DELETE" in sink.ids for uid in gone)
        )
    )


@pytest.mark.timeout(1800)
async def test_kill_at_random_moments_loses_nothing_and_repeats_nothing(
    tmp_path: Path, server: Kube, capsys: pytest.CaptureFixture[str]
) -> None:
    """This program is killed, the server is, and both are."""
    chance, namespace = random.Random(20260105), await asyncio.to_thread(server.namespace)
    flood, doubtful = Flood(server, namespace, chance), set[str]()
    async with Sink() as sink:
        told_by_id(tmp_path, namespace, sink)
        running = Instance(tmp_path, environ={"KUBECONFIG": str(server.kubeconfig)})
        try:
            await running.start()
            for _, kind in zip(range(ROUNDS), itertools.cycle(("process", "server", "process", "both")), strict=False):
                before = set(flood.created)
                flood.keep_new(kind != "process")
                flowing = asyncio.ensure_future(flood.flow(chance.uniform(0.5, 2.0)))
                await asyncio.sleep(chance.uniform(0.0, 1.0))
                if kind != "server":
                    await running.kill()
                if kind != "process":
                    await restart(server)
                await flowing
                await flood.flow(0.3)
                if kind != "server":
                    await running.start()
                if kind == "both":
                    doubtful |= flood.created - before
                await flood.flow(0.3)
                await until_told(flood, sink)
                # Until it is noted.
                await asyncio.sleep(1.2)
            await running.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            there = await flood.there()
            assert await running.stop() == 0
        finally:
            await running.gone()
    changes = [id.split(".") for id in sink.ids]
    added = Counter(uid for uid, *_, type in changes if type == "ADD")
    states = Counter((uid, rest[0]) for uid, *rest in changes if len(rest) == 2)
    # Killed within the second in which it had not been noted what was told, and the server has forgotten, too: an object
    # that was changed since then looks as if it were new.
    twice = {uid for uid, count in added.items() if count > 1} | {
        uid for (uid, _), count in states.items() if count > 1
    }
    with capsys.disabled():
        print(
            f"\n{ROUNDS} kills: {len(flood.created)} created, {len(flood.created - there.keys())} deleted, "
            f"{len(sink.ids)} events, {len(twice)} added twice, {sink.ids.total() - len(sink.ids)} firings repeated"
        )
    assert flood.created | there.keys() <= added.keys()
    assert twice <= doubtful
    assert all(len(keys) == 1 for keys in sink.keys.values())
    assert "Traceback" not in running.said


def examples(folder: Path, namespace: str) -> None:
    """All of them, in a namespace of their own."""
    for path in sorted(EXAMPLES.glob("*.yaml")):
        text = path.read_text().replace("namespace: default", f"namespace: {namespace}")
        write(folder, path.stem, *yaml.safe_load_all(text))


def deployment(image: str, replicas: int = 1) -> dict[str, Any]:
    """As small as one may be."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {"apiVersion": APPS, "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


async def test_the_examples(kube: Kube, tmp_path: Path) -> None:
    namespace = await asyncio.to_thread(kube.namespace)
    examples(tmp_path, namespace)
    deployments, maps = path_of(namespace, "deployments", group=APPS), path_of(namespace, "configmaps")

    async def config_map(method: str, name: str, app: str = "", **data: str) -> None:
        body = {"metadata": {"name": name, "labels": {"app": app}}, "data": data}
        await ask(kube, method, maps if method == "POST" else f"{maps}/{name}", body if method != "DELETE" else None)

    await config_map("POST", "old", "shop", a="1")
    await ask(kube, "POST", deployments, deployment("web:1"))
    running = Instance(tmp_path, environ={"KUBECONFIG": str(kube.kubeconfig)})
    try:
        await running.start()
        await running.until_said("UPDATE of deployments.apps in namespace")
        await ask(kube, "PUT", f"{deployments}/web", deployment("web:1", 2))
        await ask(kube, "PUT", f"{deployments}/web", deployment("web:2", 2))
        await running.until_said('"images":["web:2"]')
        await config_map("POST", "other", "bank")
        await config_map("POST", "new", "mail", b="1")
        await config_map("PUT", "old", "shop", a="2")
        await running.until_said('"what":"UPDATE"')
        assert await running.stop() == 0
        # While it is down.
        await config_map("DELETE", "old")
        await config_map("PUT", "new", "bank", b="1")
        await ask(kube, "PUT", f"{deployments}/web", deployment("web:3", 2))
        await running.start()
        await running.until_said('"images":["web:3"]')
        await running.until_said('"what":"DELETE"', 2)
        await running.until(
            lambda status: not status["unfinished"] and not any(each["lag"] for each in status["sensors"])
        )
        listed = await running.api("events")
        assert await running.stop() == 0
    finally:
        await running.gone()
    assert Counter(each["subject"] for each in listed) == {"shop": 4, "images": 2}
    said = running.said
    assert '"images":["web:1"]' not in said
    for change in ('"what":"ADD","name":"new"', '"what":"UPDATE","name":"old"', '"what":"DELETE","name":"old"'):
        assert change in said, said
    assert '"name":"other"' not in said
    assert "Traceback" not in said


@pytest.mark.timeout(240)
async def test_a_server_that_is_away(tmp_path: Path, server: Kube) -> None:
    """It starts without it, says what is missing, and goes on when it is back."""
    namespace = await asyncio.to_thread(server.namespace)
    await asyncio.to_thread(server.kill)
    async with Sink() as sink:
        told_by_id(tmp_path, namespace, sink, filter={"afterStart": True})
        running = Instance(tmp_path, environ={"KUBECONFIG": str(server.kubeconfig)})
        try:
            await running.spawn()
            await running.until_ready(503)
            said = await running.until_said("no answer to the attempt to discover")
            assert str(server.kubeconfig) in said
            await asyncio.to_thread(server.start)
            await running.until_ready()
            await ask(server, "POST", path_of(namespace, "configmaps"), {"metadata": {"name": "a"}})
            await sink.until(lambda: len(sink.ids) == 1)
            await asyncio.to_thread(server.kill)
            await running.until_ready(503)
            await asyncio.to_thread(server.start)
            await ask(server, "DELETE", path_of(namespace, "configmaps", "a"))
            await running.until_ready()
            await sink.until(lambda: len(sink.ids) == 2)
            assert await running.stop() == 0
        finally:
            await running.gone()
    assert "Traceback" not in running.said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"resource": "configmap"}, "has no resource 'configmap' in v1"),
        ({}, "verbs: [list]"),
    ],
)
async def test_it_says_what_is_missing(kube: Kube, tmp_path: Path, fields: dict[str, str], said: str) -> None:
    """At the server: a resource, a right."""
    text = kube.kubeconfig.read_text().replace("current-context: admin", "current-context: eventyard")
    (tmp_path / "kubeconfig").write_text(text if not fields else kube.kubeconfig.read_text())
    async with Sink() as sink:
        told_by_id(tmp_path, "default", sink, **fields)
        running = Instance(tmp_path, environ={"KUBECONFIG": str(tmp_path / "kubeconfig")})
        try:
            await running.spawn()
            await running.until_ready(503)
            await running.until_said(said)
            assert await running.stop() == 0
        finally:
            await running.gone()


async def test_without_a_cluster(tmp_path: Path) -> None:
    """That is to be mended here: it does not start."""
    async with Sink() as sink:
        told_by_id(tmp_path, "default", sink)
    running = Instance(tmp_path, environ={"KUBECONFIG": "", "HOME": str(tmp_path)})
    await running.spawn()
    assert await running.ended() != 0
    assert "no Kubernetes cluster is configured" in running.said
    assert "Traceback" not in running.said


def told_so_often(sink: Sink, count: int) -> bool:
    """Whether it has got so much, repetitions included."""
    return sink.ids.total() == count


async def test_what_is_noted_is_forgotten_with_the_data(kube: Kube, tmp_path: Path) -> None:
    """Another folder is another first start."""
    namespace = await asyncio.to_thread(kube.namespace)
    await ask(kube, "POST", path_of(namespace, "configmaps"), {"metadata": {"name": "a"}})
    async with Sink() as sink:
        told_by_id(tmp_path, namespace, sink)
        for folder, count in (("one", 1), ("one", 1), ("two", 2)):
            environ = {"KUBECONFIG": str(kube.kubeconfig)}
            async with instance(tmp_path, data=tmp_path / folder, environ=environ) as running:
                await sink.until(partial(told_so_often, sink, count))
                await running.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
                assert await running.stop() == 0
    assert len(sink.ids) == 1
