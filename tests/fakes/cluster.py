"""A cluster in memory: what is asked of it arrives here checked, and is written down."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from config.kubernetes.cluster import Cluster, Patch
from config.kubernetes.failures import AlreadyExists, NotFound
from config.kubernetes.plural import CLUSTER_WIDE, guess_plural, parse_api_version
from config.kubernetes.resource import Object, Resource


class FakeCluster(Cluster):
    """Objects in a dict, found by the plurals that Argo Events guesses; `actions` are what was asked for."""

    def __init__(self, existing: list[Object]) -> None:
        self.where, self.namespace = "memory", "default"
        self.actions: list[dict[str, Any]] = []
        self._objects = {self._place(self._resource(each), each): each for each in existing}

    async def find(self, api_version: str, kind: str) -> Resource:
        group, version = parse_api_version(api_version)
        plural = guess_plural(kind)
        return Resource(group=group, version=version, kind=kind, plural=plural, namespaced=plural not in CLUSTER_WIDE)

    async def create(self, object: Mapping[str, Any], *, namespace: str | None = None) -> Object:
        resource, made = self._resource(object), copy.deepcopy(dict(object))
        assert namespace is None
        self._note("create", resource, made["metadata"].get("namespace"), object=made)
        where = self._place(resource, made)
        if where in self._objects:
            raise AlreadyExists(f"{resource} already exists")
        self._objects[where] = made
        return copy.deepcopy(made)

    async def get(
        self, resource: Resource, name: str, *, namespace: str | None = None, subresource: str = ""
    ) -> Object:
        assert name and not subresource
        self._note("get", resource, namespace, name=name)
        return copy.deepcopy(self._found(resource, namespace, name))

    async def replace(
        self, object: Mapping[str, Any], *, namespace: str | None = None, subresource: str = ""
    ) -> Object:
        resource, made = self._resource(object), copy.deepcopy(dict(object))
        assert namespace is None and not subresource
        self._note("update", resource, made["metadata"].get("namespace"), object=made)
        live = self._found(resource, made["metadata"].get("namespace"), made["metadata"]["name"])
        assert made["metadata"].get("resourceVersion") == live["metadata"].get("resourceVersion")
        self._objects[self._place(resource, made)] = made
        return copy.deepcopy(made)

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Any,
        *,
        type: Patch | str = Patch.MERGE,
        namespace: str | None = None,
        subresource: str = "",
        force: bool = False,
    ) -> Object:
        assert not subresource and force == (type == Patch.APPLY)
        self._note("patch", resource, namespace, name=name, patchType=str(type), patch=copy.deepcopy(patch))
        live = self._found(resource, namespace, name)
        made: Object = _merge_patched(live, patch)
        self._objects[self._place(resource, made)] = made
        return copy.deepcopy(made)

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        uid: str = "",
        propagation: str = "",
    ) -> Object:
        self._note("delete", resource, namespace, name=name)
        live = self._found(resource, namespace, name)
        return self._objects.pop(self._place(resource, live))

    def _note(self, verb: str, resource: Resource, namespace: str | None, **more: Any) -> None:
        assert bool(namespace) == resource.namespaced
        kind = {"group": resource.group, "version": resource.version, "resource": resource.plural}
        self.actions.append({"verb": verb, **kind, "namespace": namespace or "", **more})

    def _resource(self, object: Mapping[str, Any]) -> Resource:
        group, version = parse_api_version(str(object.get("apiVersion") or ""))
        plural = guess_plural(object["kind"])
        return Resource(
            group=group, version=version, kind=object["kind"], plural=plural, namespaced=plural not in CLUSTER_WIDE
        )

    def _place(self, resource: Resource, object: Mapping[str, Any]) -> tuple[Resource, str, str]:
        metadata = object["metadata"]
        return resource, metadata.get("namespace") or "", metadata.get("name") or ""

    def _found(self, resource: Resource, namespace: str | None, name: str) -> Object:
        found = self._objects.get((resource, namespace or "", name))
        if found is None:
            raise NotFound(f"{resource} '{name}' not found")
        return found


def _merge_patched(live: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge_patched(result.get(name), value)
    return result
