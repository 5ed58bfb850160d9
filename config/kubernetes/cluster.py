"""Objects of a cluster: create, read, change, delete. Whatever fails does so by an error of `failures`; nothing is retried.

A namespace that is not given is the object's own, then that of the kubeconfig or the Pod.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from config.kubernetes.connection import JSON, Connection
from config.kubernetes.discovery import Discovery
from config.kubernetes.failures import Attempt, Invalid, NotFound
from config.kubernetes.login import Access
from config.kubernetes.resource import Object, Resource

ALL: Final = ""
"""Every namespace, for lists and watches."""

PAGE: Final = 500
"""Objects of one answer to a list."""

FIELD_MANAGER: Final = "eventyard"


class Patch(StrEnum):
    """How a patch is written, by the media type. Custom resources do not know STRATEGIC."""

    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"
    JSON = "application/json-patch+json"
    APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Part of a list, each object with its `apiVersion` and `kind`. `version` is the resourceVersion of the whole list,
    the same on each page; `next` is empty on the last."""

    objects: list[Object]
    version: str
    next: str


class Cluster:
    """One API server. Entering connects nothing: the first request does. May be shared by any number of tasks."""

    def __init__(self, access: Access, *, timeout: float = 30.0) -> None:
        self.where, self.namespace = access.where, access.namespace
        self.connection = Connection(access, timeout=timeout)
        self.discovery = Discovery(self.connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.connection.__aexit__(*exc)

    async def find(self, api_version: str, kind: str) -> Resource:
        """The resource of such objects. Raises UnknownResource with what was probably meant."""
        return await self.discovery.by_kind(api_version, kind)

    async def create(self, object: Mapping[str, Any], *, namespace: str | None = None) -> Object:
        """Make the object; what the server made of it. Raises AlreadyExists."""
        resource = await self.find(*_type_of(object))
        space = _namespace_of(object) or namespace
        return await self._request("POST", "create", resource, "", space, body=object, called=_name_of(object))

    async def get(
        self, resource: Resource, name: str, *, namespace: str | None = None, subresource: str = ""
    ) -> Object:
        """The object as it is. Raises NotFound."""
        return await self._request("GET", "get", resource, name, namespace, subresource)

    async def replace(
        self, object: Mapping[str, Any], *, namespace: str | None = None, subresource: str = ""
    ) -> Object:
        """Put the whole object in the place of the present one; of a subresource only that part counts.

        Raises Conflict if its `metadata.resourceVersion` is no longer the present one.
        """
        resource = await self.find(*_type_of(object))
        space = _namespace_of(object) or namespace
        return await self._request("PUT", "update", resource, _name_of(object), space, subresource, body=object)

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
        """Change part of an object. `type` is any media type; `force` takes fields over from other managers (APPLY).

        Raises Invalid if the server does not take this type for this resource, Conflict if a `resourceVersion` in the
        patch is no longer the present one.
        """
        if type == Patch.JSON and not isinstance(patch, list):
            # The library would send it as another type.
            raise Invalid("a JSON patch is a list of operations", where=self.where, fix="use a merge patch")
        query = {"fieldManager": FIELD_MANAGER, "force": str(force).lower()} if type == Patch.APPLY else {}
        return await self._request(
            "PATCH", "patch", resource, name, namespace, subresource, body=patch, content_type=str(type), query=query
        )

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        uid: str = "",
        propagation: str = "",
    ) -> Object:
        """Delete an object. `uid` protects another one of the same name (Conflict); `propagation` is `Foreground`,
        `Background` or `Orphan`, by default the resource's own. Raises NotFound."""
        options: dict[str, Any] = {"preconditions": {"uid": uid}} if uid else {}
        if propagation:
            options["propagationPolicy"] = propagation
        return await self._request("DELETE", "delete", resource, name, namespace, body=options or None)

    async def page(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        labels: str = "",
        fields: str = "",
        limit: int = PAGE,
        after: str = "",
    ) -> Page:
        """The first part of a list of all objects, or of those that the selectors choose; `after` is the `next` of the
        part before. All parts are as of one moment: raises Expired if reading them took longer than the server remembers.
        """
        query = {"limit": str(limit), "labelSelector": labels, "fieldSelector": fields, "continue": after}
        query = {name: value for name, value in query.items() if value}
        answer = await self._request("GET", "list", resource, "", namespace, query=query)
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        metadata = answer.get("metadata") or {}
        return Page(
            objects=[{**kind, **item} for item in answer.get("items") or ()],
            version=str(metadata.get("resourceVersion") or ""),
            next=str(metadata.get("continue") or ""),
        )

    async def list(
        self, resource: Resource, *, namespace: str | None = None, labels: str = "", fields: str = ""
    ) -> list[Object]:
        """The objects of all parts. Raises as `page` does."""
        found: list[Object] = []
        after = ""
        while True:
            page = await self.page(resource, namespace=namespace, labels=labels, fields=fields, after=after)
            found += page.objects
            after = page.next
            if not after:
                return found

    def space(self, resource: Resource, namespace: str | None) -> str:
        """The namespace that is meant; empty where there is none."""
        if not resource.namespaced:
            return ""
        return self.namespace if namespace is None else namespace

    def attempt(
        self, verb: str, resource: Resource, name: str = "", namespace: str = "", subresource: str = ""
    ) -> Attempt:
        """What is about to be done, for messages."""
        what = f"{resource}{f'/{subresource}' if subresource else ''}{f' {name!r}' if name else ''}"
        return Attempt(verb=verb, what=f"{what} in namespace '{namespace}'" if namespace else what, where=self.where)

    async def _request(
        self,
        method: str,
        verb: str,
        resource: Resource,
        name: str,
        namespace: str | None,
        subresource: str = "",
        *,
        query: Mapping[str, str] = {},
        body: Any = None,
        content_type: str = JSON,
        called: str = "",
    ) -> Object:
        space = self.space(resource, namespace)
        if not space and (name or method == "POST"):
            space = self.space(resource, None)
        attempt = self.attempt(verb, resource, name or called, space, subresource)
        path = resource.path(space, name, subresource)
        try:
            answer: Object = await self.connection.request(
                attempt, method, path, query=query, body=body, content_type=content_type
            )
        except NotFound as error:
            if not error.served:
                self.discovery.forget(resource)
            raise
        return answer


def _type_of(object: Mapping[str, Any]) -> tuple[str, str]:
    return str(object.get("apiVersion") or ""), str(object.get("kind") or "")


def _metadata_of(object: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = object.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _namespace_of(object: Mapping[str, Any]) -> str | None:
    return str(_metadata_of(object).get("namespace") or "") or None


def _name_of(object: Mapping[str, Any]) -> str:
    return str(_metadata_of(object).get("name") or "")
