"""triggers/argo_workflow/server.py against a server that checks what it gets: paths, login, bodies, and what comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from tests.contract.trigger import RETRY_AFTER, RemoteStage, RemoteTriggerContract, Trouble, assert_silent
from tests.fakes.argo_server import TOKEN, FakeArgoServer, refusal
from tests.fakes.certificates import pem, server_context
from tests.fakes.sink import HANG, RESET, answer, closed_port
from tests.fakes.values import context
from tests.triggers.argo_stage import ARGO, K1, K2, MOMENT, NOW, PUSH, about, fire, make, parameter, workflow
from tests.triggers.workflow_tree import steps, suspended
from triggers.argo_workflow.adapter import ArgoWorkflow
from triggers.base import Outcome, TriggerContext
from triggers.cluster.object import KEY, generated_name
from triggers.cluster.waits import LOST

AT = context(token=TOKEN)
ROOT = "/api/v1/workflows/default"
STATUS = {"phase": "Running"}
LABELS = (
    "events.argoproj.io/sensor=deploy",
    "events.argoproj.io/trigger=announce",
    f"events.argoproj.io/action-timestamp={int(MOMENT * 1000)}",
)
TROUBLES = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: refusal(500, "etcdserver: request timed out"),
    Trouble.BUSY: refusal(429, "too many requests", Retry_After=str(int(RETRY_AFTER))),
    Trouble.REFUSES: refusal(403, "workflows.argoproj.io is forbidden"),
    Trouble.HANGS: HANG,
}


def via(
    server: FakeArgoServer, operation: str, object: dict[str, Any], *args: str, at: TriggerContext = AT, **block: Any
) -> ArgoWorkflow:
    """A trigger that asks this server."""
    where = {"url": server.url, "token": {"name": "argo", "key": "token"}}
    return make(at, operation, object, *args, server=where, **block)


@pytest.fixture
async def server() -> AsyncIterator[FakeArgoServer]:
    async with FakeArgoServer() as server:
        yield server


class TestContract(RemoteTriggerContract):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with FakeArgoServer("/base") as server:

            async def shut() -> None:
                await server.sink.__aexit__(None, None, None)

            def sent() -> list[dict[str, Any]]:
                return [body["workflow"]["metadata"] for _, _, body in server.changes()]

            yield RemoteStage(
                trigger=via(server, "submit", workflow(), "-p", "a=1", parameters=[parameter("metadata.labels.ref")]),
                values=PUSH,
                seen=lambda: [each["name"] for each in sent()],
                keys=lambda: [each["annotations"][KEY] for each in sent()],
                secrets=[TOKEN],
                suffer=lambda trouble: server.script.append(TROUBLES[trouble]),
                release=server.sink.release,
                arrived=server.until_asked,
                abandoned=lambda: server.sink.until(lambda sink: sink.open == 0),
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})

    async def test_firing_can_be_cancelled(self) -> None:
        """What answers after it hung is no Argo Server."""
        async with self.stage() as stage, stage.trigger:
            stage.suffer(Trouble.HANGS)
            async with asyncio.TaskGroup() as group:
                task = group.create_task(fire_entered(stage.trigger))
                await stage.arrived(1)
                task.cancel()
            assert task.cancelled()
            stage.release()
            assert isinstance(await fire_entered(stage.trigger), Outcome)


async def fire_entered(trigger: Any) -> Outcome:
    outcome: Outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), K1)
    return outcome


class TestMaking:
    async def test_submit(self, server: FakeArgoServer) -> None:
        trigger = via(server, "submit", workflow(), "-p", "a=1")
        first, again = await fire(trigger), await fire(trigger)
        name = generated_name("ci-", K1)
        assert first.answer == f"Workflow '{name}' submitted"
        assert again.answer == f"Workflow '{name}' had been submitted by this firing before"
        assert first.started == again.started
        assert first.started is not None
        assert first.started["kind"] == "Workflow"
        (method, path, body), _ = server.changes()
        assert (method, path) == ("POST", ROOT)
        assert body["workflow"]["metadata"]["name"] == name
        assert body["workflow"]["metadata"]["annotations"] == {KEY: K1}

    async def test_an_answer_that_gets_lost(self, server: FakeArgoServer) -> None:
        server.lose_next()
        with pytest.raises(Temporary):
            await fire(via(server, "submit", workflow()))
        assert "before" in (await fire(via(server, "submit", workflow()))).answer
        assert len(server.workflows) == 1

    async def test_a_name_that_is_taken(self, server: FakeArgoServer) -> None:
        await fire(via(server, "submit", workflow(name="fixed")))
        with pytest.raises(Permanent, match="'fixed' in namespace 'default' is there already, made by another firing"):
            await fire(via(server, "submit", workflow(name="fixed")), K2)
        server.add(workflow(name="own"))
        with pytest.raises(Permanent, match="made by somebody else") as failure:
            await fire(via(server, "submit", workflow(name="own")))
        assert "generateName" in failure.value.fix

    async def test_submit_from(self, server: FakeArgoServer) -> None:
        server.templates.add(("WorkflowTemplate", "build"))
        args = (
            "-p",
            "a=x=y",
            "--entrypoint",
            "other",
            "--serviceaccount",
            "runner",
            "--priority",
            "3",
            "-l",
            "app=shop",
        )
        trigger = via(server, "submit-from", about("build", "WorkflowTemplate"), *args)
        first, again = await fire(trigger), await fire(trigger)
        assert first.started == again.started
        (method, path, body), _ = server.changes()
        assert (method, path) == ("POST", f"{ROOT}/submit")
        assert body == {
            "namespace": "default",
            "resourceKind": "WorkflowTemplate",
            "resourceName": "build",
            "submitOptions": {
                "name": generated_name("build-", K1),
                "generateName": "build-",
                "labels": ",".join(("workflows.argoproj.io/workflow-template=build", "app=shop", *LABELS)),
                "annotations": f"{KEY}={K1}",
                "entryPoint": "other",
                "serviceAccount": "runner",
                "priority": 3,
                "parameters": ["a=x=y"],
            },
        }

    async def test_submit_from_a_cron_workflow(self, server: FakeArgoServer) -> None:
        server.templates.add(("CronWorkflow", "nightly"))
        args = ("--from", "cronwf/nightly", "--scheduled-time", NOW)
        await fire(via(server, "submit-from", about("x", "WorkflowTemplate"), *args))
        [(_, _, body)] = server.changes()
        assert body["resourceKind"] == "CronWorkflow"
        assert f"workflows.argoproj.io/scheduled-time={NOW}" in body["submitOptions"]["annotations"]

    async def test_what_is_missing(self, server: FakeArgoServer) -> None:
        with pytest.raises(Permanent, match="there is no ClusterWorkflowTemplate 'build'") as failure:
            await fire(via(server, "submit-from", about("build", "ClusterWorkflowTemplate")))
        assert failure.value.where == server.sink.authority
        assert failure.value.fix

    @pytest.mark.parametrize("args", [(), ("--memoized", "-p", "a=1")])
    async def test_resubmit(self, server: FakeArgoServer, args: tuple[str, ...]) -> None:
        old = steps()
        old["metadata"]["namespace"] = "default"
        server.add(old)
        trigger = via(server, "resubmit", about("ci"), *args)
        first, again = await fire(trigger), await fire(trigger)
        assert first.started == again.started
        assert first.started is not None
        made = server.workflows["default", first.started["name"]]
        assert made["metadata"]["labels"]["workflows.argoproj.io/resubmitted-from-workflow"] == "ci"
        assert ("status" in made) is bool(args)
        assert len(server.workflows) == 2


class TestOperations:
    @pytest.mark.parametrize(
        ("operation", "args", "before", "body"),
        [
            ("suspend", (), {"status": STATUS}, {}),
            ("resume", (), {"status": STATUS, "spec": {"suspend": True}}, {}),
            ("stop", (), {"status": STATUS}, {}),
            ("terminate", (), {"status": STATUS}, {}),
            (
                "retry",
                ("-p", "a=1"),
                {"status": {"phase": "Failed"}},
                {"restartSuccessful": False, "parameters": ["a=1"]},
            ),
            (
                "retry",
                ("--restart-successful", "--node-field-selector", "id=1"),
                {"status": {"phase": "Succeeded"}},
                {"restartSuccessful": True, "parameters": [], "nodeFieldSelector": "id=1"},
            ),
        ],
    )
    async def test_what_is_asked(
        self,
        server: FakeArgoServer,
        operation: str,
        args: tuple[str, ...],
        before: dict[str, Any],
        body: dict[str, Any],
    ) -> None:
        server.add({"metadata": {"name": "ci", "namespace": "default", "uid": "u"}, **before})
        outcome = await fire(via(server, operation, about("ci"), *args))
        [(method, path, sent)] = server.changes()
        assert (method, path) == ("PUT", f"{ROOT}/ci/{operation}")
        assert sent == {"name": "ci", "namespace": "default", **body}
        assert outcome.started is not None
        assert outcome.started["uid"] == "u"
        assert not outcome.answer.endswith("already")
        # Once more, after the answer got lost.
        await fire(via(server, operation, about("ci"), *args))
        assert len(server.changes()) == 1

    @pytest.mark.parametrize(
        ("operation", "args", "body"),
        [("resume", (), {}), ("stop", ("--message", "no"), {"message": "no"})],
    )
    async def test_single_nodes(
        self, server: FakeArgoServer, operation: str, args: tuple[str, ...], body: dict[str, Any]
    ) -> None:
        server.add(suspended())
        selector = "displayName=approve"
        where = {**about("ci"), "metadata": {"name": "ci", "namespace": "build"}}
        await fire(via(server, operation, where, "--node-field-selector", selector, *args))
        [(_, path, sent)] = server.changes()
        assert path == f"/api/v1/workflows/build/ci/{operation}"
        assert sent == {"name": "ci", "namespace": "build", "nodeFieldSelector": selector, **body}

    async def test_what_cannot_be_done(self, server: FakeArgoServer) -> None:
        server.add({"metadata": {"name": "ci"}, "status": {"phase": "Succeeded"}})
        for operation in ("suspend", "stop", "terminate", "retry"):
            with pytest.raises(Permanent, match="Workflow 'ci' in namespace 'default': it has") as failure:
                await fire(via(server, operation, about("ci")))
            assert failure.value.where == server.sink.authority
            with pytest.raises(Permanent, match="Workflow 'gone' in namespace 'default': Argo Server answered 404"):
                await fire(via(server, operation, about("gone")))
        assert not server.changes()

    async def test_those_that_a_selector_chooses(self, server: FakeArgoServer) -> None:
        for name, phase in (("a", "Running"), ("b", "Failed"), ("c", "Pending")):
            server.add(
                {
                    "metadata": {"name": name, "namespace": "default", "labels": {"pr": "12"}},
                    "status": {"phase": phase},
                }
            )
        await fire(via(server, "terminate", about("x"), "-l", "pr=12"))
        assert {path for _, path, _ in server.changes()} == {f"{ROOT}/a/terminate", f"{ROOT}/c/terminate"}
        outcome = await fire(via(server, "terminate", about("x"), "-l", "pr=13"))
        assert outcome.answer == "the selector chooses no Workflow"


class TestAwaiting:
    async def test_how_it_ended(self, server: FakeArgoServer) -> None:
        trigger = via(server, "submit", workflow())
        async with trigger, asyncio.TaskGroup() as group:
            started = (await fire_entered(trigger)).started
            assert started is not None
            task = group.create_task(trigger.result(started))
            await server.until_asked(3)
            outputs = {"parameters": [{"name": "digest", "value": "sha256:1"}]}
            status = {"phase": "Failed", "message": "no space", "outputs": outputs}
            server.workflows["default", started["name"]]["status"] = status
            result = await task
        assert (result.phase, result.ok, result.message) == ("Failed", False, "no space")
        assert result.object["status"]["outputs"] == outputs
        assert result.object["apiVersion"] == ARGO

    async def test_one_that_is_gone(self, server: FakeArgoServer) -> None:
        async with via(server, "submit", workflow()) as trigger:
            started = {"name": "gone", "namespace": "default", "uid": "u"}
            assert await trigger.result(started) == LOST
            server.add({"metadata": {"name": "gone", "uid": "another"}, "status": {"phase": "Succeeded"}})
            assert await trigger.result(started) == LOST


class TestErrors:
    @pytest.mark.parametrize(
        ("given", "kind", "what"),
        [
            (refusal(400, "bad template"), Permanent, "answered 400: bad template"),
            (refusal(401, "token not valid"), Temporary, "answered 401: token not valid"),
            (refusal(403, "no rights"), Permanent, "answered 403: no rights"),
            (answer(502, b"<html>bad gateway</html>"), Temporary, "answered 502: <html>bad gateway</html>"),
            (answer(400, b'{"error": "only this"}'), Permanent, "only this"),
            (answer(404, b""), Permanent, "answered 404: nothing more"),
            (answer(200, b"<html>"), Temporary, "is not Argo Server"),
        ],
    )
    async def test_refusals(self, server: FakeArgoServer, given: bytes, kind: type[Exception], what: str) -> None:
        server.script.append(given)
        with pytest.raises(kind, match=what) as failure:
            await fire(via(server, "submit", workflow()))
        assert_silent([failure.value], [TOKEN])

    async def test_a_token_that_is_missing_or_nonsense(self, server: FakeArgoServer) -> None:
        with pytest.raises(Temporary, match="no key 'token'"):
            await fire(via(server, "submit", workflow(), at=context()))
        with pytest.raises(Permanent, match="holds characters"):
            await fire(via(server, "submit", workflow(), at=context(token="a\nb")))
        assert not server.asked

    async def test_a_server_that_is_away(self) -> None:
        trigger = make(AT, "submit", workflow(), server={"url": f"http://127.0.0.1:{closed_port()}"})
        with pytest.raises(Temporary, match="cannot connect"):
            await fire(trigger)


class TestAddress:
    async def test_certificates(self) -> None:
        async with FakeArgoServer(tls=server_context()) as server:
            with pytest.raises(Temporary, match="certificate is not trusted"):
                await fire(via(server, "submit", workflow()))
            trusting = context(token=TOKEN, ca=pem("ca.pem"))
            block = {"url": server.url, "token": {"name": "argo", "key": "token"}}
            authority = {"caCertSecret": {"name": "argo", "key": "ca"}}
            await fire(make(trusting, "submit", workflow(), server={**block, "tls": authority}))
            careless = {"ARGO_SERVER": server.sink.authority, "ARGO_INSECURE_SKIP_VERIFY": "true", "ARGO_TOKEN": TOKEN}
            await fire(make(AT, "submit", workflow(), environ=careless), K2)
            assert len(server.workflows) == 2

    @pytest.mark.parametrize("token", [TOKEN, f"Bearer {TOKEN}", f" {TOKEN}\n"])
    async def test_as_the_command_finds_it(self, token: str) -> None:
        async with FakeArgoServer("/argo") as server:
            environ = {"ARGO_SERVER": server.sink.authority, "ARGO_BASE_HREF": "/argo/", "ARGO_SECURE": "false"}
            trigger = make(AT, "submit", workflow(), environ={**environ, "ARGO_TOKEN": token})
            assert not trigger.missing()
            await fire(trigger)
            assert server.changes()

    async def test_the_manifest_comes_first(self, server: FakeArgoServer) -> None:
        environ = {"ARGO_SERVER": "127.0.0.1:1", "ARGO_TOKEN": "another"}
        where = {"url": f"{server.url}/", "token": {"name": "argo", "key": "token"}}
        await fire(make(AT, "submit", workflow(), server=where, environ=environ))
        assert server.changes()

    async def test_without_a_token_none_is_sent(self, server: FakeArgoServer) -> None:
        with pytest.raises(Temporary, match="401") as failure:
            await fire(make(AT, "submit", workflow(), server={"url": server.url}))
        assert "server.token" in failure.value.fix
        assert server.sink.requests[0].header("Authorization") is None

    async def test_a_block_that_leaves_the_address_to_the_environment(self, server: FakeArgoServer) -> None:
        trigger = make(AT, "submit", workflow(), server={"token": {"name": "argo", "key": "token"}})
        assert trigger.missing().startswith("Argo Server: nothing says where Argo Server is, give server.url")
        with pytest.raises(Permanent, match="nothing says where Argo Server is"):
            await fire(trigger)
        environ = {"ARGO_SERVER": server.sink.authority, "ARGO_SECURE": "false"}
        trigger = make(AT, "submit", workflow(), server={"token": {"name": "argo", "key": "token"}}, environ=environ)
        await fire(trigger)
        assert server.changes()
