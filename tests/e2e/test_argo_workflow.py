"""A real `eventyard run` and a real API server: the examples of the argoWorkflow trigger, one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.e2e.instance import START, Instance, free_port, instance
from tests.e2e.manifests import API, write
from tests.fakes.argo_server import FakeArgoServer
from tests.servers.kube import Kube
from tests.triggers.argo_stage import about, workflow
from tests.triggers.kube_stage import ask, path_of, play
from tests.triggers.workflow_tree import NAME, steps, suspended
from triggers.argo_workflow.nodes import node_id

EXAMPLES = Path(__file__).parents[2] / "examples" / "argo-workflow"
RUNNING = {"phase": "Running"}


def documents(name: str, namespace: str, port: int) -> list[dict[str, Any]]:
    """An example, in a namespace of its own and on a port that is free."""
    text = (EXAMPLES / f"{name}.yaml").read_text().replace("12000", str(port))
    found: list[dict[str, Any]] = list(yaml.safe_load_all(text))
    for document in found:
        document["metadata"]["namespace"] = namespace
    return found


class Example:
    """One of them in a running instance, and what it acts upon."""

    def __init__(self, kube: Kube, namespace: str, running: Instance, port: int) -> None:
        self.kube, self.namespace, self.running, self.port = kube, namespace, running, port

    async def send(self, path: str, **body: Any) -> None:
        """An event."""
        url = f"http://127.0.0.1:{self.port}/{path}"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def make(self, object: dict[str, Any], plural: str = "workflows") -> Any:
        """An object that is there before."""
        kept = {name: value for name, value in object["metadata"].items() if name not in ("uid", "resourceVersion")}
        made = {**object, "metadata": {**kept, "namespace": self.namespace}}
        return await ask(self.kube, "POST", path_of(self.namespace, plural, group=API), made)

    async def end(self, name: str, **status: Any) -> None:
        """As the controller would say it."""
        await play(self.kube, path_of(self.namespace, "workflows", name, API), status=status)

    async def until(self, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """All Workflows by name, once they are as wanted."""
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(START):
                while True:
                    listed = await ask(self.kube, "GET", path_of(self.namespace, "workflows", group=API))
                    found = {each["metadata"]["name"]: each for each in listed["items"]}
                    if ready(found):
                        return found
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"the Workflows are still {found}\n{self.running.said}") from None


@asynccontextmanager
async def example(kube: Kube, folder: Path, name: str) -> AsyncIterator[Example]:
    """Running."""
    namespace, port = await asyncio.to_thread(kube.namespace), free_port()
    write(folder, name, *documents(name, namespace, port))
    async with instance(folder, environ={"KUBECONFIG": str(kube.kubeconfig)}) as running:
        yield Example(kube, namespace, running, port)
        assert await running.stop() == 0
        assert "Traceback" not in running.said


def parameters(made: dict[str, Any]) -> dict[str, str]:
    """The arguments of a Workflow."""
    return {each["name"]: each["value"] for each in made["spec"]["arguments"]["parameters"]}


def begun(found: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Those whose names begin so."""
    return [each for name, each in found.items() if name.startswith(prefix)]


async def test_submit(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "submit") as there:
        await there.send("pushes", repository="shop", commit="4f1c2a")
        [made] = (await there.until(lambda found: bool(found))).values()
        assert made["metadata"]["name"].startswith("build-")
        assert made["metadata"]["labels"]["repository"] == "shop"
        assert made["metadata"]["labels"]["events.argoproj.io/sensor"] == "build"
        assert made["spec"]["serviceAccountName"] == "builder"
        assert parameters(made) == {"commit": "4f1c2a", "retries": "2"}


async def test_submit_from(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "submit-from") as there:
        await there.make(about("release", "WorkflowTemplate"), "workflowtemplates")
        cron = about("nightly", "CronWorkflow", spec={"workflowSpec": {"entrypoint": "main"}})
        await there.make(cron, "cronworkflows")
        await there.send("releases", version="1.4.2")
        found = await there.until(lambda found: len(found) == 2)
        [release], [nightly] = begun(found, "release-"), begun(found, "nightly-")
        assert release["spec"]["workflowTemplateRef"] == {"name": "release"}
        assert nightly["spec"]["entrypoint"] == "main"
        assert nightly["metadata"]["ownerReferences"][0]["name"] == "nightly"
        assert parameters(release) == parameters(nightly) == {"version": "1.4.2"}


async def test_resubmit(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "resubmit") as there:
        await there.make(steps())
        await there.send("again", workflow=NAME)
        [made] = begun(await there.until(lambda found: len(found) == 2), f"{NAME}-")
        assert made["metadata"]["labels"]["workflows.argoproj.io/resubmitted-from-workflow"] == NAME
        assert "Skipped" in {each["phase"] for each in made["status"]["nodes"].values()}


async def test_retry(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "retry") as there:
        await there.make(steps())
        await there.send("retries", workflow=NAME)
        found = await there.until(lambda found: "phase" not in found[NAME]["status"])
        assert len(found[NAME]["status"]["nodes"]) == 4


async def test_suspend_and_resume(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "suspend-resume") as there:
        await there.make({**workflow(name=NAME), "status": RUNNING})
        await there.send("holds", workflow=NAME, hold=True)
        await there.until(lambda found: found[NAME]["spec"].get("suspend") is True)
        await there.send("holds", workflow=NAME, hold=False)
        await there.until(lambda found: "suspend" not in found[NAME]["spec"])


@pytest.mark.parametrize(("yes", "phase"), [(True, "Succeeded"), (False, "Failed")])
async def test_approve(kube: Kube, tmp_path: Path, yes: bool, phase: str) -> None:
    async with example(kube, tmp_path, "approve") as there:
        await there.make(suspended())
        await there.send("approvals", workflow=NAME, yes=yes)
        node = node_id(NAME, f"{NAME}.approve")
        found = await there.until(lambda found: found[NAME]["status"]["nodes"][node]["phase"] == phase)
        assert ("rejected" in found[NAME]["status"]["nodes"][node]["message"]) is not yes


async def test_stop(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "stop") as there:
        await there.make({**workflow(name=NAME), "status": RUNNING})
        await there.send("stops", workflow=NAME)
        await there.until(lambda found: found[NAME]["spec"].get("shutdown") == "Stop")


async def test_terminate(kube: Kube, tmp_path: Path) -> None:
    async with example(kube, tmp_path, "terminate") as there:
        for name, branch in (("a", "fix-17"), ("b", "fix-17"), ("c", "main")):
            await there.make({**workflow(name=name, labels={"branch": branch}), "status": RUNNING})
        await there.send("gone", branch="fix-17")
        found = await there.until(lambda found: sum("shutdown" in each["spec"] for each in found.values()) == 2)
        assert "shutdown" not in found["c"]["spec"]


async def test_await(kube: Kube, tmp_path: Path) -> None:
    """The first Workflow ends, and what it says is an argument of the second."""
    async with example(kube, tmp_path, "await") as there:
        for name in ("build-image", "deploy"):
            await there.make(about(name, "WorkflowTemplate"), "workflowtemplates")
        await there.send("images", image="shop")
        await there.send("images", image="mail")
        found = await there.until(lambda found: len(found) == 2)
        built = {parameters(each)["image"]: name for name, each in found.items()}
        await there.end(built["mail"], phase="Failed", message="no space left")
        outputs = {"parameters": [{"name": "digest", "value": "sha256:4f1c"}]}
        await there.end(built["shop"], phase="Succeeded", outputs=outputs)
        [deployed] = begun(await there.until(lambda found: len(found) == 3), "deploy-")
        assert parameters(deployed) == {"digest": "sha256:4f1c"}


async def test_server(tmp_path: Path) -> None:
    """Without any cluster."""
    port = free_port()
    async with FakeArgoServer() as server:
        server.add({**workflow(name=NAME, namespace="shop"), "status": {"phase": "Failed"}})
        listed = json.dumps(documents("server", "shop", port)).replace("http://127.0.0.1:2746", server.url)
        token = "a-token-that-nobody-sees"
        write(tmp_path, "server", *json.loads(listed.replace("example-token", token)))
        async with instance(tmp_path, environ={"KUBECONFIG": "", "HOME": str(tmp_path)}) as running:
            url = f"http://127.0.0.1:{port}/archived"
            async with aiohttp.ClientSession() as session, session.post(url, json={"workflow": NAME}) as answer:
                assert answer.status == 200
            async with asyncio.timeout(START):
                await server.until_asked(2)
            assert await running.stop() == 0
            assert token not in running.said
    assert len(server.workflows) == 2


async def test_without_a_cluster(tmp_path: Path) -> None:
    """What would be done is written into files, and `try` shows it."""
    port, rendered = free_port(), tmp_path / "rendered"
    write(tmp_path, "submit", *documents("submit", "shop", port))
    nowhere = {"KUBECONFIG": "", "HOME": str(tmp_path)}
    async with instance(tmp_path, "--render-dir", str(rendered), environ=nowhere) as running:
        url = f"http://127.0.0.1:{port}/pushes"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={"repository": "shop", "commit": "4f1c2a"}) as answer,
        ):
            assert answer.status == 200
        await running.until(lambda status: not status["unfinished"] and not any(s["lag"] for s in status["sensors"]))
        assert await running.stop() == 0
        event = tmp_path / "event.json"
        event.write_text('{"repository": "shop", "commit": "4f1c2a"}')
        code, said = await running.command("try", "build", str(running.manifests), "--event", str(event))
    [path] = rendered.iterdir()
    [document] = yaml.safe_load_all(path.read_text())
    assert document["metadata"]["namespace"] == "shop"
    assert parameters(document) == {"commit": "4f1c2a", "retries": "2"}
    assert code == 0, said
    assert "generateName: build-" in said
