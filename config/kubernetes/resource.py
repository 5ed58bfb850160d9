"""One kind of object as a server serves it, and the paths of its objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from config.errors import Permanent

Object = dict[str, Any]
"""An object of the API as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """`plural` is its name in paths and in RBAC rules; `subresources` are names such as `status` and `scale`."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str] = frozenset()
    subresources: frozenset[str] = frozenset()

    @property
    def api_version(self) -> str:
        """As objects have it: `apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Of one object or, without a name, of all; the namespace of a resource that has none does not matter."""
        parts = [group_path(self.group, self.version)]
        if self.namespaced and namespace:
            parts += ["namespaces", segment(namespace, "namespace")]
        parts.append(self.plural)
        if name:
            parts.append(segment(name, "name"))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural


def group_path(group: str, version: str) -> str:
    """The root of one version of a group; the core group (`""`) has one of its own."""
    if not group:
        return f"/api/{segment(version, 'version')}"
    return f"/apis/{segment(group, 'group')}/{segment(version, 'version')}"


def segment(text: str, what: str) -> str:
    """Part of a path. Raises Permanent for what would lead to another object (`..`, a slash)."""
    if text in ("", ".", "..") or "/" in text or "%" in text:
        raise Permanent(f"'{text}' is no {what}", fix="names have letters, digits, '-' and '.'")
    return quote(text, safe=":")
