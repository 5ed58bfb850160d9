"""The resource that a kind is probably called, for where a server does not tell.

The rules are those by which Argo Events always finds the resource of an object (k8s.io/gengo's namer, in lower case).
"""

from __future__ import annotations

from typing import Final

from config.errors import Permanent

CLUSTER_WIDE: Final = frozenset({"namespaces", "nodes", "persistentvolumes", "clusterroles", "clusterrolebindings"})
"""The resources that Argo Events takes for cluster-wide."""

_EXCEPTIONS: Final = {"EventBus": "eventbus"}
_CONSONANTS: Final = frozenset("bcdfghjklmnpqrstvwxyz")


def parse_api_version(text: str) -> tuple[str, str]:
    """Group and version: `apps/v1` -> `("apps", "v1")`; the core group is empty. Raises Permanent for a second slash."""
    if not text or text == "/":
        return "", ""
    group, slash, version = text.partition("/")
    if "/" in version:
        raise Permanent(f"apiVersion '{text}' is not 'group/version'", fix="write apps/v1, for instance, or just v1")
    return (group, version) if slash else ("", group)


def guess_plural(kind: str) -> str:
    """`NetworkPolicy` -> `networkpolicies`. English is not obeyed: `Endpoints` -> `endpointses`."""
    return _EXCEPTIONS.get(kind) or _plural(kind).lower()


def _plural(kind: str) -> str:
    if len(kind.encode()) < 2:
        return kind
    before, last = kind[-2:-1], kind[-1]
    if last in "sxz" or (last == "h" and before in ("c", "s")):
        return f"{kind}es"
    if last == "y" and before in _CONSONANTS:
        return f"{kind[:-1]}ies"
    if last == "f":
        return f"{kind[:-1]}ves"
    if last == "e" and before == "f":
        return f"{kind[:-2]}ves"
    return f"{kind}s"
