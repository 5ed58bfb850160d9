"""A namespace of its own for each test, objects in it, and notes that can be waited for."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bus.event import Event
from config.kubernetes.access import find_access
from eventsources.http.server import HttpListeners
from eventsources.resource.adapter import Resource, _load
from eventsources.resource.settings import ResourceSettings
from eventyard.text_tests import compile_tests
from tests.contract.eventsource import running
from tests.eventsources.surroundings import Collector, make_context
from tests.servers.kube import Kube

SOON = 20.0
"""Seconds that nothing takes which is sure to come."""


async def shortly(seconds: float) -> None:
    """Sleep, but not as long as it would be in earnest."""
    await asyncio.sleep(min(seconds, 0.02))


@dataclass
class Notebook:
    """The notes of one source, over its restarts. `fail` is raised in place of keeping one."""

    value: bytes | None = None
    fail: Exception | None = None
    written: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def recall(self) -> bytes | None:
        return self.value

    async def remember(self, value: bytes, /) -> None:
        if self.fail is not None:
            raise self.fail
        async with self.changed:
            self.value = value
            self.written += 1
            self.changed.notify_all()

    def versions(self) -> Mapping[str, str]:
        """The resourceVersion of each object that is known, by name."""
        known, _ = _load(self.value, False)
        return {name.partition("/")[2]: entry.version for name, entry in known.entries.items()}

    async def until(self, name: str, version: str | None, patience: float = SOON) -> bool:
        """Whether an object is noted with this version, or as gone (None), in time."""
        try:
            async with asyncio.timeout(patience), self.changed:
                await self.changed.wait_for(lambda: self.value and self.versions().get(name) == version)
        except TimeoutError:
            return False
        return True


class Arrivals(Collector):
    """Keeps the events, drops those that repeat as a bus does, and can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.repeated: list[Event] = []
        self.changed = asyncio.Event()

    async def __call__(self, event: Event, /) -> bool:
        self.changed.set()
        if self.fail is None and event.key in {each.key for each in self.events}:
            self.repeated.append(event)
            return False
        return await super().__call__(event)

    async def until(self, count: int) -> Sequence[Event]:
        """The events, once there are so many."""
        async with asyncio.timeout(SOON):
            while len(self.events) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.events

    def told(self) -> list[tuple[str, str]]:
        """Type and name of each."""
        return told(self.events)


def told(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Type and name of each."""
    return [(event.json()["type"], event.json()["body"]["metadata"]["name"]) for event in events]


@dataclass
class Stage:
    """ConfigMaps of one namespace."""

    kube: Kube
    namespace: str
    kubeconfig: Path
    notes: Notebook = field(default_factory=Notebook)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def settings(self, **fields: Any) -> ResourceSettings:
        """As in a manifest."""
        given = {
            "namespace": self.namespace,
            "version": "v1",
            "resource": "configmaps",
            "eventTypes": ["ADD", "UPDATE", "DELETE"],
            **fields,
        }
        return ResourceSettings.model_validate(given)

    def source(self, http: HttpListeners | None = None, *, patience: float = 10.0, **fields: Any) -> Resource:
        """A source that was not entered yet; it goes on where the one before was."""
        settings = self.settings(**fields)
        assert not [finding for finding in settings.check() if not finding[1].startswith("warning")]
        context = dataclasses.replace(
            make_context(http or HttpListeners()), notes=self.notes, holds=compile_tests(settings.tests())
        )
        return Resource(
            settings,
            context,
            find=lambda: find_access(kubeconfig=self.kubeconfig),
            every=0.02,
            patience=patience,
            sleep=shortly,
        )

    @asynccontextmanager
    async def running(self, emit: Collector, **fields: Any) -> AsyncIterator[asyncio.Task[None]]:
        """A source at work."""
        async with self.source(**fields) as source, running(source, emit) as task:
            yield task

    async def create(self, name: str = "", *, labels: Mapping[str, str] = {}, **data: str) -> Any:
        """Another object."""
        name = name or f"cm-{next(self.numbers)}"
        object = {"metadata": {"name": name, "labels": labels}, "data": data}
        return await asyncio.to_thread(self.kube.call, "POST", self.path(), object)

    async def change(self, name: str, *, labels: Mapping[str, str] = {}, **data: str) -> Any:
        """Give an object these labels and data."""
        object = {"metadata": {"name": name, "labels": labels}, "data": data}
        return await asyncio.to_thread(self.kube.call, "PUT", self.path(name), object)

    async def delete(self, name: str) -> None:
        """Remove an object."""
        await asyncio.to_thread(self.kube.call, "DELETE", self.path(name))

    def path(self, name: str = "") -> str:
        """Of one object or all."""
        path = f"/api/v1/namespaces/{self.namespace}/configmaps"
        return f"{path}/{name}" if name else path


async def staged(kube: Kube) -> Stage:
    """A new namespace."""
    return Stage(kube, await asyncio.to_thread(kube.namespace), kube.kubeconfig)


def version_of(object: Any) -> str:
    """The resourceVersion."""
    return str(object["metadata"]["resourceVersion"])
