"""apiVersion and kind -> the resource that the server has for it: asked once for each version of a group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from config.decode import nearest
from config.errors import Permanent
from config.kubernetes.connection import Connection
from config.kubernetes.failures import Attempt, Forbidden, NotFound
from config.kubernetes.plural import CLUSTER_WIDE, guess_plural, parse_api_version
from config.kubernetes.resource import Resource, group_path

_RULE: Final = "grant the ClusterRole 'system:discovery', which every user has by default"


class UnknownResource(Permanent):
    """The server has nothing of that name; the fix says what it has."""


class Discovery:
    """Remembers what the server said; asks again for what it did not know then, and after `forget`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str], tuple[Resource, ...]] = {}
        self._lock = asyncio.Lock()

    async def by_kind(self, api_version: str, kind: str) -> Resource:
        """Of objects with this `apiVersion` and `kind`. Where discovery is forbidden it is guessed, as Argo Events does.

        Raises UnknownResource, or an error of `failures`.
        """
        group, version = parse_api_version(api_version)
        if not version or not kind:
            raise UnknownResource("an object needs 'apiVersion' and 'kind'", fix="write both")
        try:
            return await self._find(group, version, "kind", kind, lambda one: one.kind)
        except Forbidden:
            plural = guess_plural(kind)
            return Resource(
                group=group, version=version, kind=kind, plural=plural, namespaced=plural not in CLUSTER_WIDE
            )

    async def by_plural(self, group: str, version: str, plural: str) -> Resource:
        """Of this name in paths. Raises as `by_kind` does, and Forbidden where discovery is."""
        try:
            return await self._find(group, version, "resource", plural, lambda one: one.plural)
        except Forbidden as error:
            error.fix = _RULE
            raise

    def forget(self, resource: Resource) -> None:
        """Ask again when it is next wanted."""
        self._known.pop((resource.group, resource.version), None)

    async def _find(self, group: str, version: str, what: str, name: str, key: Callable[[Resource], str]) -> Resource:
        known = self._known.get((group, version), ())
        for one in known:
            if key(one) == name:
                return one
        async with self._lock:
            if self._known.get((group, version), ()) == known:
                self._known[group, version] = await self._ask(group, version)
        fresh = {key(one): one for one in self._known[group, version]}
        if name in fresh:
            return fresh[name]
        served = Resource(group=group, version=version, kind="", plural="", namespaced=False).api_version
        raise UnknownResource(
            f"the server has no {what} '{name}' in {served}",
            where=self._connection.where,
            fix=nearest(name, fresh)
            or f"it has: {', '.join(sorted(fresh))}; a CustomResourceDefinition may be missing",
        )

    async def _ask(self, group: str, version: str) -> tuple[Resource, ...]:
        attempt = Attempt(
            verb="discover", what=f"resources of {group or 'the core group'}", where=self._connection.where
        )
        try:
            answer = await self._connection.request(attempt, "GET", group_path(group, version))
        except NotFound:
            raise await self._no_version(attempt, group, version) from None
        return _resources(answer, group, version)

    async def _no_version(self, attempt: Attempt, group: str, version: str) -> UnknownResource:
        if not group:
            return UnknownResource(
                f"the server has no apiVersion '{version}'", where=attempt.where, fix="the core group has v1 only"
            )
        answer = await self._connection.request(attempt, "GET", "/apis")
        groups = {one["name"]: [each["version"] for each in one["versions"]] for one in answer["groups"]}
        if group in groups:
            fix = f"write {' or '.join(f'{group}/{one}' for one in groups[group])}"
        else:
            fix = nearest(group, groups) or "install its CustomResourceDefinitions, or correct the group"
        return UnknownResource(f"the server has no apiVersion '{group}/{version}'", where=attempt.where, fix=fix)


def _resources(answer: Mapping[str, Any], group: str, version: str) -> tuple[Resource, ...]:
    entries = answer.get("resources") or ()
    below: dict[str, set[str]] = {}
    for entry in entries:
        plural, slash, subresource = entry["name"].partition("/")
        if slash:
            below.setdefault(plural, set()).add(subresource)
    return tuple(
        Resource(
            group=group,
            version=version,
            kind=entry["kind"],
            plural=entry["name"],
            namespaced=bool(entry["namespaced"]),
            verbs=frozenset(entry.get("verbs") or ()),
            subresources=frozenset(below.get(entry["name"], ())),
        )
        for entry in entries
        if "/" not in entry["name"]
    )
