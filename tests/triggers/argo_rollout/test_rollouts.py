"""triggers/argo_rollout/rollouts.py: however often a firing is cut off, whatever the controller does meanwhile, it acts once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import Temporary
from config.kubernetes.failures import Conflict, Unreachable
from config.kubernetes.resource import Object, Resource
from tests.triggers.rollout_stage import PAUSED, OneRollout
from triggers.argo_rollout.order import Order
from triggers.argo_rollout.rollouts import TRIES, Done, Rollouts


def status(*, waits: bool = True) -> dict[str, Any]:
    """At the first step, which has paused or is about to."""
    pauses = {"pauseConditions": PAUSED, "controllerPause": True} if waits else {"controllerPause": False}
    return {"currentPodHash": "new", "stableRS": "old", "currentStepIndex": 0, **pauses}


async def no_sleep(_: float) -> None:
    return None


async def fire(cluster: OneRollout, operation: str = "promote", key: str = "k1") -> Done:
    """Once."""
    rollouts = Rollouts(cluster, sleep=no_sleep)
    order = Order(operation=operation, kind="Rollout", namespace="default", name="web")
    return await rollouts.operate(order, "web", key, "2026-03-14T15:09:26Z")


async def insist(cluster: OneRollout, cuts: list[tuple[int, bool]], operation: str = "promote") -> Done:
    """Again and again with the same key, cut off as often as there are cuts."""
    for cluster.requests, cluster.after in cuts:
        try:
            await fire(cluster, operation)
        except Temporary:
            continue
    cluster.requests = -1
    return await fire(cluster, operation)


cuts = st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=4)
meanwhile = st.lists(st.integers(0, 2), max_size=12)


@given(cuts, meanwhile, st.booleans(), st.booleans())
def test_a_promotion_is_one_step(
    cuts: list[tuple[int, bool]], meanwhile: list[int], waits: bool, subresource: bool
) -> None:
    cluster = OneRollout(status(waits=waits), subresource=subresource)
    cluster.meanwhile = meanwhile
    asyncio.run(insist(cluster, cuts))
    for _ in range(10):
        cluster.control()
    assert cluster.object["status"]["currentStepIndex"] == 1


@given(cuts, meanwhile, st.sampled_from(["skip-current-step", "abort", "promote-full", "pause", "restart"]))
def test_other_operations_reach_what_they_are_for(
    cuts: list[tuple[int, bool]], meanwhile: list[int], operation: str
) -> None:
    cluster = OneRollout(status())
    cluster.meanwhile = meanwhile
    asyncio.run(insist(cluster, cuts, operation))
    live = cluster.object
    match operation:
        case "skip-current-step":
            assert live["status"]["currentStepIndex"] == 1
        case "abort":
            assert live["status"]["abort"] is True
        case "promote-full":
            assert live["status"]["promoteFull"] is True
        case "pause":
            assert live["spec"]["paused"] is True
        case _:
            assert live["spec"]["restartAt"] == "2026-03-14T15:09:26Z"


@given(cuts, meanwhile)
def test_a_promotion_of_a_rollout_that_somebody_has_paused(cuts: list[tuple[int, bool]], meanwhile: list[int]) -> None:
    cluster = OneRollout(status())
    cluster.object["spec"]["paused"] = True
    cluster.meanwhile = meanwhile
    asyncio.run(insist(cluster, cuts))
    for _ in range(10):
        cluster.control()
    assert cluster.object["spec"]["paused"] is False
    assert cluster.object["status"]["currentStepIndex"] == 1


async def test_a_promotion_of_an_older_revision_is_none_of_the_next() -> None:
    """It was cut off after its note, and before it is repeated there is a new revision."""
    cluster = OneRollout(status())
    cluster.requests, cluster.after = 1, True
    with pytest.raises(Temporary):
        await fire(cluster)
    assert cluster.object["status"]["pauseConditions"]
    cluster.object["status"]["currentPodHash"] = "newer"
    assert (await fire(cluster)).did == "had been promoted by this firing before"
    assert cluster.object["status"]["pauseConditions"]


async def test_a_retry_that_failed_again_is_not_retried_by_its_repetition() -> None:
    cluster = OneRollout({**status(), "abort": True, "abortedAt": "2026-03-14T15:00:00Z"})
    assert (await fire(cluster, "retry")).did == "retried"
    cluster.object["status"] |= {"abort": True, "abortedAt": "2026-03-14T15:10:00Z"}
    assert (await fire(cluster, "retry")).did == "had been retried by this firing before"
    assert cluster.object["status"]["abort"] is True


class Turns(OneRollout):
    """Requests wait for their turn: there are as many as there are firings, and each turn says whose it is."""

    def __init__(self, turns: list[tuple[int, str]]) -> None:
        super().__init__({"currentPodHash": "new", "currentStepIndex": 0, "controllerPause": False})
        self.turns, self.waiting = turns, dict[str, asyncio.Future[str]]()

    async def get(
        self, resource: Resource, name: str, *, namespace: str | None = None, subresource: str = ""
    ) -> Object:
        await self._turn()
        return await super().get(resource, name, namespace=namespace, subresource=subresource)

    async def patch(self, resource: Resource, name: str, patch: Any, **more: Any) -> Object:
        fate = await self._turn()
        if fate == "lost":
            raise Unreachable("before it came")
        made = await super().patch(resource, name, patch, **more)
        if fate == "unanswered":
            raise Unreachable("after it was done")
        return made

    async def _turn(self) -> str:
        task = asyncio.current_task()
        assert task is not None
        self.waiting[task.get_name()] = asyncio.get_running_loop().create_future()
        return await self.waiting[task.get_name()]

    async def run(self, keys: list[str]) -> None:
        """Give out the turns, then one to each in order until all have ended."""

        async def persist(key: str) -> None:
            while True:
                try:
                    await fire(self, "skip-current-step", key)
                    return
                except Temporary:
                    continue

        tasks = [asyncio.create_task(persist(key), name=key) for key in keys]
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            waiting = sorted(name for name, turn in self.waiting.items() if not turn.done())
            if waiting:
                index, fate = self.turns.pop() if self.turns else (0, "")
                self.waiting[waiting[index % len(waiting)]].set_result(fate)


turns = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", "", "", "lost", "unanswered"])), max_size=40)


@settings(max_examples=300)
@given(turns)
def test_as_many_steps_as_firings(turns: list[tuple[int, str]]) -> None:
    """In whatever order their requests arrive, and whichever of them get lost."""
    cluster = Turns(turns)
    asyncio.run(cluster.run(["k1", "k2", "k3"]))
    assert cluster.object["status"]["currentStepIndex"] == 3


async def test_two_firings_are_two_steps() -> None:
    cluster = OneRollout(status())
    for key in ("k1", "k2"):
        await fire(cluster, key=key)
        await fire(cluster, key="k1")
        for _ in range(10):
            cluster.control()
    assert cluster.object["status"]["currentStepIndex"] == 2


async def test_a_controller_that_never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = OneRollout(status())

    def refuse() -> None:
        cluster.object["metadata"]["resourceVersion"] += "0"

    monkeypatch.setattr(cluster, "_play", refuse)
    with pytest.raises(Conflict):
        await fire(cluster)
    assert len(cluster.object["metadata"]["resourceVersion"]) == 1 + 2 * TRIES
