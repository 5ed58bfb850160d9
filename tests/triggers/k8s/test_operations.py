"""triggers/k8s/operations.py, by way of the trigger, on the real API server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from config.errors import Permanent
from config.kubernetes.failures import Invalid
from tests.servers.kube import Kube
from tests.triggers.k8s_stage import (
    APPLY,
    JSON,
    K1,
    K2,
    MERGE,
    PUSH,
    STRATEGIC,
    config_map,
    fire,
    live,
    make,
    parameter,
    workflow,
)
from tests.triggers.k8s_stage import at as at
from tests.triggers.kube_stage import ask, path_of, play
from triggers.base import Result, TriggerContext
from triggers.cluster.object import KEY


class TestUpdate:
    async def test_it_is_merged_over_what_is_there(self, kube: Kube, at: TriggerContext) -> None:
        await fire(make(at, config_map({"a": "1", "b": "2"})))
        await fire(make(at, config_map({"b": "3", "c": "4"}), operation="update"), K2)
        changed = await live(kube, at)
        assert changed["data"] == {"a": "1", "b": "3", "c": "4"}
        assert changed["metadata"]["annotations"] == {KEY: K2}
        assert set(changed["metadata"]["labels"]) > {"events.argoproj.io/sensor"}

    async def test_without_one_it_is_created_without_labels(self, kube: Kube, at: TriggerContext) -> None:
        outcome = await fire(make(at, config_map(), operation="update"))
        assert outcome.answer.endswith("created")
        assert "labels" not in (await live(kube, at))["metadata"]

    async def test_the_live_object_with_parameters(self, kube: Kube, at: TriggerContext) -> None:
        await fire(make(at, config_map({"log": "x"})))
        target = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm", "namespace": at.namespace}}
        trigger = make(at, target, operation="update", liveObject=True, parameters=[parameter("data.ref")])
        await fire(trigger, K2)
        assert (await live(kube, at))["data"] == {"log": "x", "ref": "main"}

    @pytest.mark.parametrize(
        ("metadata", "told"), [({"name": "cm"}, "metadata.namespace"), ({"namespace": "x"}, "metadata.name")]
    )
    async def test_a_live_object_has_to_be_named(self, at: TriggerContext, metadata: Any, told: str) -> None:
        with pytest.raises(Permanent, match=told):
            await fire(make(at, config_map(**metadata), operation="update", liveObject=True))

    async def test_a_live_object_has_to_be_there(self, at: TriggerContext) -> None:
        with pytest.raises(Permanent, match="is not there") as error:
            await fire(make(at, config_map(name="cm", namespace=at.namespace), operation="update", liveObject=True))
        assert "create it first" in error.value.fix

    async def test_others_who_come_in_between(self, kube: Kube, at: TriggerContext) -> None:
        """The object is read anew; whoever changed it loses nothing."""
        await fire(make(at, config_map({"a": "1"})))
        updates = [make(at, config_map({f"k{number}": "x"}), operation="update") for number in range(4)]
        async with asyncio.TaskGroup() as group:
            for number, trigger in enumerate(updates):
                group.create_task(fire(trigger, f"key-{number}"))
        assert (await live(kube, at))["data"] == {"a": "1", **{f"k{number}": "x" for number in range(4)}}


class TestPatch:
    @pytest.mark.parametrize("strategy", ["", MERGE, STRATEGIC, APPLY])
    async def test_strategies(self, kube: Kube, at: TriggerContext, strategy: str) -> None:
        await fire(make(at, config_map({"a": "1", "b": "2"})))
        trigger = make(at, config_map({"b": "3"}), operation="patch", patchStrategy=strategy)
        await fire(trigger, K2)
        changed = await live(kube, at)
        assert changed["data"] == {"a": "1", "b": "3"}
        assert changed["metadata"]["annotations"] == {KEY: K2}

    @pytest.mark.parametrize("strategy", ["", MERGE, STRATEGIC, APPLY])
    async def test_without_an_object_it_is_created(self, kube: Kube, at: TriggerContext, strategy: str) -> None:
        outcome = await fire(make(at, config_map(), operation="patch", patchStrategy=strategy))
        assert outcome.answer.endswith("created")
        assert (await live(kube, at))["data"] == {"a": "1"}

    async def test_what_was_applied_can_be_applied_again(self, kube: Kube, at: TriggerContext) -> None:
        for key, data in ((K1, {"a": "1", "b": "1"}), (K2, {"a": "2"})):
            await fire(make(at, config_map(data), operation="patch", patchStrategy=APPLY), key)
        assert (await live(kube, at))["data"] == {"a": "2"}

    @pytest.mark.parametrize("annotations", [None, {"other": "x"}])
    async def test_a_json_patch(self, kube: Kube, at: TriggerContext, annotations: Any) -> None:
        await ask(kube, "POST", path_of(at.namespace, "configmaps"), config_map(name="cm", annotations=annotations))
        target = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm"}}
        patch = [{"op": "test", "path": "/data/a", "value": "1"}, {"op": "add", "path": "/data/b", "value": "?"}]
        trigger = make(
            at,
            {**target, "patch": patch},
            operation="patch",
            patchStrategy=JSON,
            parameters=[parameter("patch.1.value")],
        )
        assert (await fire(trigger)).answer.endswith("changed")
        assert (await fire(trigger)).answer.endswith("had been changed by this firing before")
        changed = await live(kube, at)
        assert changed["data"] == {"a": "1", "b": "main"}
        assert changed["metadata"]["annotations"] == {**(annotations or {}), KEY: K1}

    @pytest.mark.parametrize(
        "patch",
        [
            [{"op": "test", "path": "/data/a", "value": "2"}],
            [{"op": "replace", "path": "/no/such", "value": "2"}],
            [{"op": "nonsense"}],
            "none at all",
        ],
    )
    async def test_a_json_patch_that_cannot_be(self, kube: Kube, at: TriggerContext, patch: Any) -> None:
        await fire(make(at, config_map()))
        trigger = make(at, {**config_map(), "patch": patch}, operation="patch", patchStrategy=JSON)
        with pytest.raises(Permanent) as error:
            await fire(trigger, K2)
        assert "patch" in error.value.fix
        assert (await live(kube, at))["metadata"]["annotations"] == {KEY: K1}

    async def test_a_json_patch_of_nothing(self, at: TriggerContext) -> None:
        with pytest.raises(Permanent, match="is not there"):
            await fire(make(at, {**config_map(), "patch": []}, operation="patch", patchStrategy=JSON))

    async def test_without_operations_it_is_refused_as_in_argo_events(self, at: TriggerContext) -> None:
        await fire(make(at, config_map()))
        with pytest.raises(Invalid, match="a JSON patch is a list"):
            await fire(make(at, config_map(), operation="patch", patchStrategy=JSON), K2)

    async def test_a_strategy_that_the_resource_does_not_know(self, at: TriggerContext) -> None:
        await fire(make(at, workflow(name="w")))
        for strategy in (STRATEGIC, "application/nonsense"):
            with pytest.raises(Invalid) as error:
                await fire(make(at, workflow(name="w"), operation="patch", patchStrategy=strategy), K2)
            assert error.value.fix

    async def test_repeated_it_acts_once(self, kube: Kube, at: TriggerContext) -> None:
        await fire(make(at, config_map()))
        trigger = make(at, config_map({"a": "2"}), operation="patch")
        await fire(trigger, K2)
        await play(kube, path_of(at.namespace, "configmaps", "cm"), data={"a": "by hand"})
        assert (await fire(trigger, K2)).answer.endswith("had been changed by this firing before")
        assert (await live(kube, at))["data"] == {"a": "by hand"}


class TestDelete:
    async def test_what_is_there_and_what_is_not(self, kube: Kube, at: TriggerContext) -> None:
        await fire(make(at, config_map()))
        outcome = await fire(make(at, config_map(), operation="delete"), K2)
        assert outcome.answer.endswith("deleted")
        again = await fire(make(at, config_map(), operation="delete"), K2)
        assert again.answer.endswith("was not there")
        items = (await ask(kube, "GET", path_of(at.namespace, "configmaps")))["items"]
        assert items == []

    @pytest.mark.parametrize("operation", ["delete", "patch", "update"])
    async def test_what_has_no_name(self, at: TriggerContext, operation: str) -> None:
        with pytest.raises(Permanent, match=rf"needs metadata\.name for '{operation}'"):
            await fire(make(at, workflow(), operation=operation))

    async def test_the_end_of_a_deletion(self, kube: Kube, at: TriggerContext) -> None:
        held = config_map(name="cm", finalizers=["example.test/hold"])
        await fire(make(at, held))
        trigger = make(at, config_map(), operation="delete")
        async with trigger:
            outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), K2)
            assert outcome.started is not None
            async with asyncio.TaskGroup() as group:
                wait = group.create_task(trigger.result(outcome.started))
                await asyncio.sleep(0.2)
                assert not wait.done()
                object = await live(kube, at)
                del object["metadata"]["finalizers"]
                await ask(kube, "PUT", path_of(at.namespace, "configmaps", "cm"), object)
            assert wait.result() == Result(phase="Deleted", ok=True)
            assert await trigger.result(outcome.started) == Result(phase="Deleted", ok=True)
