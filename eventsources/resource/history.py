"""Whether a Kubernetes API still knows what happened since a version, asked before anything depends on it."""

from __future__ import annotations

from typing import Final

import orjson

from config.kubernetes.cluster import Cluster
from config.kubernetes.resource import Resource
from config.kubernetes.watch import SILENCE

_NOBODY: Final = "eventyard.io/nobody"
"""A label that no object has: what happens is not wanted here, only whether it could be had."""


async def remembers(cluster: Cluster, resource: Resource, namespace: str, version: str) -> bool:
    """Whether a watch from that version on would miss nothing; takes a second if so, as only its end tells.

    Lists and watches, also if there is no version: whoever may not finds out now, and not when there is something to be told.
    Raises as requests do.
    """
    page = await cluster.page(resource, namespace=namespace, limit=1)
    goes_on = bool(version) and not _is_older(page.version, version)
    space = cluster.space(resource, namespace)
    query = {
        "watch": "true",
        "resourceVersion": version if goes_on else page.version,
        "labelSelector": _NOBODY,
        "timeoutSeconds": "1",
    }
    attempt = cluster.attempt("watch", resource, namespace=space)
    async with cluster.connection.stream(attempt, resource.path(space), query=query, silence=SILENCE) as chunks:
        if not goes_on:
            return False
        told = b"".join([chunk async for chunk in chunks])
    return not any(orjson.loads(line)["type"] == "ERROR" for line in told.splitlines())


def _is_older(present: str, version: str) -> bool:
    """A server that was restored from a backup has yet to come to versions that it gave before."""
    return present.isdecimal() and version.isdecimal() and int(present) < int(version)
