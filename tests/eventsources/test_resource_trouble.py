"""eventsources/resource/adapter.py where it may not, cannot, or is left alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest

from config.errors import EventyardError, Temporary
from config.kubernetes.access import find_access
from config.kubernetes.resource import Object
from eventsources.http.server import HttpListeners
from eventsources.resource.adapter import Resource
from tests.config.kubernetes.fake_api import Answer, GivenAccess, fake_api, status
from tests.eventsources.resource_stage import Arrivals, Stage, staged
from tests.eventsources.surroundings import make_context
from tests.servers.kube import Kube
from tests.triggers.kube_stage import user_kubeconfig


@pytest.fixture
async def scene(kube: Kube) -> Stage:
    return await staged(kube)


class TestTrouble:
    """What a server refuses may be mended there; what is wrong on this side stops the start."""

    @pytest.mark.parametrize(
        ("fields", "what", "fix"),
        [
            ({"resource": "configmap"}, "has no resource 'configmap' in v1", "configmaps"),
            ({"resource": "ConfigMap"}, "has no resource 'ConfigMap' in v1", "configmaps"),
            ({"group": "aps", "resource": "deployments"}, "has no apiVersion 'aps/v1'", "apps"),
            ({"group": "apps", "version": "v1beta1", "resource": "deployments"}, "'apps/v1beta1'", "apps/v1"),
        ],
    )
    async def test_unknown_resources(self, scene: Stage, fields: dict[str, Any], what: str, fix: str) -> None:
        with pytest.raises(Temporary, match=what) as failure:
            async with scene.source(**fields):
                pass
        assert fix in failure.value.fix
        assert str(scene.kubeconfig) in failure.value.where

    async def test_rights(self, scene: Stage, tmp_path: Path) -> None:
        """The rule that is missing is named, one after the other."""
        scene.kubeconfig = user_kubeconfig(scene.kube, tmp_path)
        for verb in ("list", "watch"):
            with pytest.raises(Temporary, match=f"refused to {verb} configmaps") as failure:
                async with scene.source():
                    pass
            assert f"verbs: [{verb}]" in failure.value.fix
            assert f"a Role in namespace '{scene.namespace}'" in failure.value.fix
            await asyncio.to_thread(scene.kube.grant, scene.namespace, [verb], ["configmaps"])
        emit = Arrivals()
        # Rights are looked up in a cache, that may be behind.
        async with asyncio.timeout(10):
            while True:
                with suppress(Temporary):
                    async with scene.running(emit):
                        await scene.create("a")
                        await emit.until(1)
                    break
                await asyncio.sleep(0.1)
        assert emit.told() == [("ADD", "a")]

    async def test_no_cluster(self, scene: Stage, tmp_path: Path) -> None:
        source = Resource(
            scene.settings(), make_context(HttpListeners()), find=lambda: find_access(environ={}, home=tmp_path)
        )
        with pytest.raises(EventyardError, match="no Kubernetes cluster is configured") as failure:
            async with source:
                pass
        assert not isinstance(failure.value, Temporary)

    async def test_a_server_that_does_not_answer(self, scene: Stage, tmp_path: Path) -> None:
        async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async with await asyncio.start_server(keep, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            text = scene.kube.kubeconfig.read_text().replace(scene.kube.url, f"https://127.0.0.1:{port}")
            scene.kubeconfig = tmp_path / "silent"
            scene.kubeconfig.write_text(text)
            with pytest.raises(Temporary, match=r"no answer in 0\.5 s"):
                async with scene.source(patience=0.5):
                    pass

    async def test_one_that_is_busy_and_one_that_forgets(self, scene: Stage) -> None:
        """429 with a time to wait, a watch that is cut in the midst of an event, and 410 in it."""
        listed = {"metadata": {"resourceVersion": "5"}, "items": [an_object("a", "3")]}
        served = {"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True, "verbs": []}]}
        watched = Answer(chunks=[line("ADDED", an_object("b", "6")), line("ADDED", an_object("c", "7"))[:20]], cut=True)
        forgotten = Answer(chunks=[line("ERROR", status(410, "Expired"))])
        again = {"metadata": {"resourceVersion": "9"}, "items": [an_object("b", "6"), an_object("c", "8")]}
        async with fake_api(
            Answer(body=served),
            Answer(body=listed),
            Answer(chunks=[b"\n"]),
            Answer(body=status(429, "TooManyRequests"), status=429, headers={"Retry-After": "1"}),
            Answer(body=listed),
            watched,
            Answer(body={"metadata": {"resourceVersion": "7"}}),
            forgotten,
            Answer(body=again),
            Answer(chunks=[line("DELETED", an_object("b", "10"))], cut=True),
            Answer(status=500, body="out of order"),
        ) as api:
            emit = Arrivals()
            source = Resource(
                scene.settings(),
                make_context(HttpListeners()),
                find=lambda: GivenAccess(api.url),
                patience=0.5,
                every=0.02,
            )
            with pytest.raises(Temporary):
                async with source:
                    await source.run(emit)
        assert sorted(emit.told()) == [
            ("ADD", "a"),
            ("ADD", "b"),
            ("ADD", "c"),
            ("DELETE", "a"),
            ("DELETE", "b"),
        ]
        assert not emit.repeated


def an_object(name: str, version: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "uid": name, "resourceVersion": version},
    }


def line(kind: str, object: Object) -> bytes:
    """An event of a watch."""
    return orjson.dumps({"type": kind, "object": object}) + b"\n"
