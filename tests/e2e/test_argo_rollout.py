"""A real `eventyard run` and a real API server: the examples of argoRollout, each with its effect."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.instance import Instance, free_port
from tests.e2e.manifests import API, sensor, webhooks, write
from tests.e2e.running_examples import running
from tests.e2e.test_k8s import send, within
from tests.fakes.kube_proxy import KubeProxy
from tests.servers.kube import Kube
from tests.triggers.argo_rollout.test_adapter import replica_set
from tests.triggers.kube_stage import ask, path_of
from tests.triggers.rollout_stage import paused, rollout

APPS = "apps/v1"
EVENTS = 400 if "EVENTYARD_CRASH_ROUNDS" in os.environ else 80
BURST = 10


def has(part: str, **wanted: Any) -> Callable[[Any], bool]:
    """Whether an object has these fields in a part of it."""
    return lambda object: all((object.get(part) or {}).get(name) == value for name, value in wanted.items())


def images(object: Any) -> dict[str, str]:
    """By container."""
    pod = object["spec"]["template"]["spec"]
    return {each["name"]: each["image"] for each in [*pod.get("initContainers", []), *pod["containers"]]}


async def test_what_is_written_into_the_status(kube: Kube, tmp_path: Path) -> None:
    async with running(kube, tmp_path, "argo-rollout") as there:
        for name in ("approved", "hotfix", "tested", "tenant", "alert", "retried"):
            object = {**rollout(name), "status": paused(1, abort=name == "retried")}
            object["metadata"]["labels"] = {"tenant": "acme" if name == "tenant" else "other"}
            await there.make("rollouts", object)
        await there.send("approvals", rollout="approved", approved=False)
        await there.send("approvals", rollout="approved", approved=True)
        await there.until(has("status", pauseConditions=None, currentStepIndex=1), "rollouts", "approved")
        await there.send("hotfixes", rollout="hotfix")
        await there.until(has("status", promoteFull=True), "rollouts", "hotfix")
        await there.send("load-tests", rollout="tested")
        await there.until(has("status", currentStepIndex=2), "rollouts", "tested")
        await there.send("tenants", tenant="acme")
        await there.until(has("status", currentStepIndex=4), "rollouts", "tenant")
        await there.send("alerts", status="firing", labels={"rollout": "alert"})
        await there.until(has("status", abort=True), "rollouts", "alert")
        await there.send("recovered", rollout="retried")
        await there.until(has("status", abort=False), "rollouts", "retried")
        untouched = await there.until(lambda _: True, "rollouts", "tested")
        assert untouched["status"] == paused(2, abort=False)


async def test_what_is_written_into_the_spec(kube: Kube, tmp_path: Path) -> None:
    async with running(kube, tmp_path, "argo-rollout") as there:
        web = rollout()
        web["spec"]["template"]["spec"]["initContainers"] = [{"name": "migrations", "image": "old"}]
        live = await there.make("rollouts", web)
        await there.send("releases", tag="1.4.2")
        wanted = {
            "migrations": "registry.example/migrations:1.4.2",
            "web": "registry.example/web:1.4.2",
            "proxy": "proxy:1",
        }
        await there.until(lambda object: images(object) == wanted, "rollouts", "web")
        await there.send("incidents", state="open")
        await there.until(has("spec", paused=True), "rollouts", "web")
        await there.send("certificates", rollout="web", **{"in": "1h"})
        found = await there.until(lambda object: "restartAt" in object["spec"], "rollouts", "web")
        restart = datetime.fromisoformat(found["spec"]["restartAt"])
        assert timedelta(minutes=55) < restart - datetime.now(UTC) < timedelta(minutes=65)
        for revision, image in ((1, "web:0"), (2, "web:0.5"), (3, "web:1")):
            await there.make("replicasets", replica_set(live, revision, image), APPS)
        await there.send("rollbacks", rollout="web")
        await there.until(lambda object: images(object)["web"] == "web:0.5", "rollouts", "web")
        await there.send("rollbacks", rollout="web", revision=1)
        await there.until(lambda object: images(object)["web"] == "web:0", "rollouts", "web")
        run = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisRun", "metadata": {"name": "run"}, "spec": {}}
        await there.make("analysisruns", run)
        await there.send("analyses", run="run")
        await there.until(has("spec", terminate=True), "analysisruns", "run")


@pytest.mark.timeout(120)
async def test_the_end_of_one_is_an_event_for_another(kube: Kube, tmp_path: Path) -> None:
    async with running(kube, tmp_path, "argo-rollout") as there:
        shop = rollout("shop")
        shop["spec"]["template"]["spec"]["containers"][0] |= {"name": "shop", "image": "registry.example/shop:1"}
        shop["spec"]["selector"] = {"matchLabels": {"app": "web"}}
        live = await there.make("rollouts", shop)
        for revision in (1, 2):
            await there.make("replicasets", replica_set(live, revision, "registry.example/shop:1"), APPS)

        def image(object: Any) -> str:
            return images(object).get("shop") or images(object).get("web") or ""

        await there.send("deploys", tag="2.0.0")
        live = await there.until(lambda object: image(object).endswith(":2.0.0"), "rollouts", "shop")
        seen = str(live["metadata"]["generation"])
        await there.control("rollouts", "shop", {"phase": "Progressing", "observedGeneration": seen})
        await there.control("rollouts", "shop", {"phase": "Degraded", "message": "ProgressDeadlineExceeded"})
        # The Sensor `after-deploy` takes it back.
        await there.until(lambda object: image(object).endswith(":1"), "rollouts", "shop")
        said = await there.program.until_said("what it started ended: Degraded")
        assert "rollout" in said


@pytest.mark.timeout(600)
async def test_kill_at_random_moments_skips_as_many_steps_as_there_are_events(
    kube: Kube, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, namespace, port = random.Random(20260104), await asyncio.to_thread(kube.namespace), free_port()
    web = rollout(steps=[{"pause": {}}] * (EVENTS + 100))
    await ask(kube, "POST", path_of(namespace, "rollouts", group=API), web)
    skip = {"name": "skip", "argoRollout": {"operation": "skip-current-step", "name": "web"}}
    hooks = webhooks({"in": {"endpoint": "/in", "port": str(port), "cloudEvents": True}})
    skipper = sensor("skipper", {"template": skip, "retryStrategy": {"duration": "20ms", "steps": 1000}})
    write(tmp_path, "all", *within(namespace, hooks, skipper))
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
                        count = len(proxy.asked("PATCH")) + chance.randint(1, BURST)
                        with suppress(TimeoutError):
                            await asyncio.wait_for(proxy.until_asked(count, "PATCH"), 2)
                        await made.kill()
                        kills += 1
                        await made.spawn()
                    await made.kill()
                    kills += 1
            await made.start()
            await made.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0, seconds=60)
            assert await made.stop() == 0
        finally:
            await made.gone()
        asked = len(proxy.asked("PATCH"))
    live = await ask(kube, "GET", path_of(namespace, "rollouts", "web", API))
    with capsys.disabled():
        print(f"\n{kills} kills: {EVENTS} events, {asked} patches, {live['status']['currentStepIndex']} steps skipped")
    assert live["status"]["currentStepIndex"] == EVENTS
