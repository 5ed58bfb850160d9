"""Follow the objects of a resource: list, then watch, and come back after whatever interrupts that.

A server forgets what happened some minutes ago, and everything when it restarts; then objects are listed again and
compared with what is known. So nothing is missed but what came and went in between, and nothing is told twice.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import Attempt, Expired, Unavailable, failure
from config.kubernetes.known import Change, Known, name_of
from config.kubernetes.resource import Object, Resource

SILENCE: Final = 90.0
"""Seconds without a byte after which a connection is not believed in: bookmarks come once a minute."""

_LASTS: Final = 240.0
"""Seconds that one watch lasts at least, and at most a quarter more, so that not all come back at once."""

_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 2.0
_SHORTEST_WATCH: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Changes in order. `listed`: found by listing, not as they happened; `complete`: with these, everything is known that
    is there. The last batch of a list is complete and may be empty."""

    changes: Sequence[Change]
    listed: bool
    complete: bool


class Watch:
    """The changes of the objects of a resource, in batches, for ever; entered and left as a context, iterated once.

    `known` is advanced when the next batch is asked for: what it holds has been dealt with. Whoever dumps it at any time,
    and begins with it again later, gets what has changed since; without it every object comes as ADDED first.

    A failure is waited out for `patience` seconds since all was well, then it is raised; iterating a new Watch with the
    same `known` goes on. If nothing ever succeeded a Permanent one is raised at once.
    """

    def __init__(
        self,
        cluster: Cluster,
        resource: Resource,
        *,
        namespace: str | None = None,
        labels: str = "",
        fields: str = "",
        known: Known | None = None,
        patience: float = 15.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.known = known if known is not None else Known()
        self._cluster, self._resource, self._patience = cluster, resource, patience
        self._sleep, self._chance, self._clock = sleep, chance, clock
        self._namespace = cluster.space(resource, namespace)
        self._labels, self._fields = labels, fields
        scope = f"{cluster.where} {resource.path(self._namespace)} {labels} {fields}"
        if self.known.scope != scope:
            self.known.scope, self.known.version = scope, ""
            self.known.entries.clear()
        self._healthy: float | None = None
        self._failed = 0
        self._batches = self._follow()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._batches.aclose()

    def __aiter__(self) -> AsyncIterator[Batch]:
        return self._batches

    async def _follow(self) -> AsyncGenerator[Batch, None]:
        began = self._clock()
        while True:
            try:
                if self.known.version and not await self._remembered():
                    self.known.version = ""
                if not self.known.version:
                    async with aclosing(self._list()) as listed:
                        async for batch in listed:
                            yield batch
                while True:
                    pause = self._clock() + _SHORTEST_WATCH
                    async with aclosing(self._watch()) as seen:
                        async for batch in seen:
                            yield batch
                    self._failed = 0
                    await self._sleep(max(0.0, pause - self._clock()))
            except Expired:
                self.known.version = ""
                await self._sleep(self._wait())
            except EventyardError as error:
                if self._healthy is None and isinstance(error, Permanent):
                    raise
                # A server that starts up does not know its custom resources and its roles at first: 404 and 403 may pass.
                if self._clock() - (began if self._healthy is None else self._healthy) > self._patience:
                    raise
                asked = error.after if isinstance(error, Temporary) else None
                await self._sleep(max(asked or 0.0, self._wait()))

    async def _remembered(self) -> bool:
        """Whether the server's history goes on from ours: one that was restored from a backup would be silent until it
        has caught up with versions that it never gave."""
        page = await self._cluster.page(self._resource, namespace=self._namespace, limit=1)
        self._healthy = self._clock()
        if not (page.version.isdecimal() and self.known.version.isdecimal()):
            return True
        return int(page.version) >= int(self.known.version)

    async def _list(self) -> AsyncGenerator[Batch, None]:
        present: set[str] = set()
        after = ""
        while True:
            page = await self._cluster.page(
                self._resource, namespace=self._namespace, labels=self._labels, fields=self._fields, after=after
            )
            self._healthy = self._clock()
            present.update(map(name_of, page.objects))
            step = self.known.compare(page.objects)
            after = page.next
            if not after:
                break
            yield Batch(changes=step.changes, listed=True, complete=False)
            self.known.commit(step)
        missing = self.known.missing(present)
        yield Batch(changes=[*step.changes, *missing.changes], listed=True, complete=True)
        self.known.commit(step)
        self.known.commit(missing)
        self.known.version = page.version

    async def _watch(self) -> AsyncGenerator[Batch, None]:
        attempt = self._cluster.attempt("watch", self._resource, namespace=self._namespace)
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self.known.version,
            "timeoutSeconds": str(int(_LASTS * (1 + self._chance() / 4))),
            "labelSelector": self._labels,
            "fieldSelector": self._fields,
        }
        query = {name: value for name, value in query.items() if value}
        path = self._resource.path(self._namespace)
        async with self._cluster.connection.stream(attempt, path, query=query, silence=SILENCE) as chunks:
            self._healthy = self._clock()
            rest = b""
            async for chunk in chunks:
                # A last line that is cut off is left out, and comes again.
                *lines, rest = (rest + chunk).split(b"\n")
                events, version, refusal = _parse(attempt, lines)
                if events:
                    step = self.known.observe(events)
                    yield Batch(changes=step.changes, listed=False, complete=True)
                    self.known.commit(step)
                if version:
                    self.known.version, self._healthy, self._failed = version, self._clock(), 0
                if refusal is not None:
                    raise refusal

    def _wait(self) -> float:
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**self._failed)
        self._failed += 1
        return longest * (0.5 + self._chance() / 2)


def _parse(attempt: Attempt, lines: Sequence[bytes]) -> tuple[list[tuple[str, Object]], str, EventyardError | None]:
    """Events, the last version that they or a bookmark have, and what ends them."""
    events: list[tuple[str, Object]] = []
    version = ""
    for line in filter(None, lines):
        try:
            event: Mapping[str, Any] = orjson.loads(line)
            kind, object = str(event["type"]), event["object"]
            if kind == "ERROR":
                return events, version, failure(attempt, int(object["code"]), orjson.dumps(object))
            version = str(object["metadata"]["resourceVersion"])
        except (ValueError, KeyError, TypeError):
            refusal = Unavailable(f"the attempt to {attempt} brought what is no event", where=attempt.where)
            return events, version, refusal
        if kind != "BOOKMARK":
            events.append((kind, object))
    return events, version, None


__all__ = ["Batch", "Change", "Known", "Watch"]
