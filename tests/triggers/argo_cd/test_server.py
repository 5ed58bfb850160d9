"""triggers/argo_cd/server.py against a server that is strict about what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from config.errors import EventyardError, Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from sensors.parameters import EventValues, ParameterCache
from tests.contract.trigger import RETRY_AFTER, RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.argo_cd import DENIED, HANG, RESET, TOKEN, FakeArgoCD, application, refusal
from tests.fakes.sink import closed_port
from tests.fakes.values import context, event
from triggers.argo_cd.adapter import ArgoCD
from triggers.argo_cd.settings import ArgoCDSettings
from triggers.base import Outcome

PUSH = EventValues({"push": event({"app": "shop", "sha": "8f14e45"})}, ParameterCache())
SHOP = "/base/api/v1/applications/shop"
INFO = {"name": "eventyard.io/key", "value": "k1"}
TROUBLES = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: refusal((13, 500), "out of order"),
    Trouble.BUSY: refusal((8, 429), "too many requests", **{"Retry-After": str(int(RETRY_AFTER))}),
    Trouble.REFUSES: refusal(DENIED, "permission denied"),
    Trouble.HANGS: HANG,
}


def make(url: str, operation: str, /, **block: Any) -> ArgoCD:
    server = {"url": url, "token": {"name": "argocd", "key": "token"}}
    settings = {"operation": operation, "name": "shop", "server": server, **block}
    return ArgoCD(ArgoCDSettings.model_validate(settings), context(token=TOKEN), sleep=lambda _: asyncio.sleep(0.001))


async def fire(trigger: ArgoCD, key: str = "k1") -> Outcome:
    return await trigger.fire(trigger.render(trigger.settings, PUSH), key)


@pytest.fixture
async def server() -> AsyncIterator[FakeArgoCD]:
    async with FakeArgoCD() as made:
        yield made


class TestContract(RemoteTriggerContract):
    """Of a refresh, which is one request."""

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with FakeArgoCD() as server:

            async def shut() -> None:
                await server.__aexit__()

            yield RemoteStage(
                trigger=make(server.url, "refresh", name="", parameters=[parameter("name", "app")]),
                values=PUSH,
                seen=lambda: [str(call) for call in server.calls],
                secrets=[TOKEN],
                # The client asks again once by itself, for it only reads.
                suffer=lambda trouble: server.script.extend(
                    [TROUBLES[trouble]] * (2 if trouble is Trouble.RESETS else 1)
                ),
                release=server.release,
                arrived=server.called,
                abandoned=server.abandoned,
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


def parameter(dest: str, key: str) -> dict[str, Any]:
    return {"src": {"dependencyName": "push", "dataKey": key}, "dest": dest}


class TestRequests:
    async def test_sync(self, server: FakeArgoCD) -> None:
        block = {
            "namespace": "apps",
            "project": "default",
            "revision": "?",
            "prune": True,
            "dryRun": True,
            "syncOptions": ["CreateNamespace=true"],
            "resources": [{"group": "apps", "kind": "Deployment", "name": "web"}],
            "strategy": {"apply": {"force": True}},
            "retry": {"limit": 3, "backoff": {"duration": "5s"}},
            "info": [{"name": "reason", "value": "push"}],
            "parameters": [parameter("revision", "sha")],
        }
        async with make(server.url, "sync", **block) as trigger:
            outcome = await fire(trigger)
        assert outcome.answer == "Application 'shop' in namespace 'apps' told to sync"
        scope = {"appNamespace": "apps", "project": "default"}
        assert server.calls == [
            ("GET", SHOP, scope),
            (
                "POST",
                f"{SHOP}/sync",
                {
                    **scope,
                    "revision": "8f14e45",
                    "prune": True,
                    "dryRun": True,
                    "syncOptions": {"items": ["CreateNamespace=true"]},
                    "resources": [{"group": "apps", "kind": "Deployment", "name": "web"}],
                    "strategy": {"apply": {"force": True}},
                    "retryStrategy": {"limit": 3, "backoff": {"duration": "5s"}},
                    "infos": [{"name": "reason", "value": "push"}, INFO],
                },
            ),
        ]

    async def test_sync_of_several_sources(self, server: FakeArgoCD) -> None:
        async with make(server.url, "sync", revisions=["a", "b"]) as trigger:
            await fire(trigger)
        assert server.calls[-1][2] == {"revisions": ["a", "b"], "sourcePositions": [1, 2], "infos": [INFO]}

    @pytest.mark.parametrize(("hard", "asked"), [(False, "normal"), (True, "hard")])
    async def test_refresh(self, server: FakeArgoCD, hard: bool, asked: str) -> None:
        async with make(server.url, "refresh", hard=hard, namespace="apps") as trigger:
            outcome = await fire(trigger)
            assert server.calls == [("GET", SHOP, {"refresh": asked, "appNamespace": "apps"})]
            assert outcome.started is not None
            assert (await trigger.result(outcome.started)).phase == "Synced"

    async def test_terminate(self, server: FakeArgoCD) -> None:
        shop = server.applications["shop"]
        async with make(server.url, "terminate", project="default") as trigger:
            assert (await fire(trigger)).answer.endswith("has no operation in progress")
            shop["operation"] = {}
            with pytest.raises(Temporary, match="has not begun yet") as error:
                await fire(trigger)
            assert error.value.where == server.url.split("/")[2]
            shop["status"]["operationState"] = {"phase": "Running"}
            assert (await fire(trigger)).answer.endswith("told to terminate its operation")
        assert server.calls[-1] == ("DELETE", f"{SHOP}/operation", {"project": "default"})
        assert shop["status"]["operationState"] == {"phase": "Terminating"}

    async def test_an_operation_that_ends_just_before(self, server: FakeArgoCD) -> None:
        running = application(operation={}, status={"operationState": {"phase": "Running"}})
        answers = [
            refusal((0, 200), ""),
            refusal((3, 400), "Unable to terminate operation. No operation is in progress"),
        ]
        answers[0].text = __import__("json").dumps(running)
        server.script.extend(answers)
        async with make(server.url, "terminate") as trigger:
            assert (await fire(trigger)).answer.endswith("has no operation in progress")

    async def test_rollback(self, server: FakeArgoCD) -> None:
        async with make(server.url, "rollback", prune=True, dryRun=True) as trigger:
            await fire(trigger)
        assert server.calls[-1] == ("POST", f"{SHOP}/rollback", {"id": 1, "prune": True, "dryRun": True})

    async def test_a_name_is_one_part_of_a_path(self, server: FakeArgoCD) -> None:
        async with make(server.url, "sync", name="../x?y") as trigger:
            with pytest.raises(Permanent):
                await fire(trigger)
        assert server.calls[0][1] == "/base/api/v1/applications/../x?y"


class TestRepetitions:
    async def test_a_sync(self, server: FakeArgoCD) -> None:
        """While it goes on, and afterwards."""
        async with make(server.url, "sync") as trigger:
            server.lose_next = True
            with pytest.raises(Temporary):
                await fire(trigger)
            assert (await fire(trigger)).answer.endswith("by this firing before")
            server.control(operationState={"phase": "Succeeded"})
            assert (await fire(trigger)).answer.endswith("by this firing before")
            assert (await fire(trigger, "k2")).answer.endswith("told to sync")
        assert [method for method, *_ in server.calls].count("POST") == 2

    async def test_a_rollback(self, server: FakeArgoCD) -> None:
        """The deployment before the last is not another one after it has come back."""
        async with make(server.url, "rollback") as trigger:
            server.lose_next = True
            with pytest.raises(Temporary):
                await fire(trigger)
            with pytest.raises(Temporary, match="another operation is already in progress"):
                await fire(trigger)
            shop = server.applications["shop"]
            entry = {**shop["status"]["history"][1], "id": 3}
            server.control(operationState={"phase": "Succeeded"}, history=[*shop["status"]["history"], entry])
            assert "deployed last" in (await fire(trigger)).answer
        assert [call[2].get("id") for call in server.calls if call[0] == "POST"] == [1, 1]


class TestRefusals:
    async def failure(self, server: FakeArgoCD, operation: str = "sync", **block: Any) -> EventyardError:
        async with make(server.url, operation, **block) as trigger:
            with pytest.raises(EventyardError) as error:
                await fire(trigger)
        assert TOKEN not in str(error.value)
        assert error.value.where == server.url.split("/")[2]
        return error.value

    async def test_another_operation(self, server: FakeArgoCD) -> None:
        server.applications["shop"]["operation"] = {}
        error = await self.failure(server)
        assert isinstance(error, Temporary)
        assert "another operation is already in progress" in error.what

    async def test_a_sync_window(self, server: FakeArgoCD) -> None:
        server.script.extend([web.json_response(application()), refusal(DENIED, "cannot sync: blocked by sync window")])
        error = await self.failure(server)
        assert isinstance(error, Temporary)
        assert "manualSync" in error.fix

    async def test_rights(self, server: FakeArgoCD) -> None:
        server.script.append(refusal(DENIED, "permission denied: applications, sync, default/shop, sub: ci"))
        error = await self.failure(server)
        assert isinstance(error, Permanent)
        assert "p, SUBJECT, applications, sync, PROJECT/shop, allow" in error.fix

    @pytest.mark.parametrize("project", ["", "default"])
    async def test_a_name_that_is_almost_right(self, server: FakeArgoCD, project: str) -> None:
        error = await self.failure(server, name="shopp", project=project)
        assert isinstance(error, Permanent)
        assert error.fix == "did you mean 'shop'?"

    async def test_a_token_that_is_not_valid(self, server: FakeArgoCD) -> None:
        trigger = make(server.url, "sync")
        trigger.context = context(token="another")
        async with trigger:
            with pytest.raises(Temporary, match="401: no session information") as error:
                await fire(trigger)
        assert "server.token" in error.value.fix

    async def test_what_does_not_fit(self, server: FakeArgoCD) -> None:
        server.applications["shop"]["spec"]["syncPolicy"] = {"automated": {}}
        error = await self.failure(server, "rollback")
        assert isinstance(error, Permanent)
        assert "auto-sync is enabled" in error.what
        error = await self.failure(server, "rollback", id=9)
        assert isinstance(error, Permanent)
        assert "Application 'shop': there is no deployment with id 9" in error.what

    async def test_what_is_not_argo_cd(self, server: FakeArgoCD) -> None:
        async with make(server.url.removesuffix("/base"), "sync") as trigger:
            with pytest.raises(Permanent, match="404"):
                await fire(trigger)
        async with make(f"http://127.0.0.1:{closed_port()}", "sync") as trigger:
            with pytest.raises(Temporary, match="cannot connect"):
                await fire(trigger)


class TestEnds:
    async def test_of_a_sync(self, server: FakeArgoCD) -> None:
        async with make(server.url, "sync") as trigger, asyncio.TaskGroup() as group:
            outcome = await fire(trigger)
            assert outcome.started is not None
            wait = group.create_task(trigger.result(outcome.started))
            await server.called(4)
            state = {"phase": "Succeeded", "finishedAt": "2026-03-14T15:09:26Z"}
            server.control(operationState=state)
            await server.called(6)
            assert not wait.done()
            server.applications["shop"]["status"]["reconciledAt"] = "2026-03-14T15:09:27Z"
            result = await wait
        assert (result.phase, result.ok) == ("Healthy", True)
        assert result.object["kind"] == "Application"

    async def test_of_one_that_is_gone(self, server: FakeArgoCD) -> None:
        async with make(server.url, "sync", project="default") as trigger:
            outcome = await fire(trigger)
            assert outcome.started is not None
            server.applications["shop"]["metadata"]["uid"] = "another"
            assert (await trigger.result(outcome.started)).phase == "Deleted"
            del server.applications["shop"]
            assert (await trigger.result(outcome.started)).phase == "Deleted"


def test_certificates_are_needed_where_they_are_named(tmp_path: Path) -> None:
    tls = {"caCertSecret": {"name": "argocd", "key": "ca"}}
    server = {"url": "https://127.0.0.1", "token": {"name": "a", "key": "b"}, "tls": tls}
    settings = ArgoCDSettings.model_validate({"operation": "sync", "name": "shop", "server": server})
    with pytest.raises(Temporary, match="no key 'ca'"):
        asyncio.run(ArgoCD(settings, context()).__aenter__())
