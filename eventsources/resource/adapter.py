"""Objects of a cluster that are added, changed and deleted, as events: Argo Events' `resource` source, with nothing missed.

An event's data is `{"type": "ADD" | "UPDATE" | "DELETE", "body": object, "oldBody": object | null, "group", "version",
"resource", "metadata"?}`. `oldBody` is the object before an UPDATE, if it was seen in that state.

What was told is noted on the bus, each second at most and after the bus has the events. So a restart, of this program or of
the server, goes on where it was: what was added, changed and deleted meanwhile is told then, objects that are as they were
known are not told again. What is told twice nevertheless, after a crash, has the same id.

Where the server has lost its history (a restart, some minutes) objects are listed and compared: of several changes of one the
last is told, of what came and went in between nothing, and a deletion that was found out so has only `metadata` in its body.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from typing import Any, ClassVar, Final, Self

import orjson

from bus.event import Event
from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.access import find_access
from config.kubernetes.cluster import ALL, Cluster
from config.kubernetes.known import name_of
from config.kubernetes.login import Access
from config.kubernetes.watch import Change, Known, Watch
from config.model import Model
from eventsources.base import Emit, EventSource, SourceContext, TextTest
from eventsources.messages.body import NotJson, as_json
from eventsources.messages.complaints import Complaints
from eventsources.messages.handover import Handover
from eventsources.resource.events import Events, wrap
from eventsources.resource.history import remembers
from eventsources.resource.selectors import field_selector, label_selector
from eventsources.resource.settings import ResourceSettings

BATCH, BATCH_BYTES = 500, 8 << 20
"""What is handed on at once, at most; one event is allowed more."""

NOTED: Final = 1.0
"""Seconds between two notes of what was told."""

PATIENCE: Final = 10.0
"""Seconds that a server may be away before the source says that it is."""

LAST_WAIT: Final = 2.0
"""Seconds that a source which is told to stop may take for its last note."""

_FORMAT: Final = 1


class Resource(EventSource[ResourceSettings]):
    """Publishes what happens to the objects of a resource.

    Entered = the objects that are there are known. `every` is the time in seconds between two notes.
    """

    kind: ClassVar[str] = "resource"
    Settings: ClassVar[type[Model]] = ResourceSettings

    def __init__(
        self,
        settings: ResourceSettings,
        context: SourceContext,
        *,
        find: Callable[[], Access] = find_access,
        every: float = NOTED,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings, context)
        self._find, self._every, self._patience, self._sleep = find, every, patience, sleep
        name = f"source {context.source}/{context.event}"
        self._complaints = Complaints(name)
        self._handover = Handover(name, self._complaints, sleep=sleep)
        self._found: Sequence[Change] = ()
        self._noted: str | None = None

    @classmethod
    def check(cls, settings: ResourceSettings) -> list[tuple[str, str, str]]:
        return settings.check()

    @classmethod
    def tests(cls, settings: ResourceSettings) -> Sequence[TextTest]:
        return settings.tests()

    @classmethod
    def describe(cls, settings: ResourceSettings, host: str) -> str:
        what = ".".join(part for part in (settings.resource, settings.group) if part)
        where = f"in namespace {settings.namespace}" if settings.namespace else "in all namespaces"
        return f"{', '.join(settings.event_types or ())} of {what} {where}"

    @classmethod
    def wrap(cls, settings: ResourceSettings, body: bytes, headers: Mapping[str, str]) -> bytes:
        try:
            return wrap(settings, as_json(body))
        except NotJson as error:
            raise EventyardError(
                f"this is no object: {error}", fix="give one as kubectl get -o json shows it"
            ) from None

    async def __aenter__(self) -> Self:
        # Nothing is asked of a server yet: what is wrong is to be mended here.
        access = self._find()
        async with AsyncExitStack() as stack:
            self._cluster = await stack.enter_async_context(Cluster(access))
            with _mendable():
                self._watch = await stack.enter_async_context(await self._prepare())
                await self._begin()
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    async def run(self, emit: Emit) -> None:
        """Raises Temporary when the server is away for longer."""
        await self._tell(self._found, emit)
        self._found = ()
        try:
            with _mendable():
                await self._follow(emit)
        finally:
            with suppress(Exception):
                async with asyncio.timeout(LAST_WAIT):
                    await self._note()

    async def _prepare(self) -> Watch:
        """What is watched, once it is certain that it may be."""
        settings, cluster = self.settings, self._cluster
        try:
            async with asyncio.timeout(self._patience):
                resource = await cluster.discovery.by_plural(settings.group, settings.version, settings.resource)
        except TimeoutError:
            raise Temporary(f"no answer in {self._patience:g} s", where=cluster.where) from None
        namespace = settings.namespace or ALL
        labels = label_selector((each.key, each.operation, each.value) for each in settings.chosen.labels or ())
        fields = field_selector(
            ((each.path, each.matches, each.pattern) for each in settings.tests()), resource.namespaced
        )
        # Only an event about an update or a deletion needs what was there before.
        keep = not {"UPDATE", "DELETE"}.isdisjoint(settings.event_types or ())
        known, rejected = _load(await self.context.notes.recall(), keep)
        # Whatever is known of something else is forgotten by this.
        watch = Watch(
            cluster,
            resource,
            namespace=namespace,
            labels=labels,
            fields=fields,
            known=known,
            patience=self._patience,
        )
        self._events = Events(
            settings,
            self.context,
            resource,
            known,
            come_and_go=bool(labels),
            rejected=rejected if known.entries else (),
        )
        self._is_first = not (known.version or known.entries)
        if not await remembers(cluster, resource, namespace, known.version):
            known.version = ""
        self._list = partial(cluster.page, resource, namespace=namespace, labels=labels, fields=fields)
        return watch

    async def _begin(self) -> None:
        """Find the objects that are there, unless the server can tell what has happened to those that are known."""
        known = self._watch.known
        if known.version:
            await self._recognise(known)
            return
        silent = self.settings.chosen.after_start and self._is_first
        found: list[Change] = []
        async for batch in self._watch:
            if silent:
                for change in batch.changes:
                    self._events.look(change.object)
            else:
                found += batch.changes
            if batch.complete:
                break
        self._found = found

    async def _recognise(self, known: Known) -> None:
        """Have the objects again that are as they were: what is known of them is kept without them."""
        after = ""
        while known.keep:
            page = await self._list(after=after)
            for object in page.objects:
                entry = known.entries.get(name := name_of(object))
                metadata = object["metadata"]
                if entry and (entry.uid, entry.version) == (metadata.get("uid"), metadata.get("resourceVersion")):
                    known.entries[name] = entry._replace(object=object)
                    self._events.look(object)
            after = page.next
            if not after:
                break

    async def _follow(self, emit: Emit) -> None:
        """Tell what happens, and note once in a while what was told."""
        failure: EventyardError | None = None
        async with asyncio.TaskGroup() as group:
            noting = group.create_task(self._keep_noting(), name=f"notes:{self.context.source}/{self.context.event}")
            try:
                async for batch in self._watch:
                    await self._tell(batch.changes, emit)
            except EventyardError as error:
                failure = error
            finally:
                noting.cancel()
        if failure is not None:
            raise failure

    async def _tell(self, changes: Sequence[Change], emit: Emit) -> None:
        """Return once the bus has all of it."""
        events: list[Event] = []
        size = 0
        for change in changes:
            event = self._events.event(change)
            if event is None:
                continue
            if events and (len(events) >= BATCH or size + event.size > BATCH_BYTES):
                await self._handover.give(events, emit)
                events, size = [], 0
            events.append(event)
            size += event.size
        await self._handover.give(events, emit)

    async def _keep_noting(self) -> None:
        while True:
            await self._note()
            await self._sleep(self._every)

    async def _note(self) -> None:
        """Note what was told, if that is more than was noted last."""
        known = self._watch.known
        if (version := known.version) == self._noted:
            return
        told = {"format": _FORMAT, "known": known.dump().decode(), "rejected": list(self._events.rejected)}
        try:
            # It is about 100 bytes an object.
            await self.context.notes.remember(await asyncio.to_thread(_pack, told))
        except Exception as error:
            self._complaints.say("note", f"what was told cannot be noted, and is told again after a crash: {error}")
        else:
            self._noted = version


@contextmanager
def _mendable() -> Iterator[None]:
    """What a server refuses may be mended there, without anybody touching the manifest."""
    try:
        yield
    except Permanent as error:
        raise Temporary(error.what, where=error.where, fix=error.fix) from None


def _pack(told: Mapping[str, Any]) -> bytes:
    return zlib.compress(orjson.dumps(told), 1)


def _load(note: bytes | None, keep: bool) -> tuple[Known, Sequence[str]]:
    """What was noted; nothing if that was another version of this program."""
    told: Any = {}
    with suppress(zlib.error, orjson.JSONDecodeError):
        told = orjson.loads(zlib.decompress(note)) if note else {}
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        return Known(keep=keep), ()
    return Known.load(told["known"].encode(), keep=keep), told["rejected"]
