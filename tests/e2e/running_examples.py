"""The examples of one folder in a real `eventyard run`, and the real API server that they act upon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.e2e.instance import START, Instance, free_port, instance
from tests.e2e.manifests import API, write
from tests.servers.kube import Kube, Refused
from tests.triggers.kube_stage import ask, path_of

ROOT = Path(__file__).parents[2] / "examples"


class Running:
    """All examples of a folder in one instance."""

    def __init__(self, kube: Kube, namespace: str, program: Instance, port: int) -> None:
        self.kube, self.namespace, self.program, self.port = kube, namespace, program, port

    async def send(self, path: str, **body: Any) -> None:
        """An event."""
        url = f"http://127.0.0.1:{self.port}/{path}"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def make(self, plural: str, object: Mapping[str, Any], group: str = API) -> Any:
        """An object that is there before, with its status."""
        made = await ask(self.kube, "POST", path_of(self.namespace, plural, group=group), object)
        if object.get("status") and plural == "rollouts":
            return await self.control(plural, object["metadata"]["name"], object["status"])
        return made

    async def control(self, plural: str, name: str, status: Mapping[str, Any]) -> Any:
        """The controller writes a status, or more of one."""
        path = path_of(self.namespace, plural, name, API)
        live = await ask(self.kube, "GET", path)
        live["status"] = {**(live.get("status") or {}), **status}
        return await ask(self.kube, "PUT", f"{path}/status" if plural == "rollouts" else path, live)

    async def until(self, ready: Callable[[Any], bool], plural: str, name: str) -> Any:
        """The object, once it is as wanted."""
        object: Any = None
        try:
            async with asyncio.timeout(START):
                while True:
                    try:
                        object = await ask(self.kube, "GET", path_of(self.namespace, plural, name, API))
                    except Refused as error:
                        object = {"refused": str(error)}
                    if ready(object):
                        return object
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{plural} {name} is still {object}\n{self.program.said}") from None


@asynccontextmanager
async def running(
    kube: Kube, folder: Path, name: str, *, environ: Mapping[str, str] = {}, replaced: Mapping[str, str] = {}
) -> AsyncIterator[Running]:
    """The examples of that name, in a namespace of their own and on a port that is free; texts in them are `replaced`."""
    namespace, port = await asyncio.to_thread(kube.namespace), free_port()
    for path in sorted((ROOT / name).glob("*.yaml")):
        text = path.read_text().replace("12000", str(port))
        for old, new in replaced.items():
            text = text.replace(old, new)
        listed = list(yaml.safe_load_all(text))
        for document in listed:
            document["metadata"]["namespace"] = namespace
        write(folder, path.stem, *listed)
    async with instance(folder, environ={"KUBECONFIG": str(kube.kubeconfig), **environ}) as program:
        yield Running(kube, namespace, program, port)
        assert await program.stop() == 0
        assert "Traceback" not in program.said
