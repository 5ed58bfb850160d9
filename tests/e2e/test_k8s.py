"""A real `eventyard run` and a real API server: the examples, results as events over a restart, and kill -9 under load."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.e2e.instance import START, Instance, Sink, free_port, instance
from tests.e2e.manifests import API, post, sensor, webhooks, write
from tests.fakes.kube_proxy import KubeProxy
from tests.servers.kube import Kube, Refused
from tests.triggers.kube_stage import ask, path_of, play

EXAMPLES = Path(__file__).parents[2] / "examples" / "k8s"
EVENTS = 1000 if "EVENTYARD_CRASH_ROUNDS" in os.environ else 150
BURST = 25
APPS, BATCH = "apps/v1", "batch/v1"


def documents(namespace: str, port: int) -> dict[str, list[dict[str, Any]]]:
    """The examples by name, in a namespace of their own and on a port that is free."""
    found = {}
    for path in sorted(EXAMPLES.glob("*.yaml")):
        text = path.read_text().replace("12000", str(port)).replace("namespace: default", f"namespace: {namespace}")
        found[path.stem] = list(yaml.safe_load_all(text))
        for document in found[path.stem]:
            document["metadata"]["namespace"] = namespace
    return found


class Examples:
    """All of them in one running instance, and what they act upon."""

    def __init__(self, kube: Kube, namespace: str, running: Instance, port: int) -> None:
        self.kube, self.namespace, self.running, self.port = kube, namespace, running, port

    async def send(self, path: str, **body: Any) -> None:
        """An event."""
        url = f"http://127.0.0.1:{self.port}/{path}"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def until(self, ready: Callable[[Any], bool], plural: str, name: str = "", group: str = "") -> Any:
        """The object, or the list of all, once it is as wanted."""
        object: Any = None
        try:
            async with asyncio.timeout(START):
                while True:
                    try:
                        object = await ask(self.kube, "GET", path_of(self.namespace, plural, name, group))
                    except Refused as error:
                        object = {"refused": str(error)}
                    if ready(object):
                        return object
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{plural} {name} is still {object}\n{self.running.said}") from None

    async def make(self, plural: str, object: dict[str, Any], group: str = "") -> Any:
        """An object that is there before."""
        return await ask(self.kube, "POST", path_of(self.namespace, plural, group=group), object)

    async def end(self, job: dict[str, Any], kind: str, message: str = "") -> None:
        """A Job ends, as its controller would say."""
        before = {"Complete": "SuccessCriteriaMet", "Failed": "FailureTarget"}[kind]
        status: dict[str, Any] = {
            "startTime": "2026-03-14T15:09:26Z",
            "conditions": [
                {"type": before, "status": "True"},
                {
                    "type": kind,
                    "status": "True",
                    "reason": "BackoffLimitExceeded" if message else "",
                    "message": message,
                },
            ],
        }
        if kind == "Complete":
            status |= {"completionTime": "2026-03-14T15:10:26Z", "succeeded": 1}
        path = path_of(self.namespace, "jobs", job["metadata"]["name"], BATCH)
        await play(self.kube, f"{path}/status", status=status)


@asynccontextmanager
async def examples(kube: Kube, folder: Path) -> AsyncIterator[Examples]:
    """Running."""
    namespace, port = await asyncio.to_thread(kube.namespace), free_port()
    for name, listed in documents(namespace, port).items():
        write(folder, name, *listed)
    async with instance(folder, environ={"KUBECONFIG": str(kube.kubeconfig)}) as running:
        yield Examples(kube, namespace, running, port)
        assert await running.stop() == 0
        assert "Traceback" not in running.said


def deployment(name: str) -> dict[str, Any]:
    """As small as one may be."""
    containers = [{"name": "web", "image": "old"}, {"name": "proxy", "image": "other"}]
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name}, "spec": spec}


async def test_create(kube: Kube, tmp_path: Path) -> None:
    async with examples(kube, tmp_path) as there:
        await there.send("orders", id="17", lines=[1, 2])
        listed = await there.until(lambda found: found.get("items"), "workflows", group=API)
        [workflow] = listed["items"]
        assert workflow["metadata"]["name"].startswith("order-")
        assert workflow["metadata"]["labels"]["events.argoproj.io/sensor"] == "handle-order"
        assert workflow["spec"]["arguments"]["parameters"] == [
            {"name": "id", "value": "17"},
            {"name": "lines", "value": "[1,2]"},
        ]


def with_colour(colour: str) -> Callable[[Any], bool]:
    """Whether an object has it."""
    return lambda found: bool(found["data"].get("colour") == colour)


async def test_update(kube: Kube, tmp_path: Path) -> None:
    async with examples(kube, tmp_path) as there:
        await there.make("configmaps", {"metadata": {"name": "shop-settings"}, "data": {"theme": "dark"}})
        await there.make("configmaps", {"metadata": {"name": "shop-log"}})
        for colour in ("blue", "red"):
            await there.send("settings", colour=colour)
            await there.until(with_colour(colour), "configmaps", "shop-settings")
        settings = await there.until(lambda _: True, "configmaps", "shop-settings")
        assert settings["data"] == {"theme": "dark", "currency": "EUR", "colour": "red"}
        await there.until(lambda found: found.get("data") == {"log": "blue red "}, "configmaps", "shop-log")


async def test_patch(kube: Kube, tmp_path: Path) -> None:
    async with examples(kube, tmp_path) as there:
        await there.make("deployments", deployment("web"), APPS)
        await there.send("images", tag="1.4.2")
        await there.send("scale", replicas=5)

        def changed(found: Any) -> bool:
            containers = found["spec"]["template"]["spec"]["containers"]
            images = {each["name"]: each["image"] for each in containers}
            wanted = {"web": "registry.example/web:1.4.2", "proxy": "other"}
            return found["spec"]["replicas"] == 5 and images == wanted

        await there.until(changed, "deployments", "web", APPS)


async def test_delete(kube: Kube, tmp_path: Path) -> None:
    async with examples(kube, tmp_path) as there:
        for name in ("preview-fix-17", "preview-fix-18"):
            await there.make("deployments", deployment(name), APPS)
        await there.send("branches", deleted=False, branch="fix-18")
        await there.send("branches", deleted=True, branch="fix-17")
        listed = await there.until(lambda found: len(found["items"]) == 1, "deployments", group=APPS)
        assert listed["items"][0]["metadata"]["name"] == "preview-fix-18"


async def test_await(kube: Kube, tmp_path: Path) -> None:
    async with examples(kube, tmp_path) as there:
        await there.send("backups", database="shop")
        [job] = (await there.until(lambda found: found.get("items"), "jobs", group=BATCH))["items"]
        assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["shop"]
        await there.end(job, "Complete")
        noted = await there.until(lambda found: "data" in found, "configmaps", "last-backup")
        assert noted["data"]["job"] == job["metadata"]["name"]
        assert noted["data"]["failure"] == ""
        await there.send("backups", database="mail")
        listed = await there.until(lambda found: len(found["items"]) == 2, "jobs", group=BATCH)
        [other] = [each for each in listed["items"] if each["metadata"]["name"] != job["metadata"]["name"]]
        await there.end(other, "Failed", "too often")
        failed = await there.until(lambda found: found["data"]["failure"], "configmaps", "last-backup")
        assert failed["data"]["failure"] == "BackoffLimitExceeded: too often"
        # That it has succeeded before is still known.
        assert failed["data"]["finished"] == noted["data"]["finished"]


async def test_without_a_cluster(tmp_path: Path) -> None:
    """It says what is missing, or writes what it would do into files."""
    port = free_port()
    for name, listed in documents("shop", port).items():
        write(tmp_path, name, *listed)
    nowhere = {"KUBECONFIG": "", "HOME": str(tmp_path)}
    made = Instance(tmp_path, environ=nowhere)
    await made.spawn()
    assert await made.ended() != 0
    assert "trigger 'workflow' needs a cluster: no Kubernetes cluster is configured" in made.said
    assert "--render-dir" in made.said
    rendered = tmp_path / "rendered"
    async with instance(tmp_path, "--render-dir", str(rendered), environ=nowhere) as running:
        url = f"http://127.0.0.1:{port}/orders"
        async with aiohttp.ClientSession() as session, session.post(url, json={"id": "17", "lines": []}) as answer:
            assert answer.status == 200
        await running.until(lambda status: not status["unfinished"] and not any(s["lag"] for s in status["sensors"]))
        assert await running.stop() == 0
    [path] = rendered.iterdir()
    [document] = yaml.safe_load_all(path.read_text())
    assert document["metadata"]["namespace"] == "shop"
    assert document["metadata"]["name"].startswith("order-")
    assert document["spec"]["arguments"]["parameters"][0] == {"name": "id", "value": "17"}


def creator(**settings: Any) -> dict[str, Any]:
    """A trigger that makes a Workflow with the id of the event."""
    workflow = {"apiVersion": API, "kind": "Workflow", "metadata": {"generateName": "w-"}, "spec": {"entrypoint": "x"}}
    parameters = [{"src": {"dependencyName": "event", "dataKey": "id"}, "dest": "metadata.annotations.id"}]
    k8s = {"source": {"resource": workflow}, "parameters": parameters}
    return {"template": {"name": "workflow", "k8s": k8s}, **settings}


def within(namespace: str, *listed: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The documents, in that namespace."""
    return [{**each, "metadata": {**each["metadata"], "namespace": namespace}} for each in listed]


async def send(session: aiohttp.ClientSession, url: str, id: str) -> None:
    """An event whose repetition is recognised, until it is answered with 2xx."""
    headers = {"Content-Type": "application/cloudevents+json"}
    event = {"specversion": "1.0", "id": id, "source": "/test", "type": "order", "data": {"id": id}}
    while True:
        try:
            async with session.post(url, json=event, headers=headers) as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            await asyncio.sleep(0.02)  # it is being started again


async def workflows(kube: Kube, namespace: str) -> list[dict[str, Any]]:
    """All there are."""
    listed = await ask(kube, "GET", path_of(namespace, "workflows", group=API))
    found: list[dict[str, Any]] = listed["items"]
    return found


@pytest.mark.timeout(120)
async def test_results_survive_a_restart(kube: Kube, tmp_path: Path) -> None:
    """A Workflow ends while nobody watches, and another one while nobody was told that it was made."""
    namespace, port = await asyncio.to_thread(kube.namespace), free_port()
    async with Sink() as sink:
        after = sensor(
            "after",
            post(sink.url, http={"payload": [{"src": {"dependencyName": "event", "dataKey": "phase"}, "dest": "id"}]}),
        )
        after["spec"]["dependencies"][0] |= {"eventSourceName": "before", "eventName": "workflow"}
        hooks = webhooks({"in": {"endpoint": "/in", "port": str(port), "cloudEvents": True}})
        before = sensor("before", creator(**{"await": {"timeout": "5m"}}))
        write(tmp_path, "all", *within(namespace, hooks, before, after))
        made = Instance(tmp_path, environ={"KUBECONFIG": str(kube.kubeconfig)})
        try:
            await made.start()
            async with aiohttp.ClientSession() as session:
                for id in ("one", "two", "three"):
                    await send(session, f"http://127.0.0.1:{port}/in", id)
            await made.until(
                lambda status: not status["unfinished"] and not any(each["lag"] for each in status["sensors"])
            )
            found = {
                each["metadata"]["annotations"]["id"]: each["metadata"]["name"]
                for each in await workflows(kube, namespace)
            }
            assert set(found) == {"one", "two", "three"}
            await made.kill()
            await play(kube, path_of(namespace, "workflows", found["one"], API), status={"phase": "Succeeded"})
            await ask(kube, "DELETE", path_of(namespace, "workflows", found["two"], API))
            await made.start()
            await sink.until(lambda: {"Succeeded", "Deleted"} <= sink.ids.keys())
            await play(kube, path_of(namespace, "workflows", found["three"], API), status={"phase": "Failed"})
            await sink.until(lambda: "Failed" in sink.ids)
            assert await made.stop() == 0
        finally:
            await made.gone()
    assert sink.ids == Counter(["Succeeded", "Deleted", "Failed"])
    assert "Traceback" not in made.said


@pytest.mark.timeout(900)
async def test_kill_at_random_moments_makes_each_object_once(
    kube: Kube, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, namespace, port = random.Random(20260103), await asyncio.to_thread(kube.namespace), free_port()
    hooks = webhooks({"in": {"endpoint": "/in", "port": str(port), "cloudEvents": True}})
    write(tmp_path, "all", *within(namespace, hooks, sensor("orders", creator())))
    ids, kills = [f"e{number}" for number in range(EVENTS)], 0
    async with KubeProxy(kube, tmp_path) as proxy:
        made = Instance(tmp_path, environ={"KUBECONFIG": str(proxy.kubeconfig)})
        try:
            async with aiohttp.ClientSession() as session:
                for begin in range(0, EVENTS, BURST):
                    async with asyncio.TaskGroup() as group:
                        for id in ids[begin : begin + BURST]:
                            group.create_task(send(session, f"http://127.0.0.1:{port}/in", id))
                        await made.start()
                        # As many requests as there are in flight: what is done with them is not known here.
                        count = len(proxy.asked("POST")) + chance.randint(1, BURST)
                        with suppress(TimeoutError):
                            await asyncio.wait_for(proxy.until_asked(count, "POST"), 1)
                        await made.kill()
                        kills += 1
                        await made.spawn()
                    await made.kill()
                    kills += 1
            await made.start()
            await made.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            assert await made.stop() == 0
        finally:
            await made.gone()
        asked = len(proxy.asked("POST"))
    found = Counter(each["metadata"]["annotations"]["id"] for each in await workflows(kube, namespace))
    with capsys.disabled():
        print(
            f"\n{kills} kills: {EVENTS} events, {asked} requests, {found.total()} Workflows, "
            f"{len(set(ids) - found.keys())} lost, {found.total() - len(found)} made twice"
        )
    assert found == Counter(ids)
