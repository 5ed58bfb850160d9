"""What becomes of an object that is there already: pure functions, by the rules of Argo Events where it has any."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from config.errors import Permanent
from config.kubernetes.resource import Object
from triggers.cluster.object import KEY, metadata_of

PATCH: Final = "patch"
"""The field of the source that holds the operations of a JSON patch; the rest says which object is meant."""

_ESCAPED_KEY: Final = KEY.replace("~", "~0").replace("/", "~1")
_FIX: Final = "write below the object's metadata patch: [{op: replace, path: /spec/replicas, value: 3}]"


def merged(live: Mapping[str, Any], given: Mapping[str, Any]) -> Object:
    """The live object with the given one laid over it: mappings are merged, an empty one changes nothing; anything else
    replaces what is there, lists as well."""
    result = dict(live)
    for name, value in given.items():
        there = result.get(name)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            result[name] = merged(there, value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def operations(object: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations of a JSON patch (RFC 6902) that an object has in its field `patch`. Raises Permanent."""
    found = object.get(PATCH)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Permanent("for a JSON patch the source needs a list 'patch' of operations", fix=_FIX)
    return found


def marked_patch(patch: list[dict[str, Any]], live: Object, key: str) -> list[dict[str, Any]]:
    """The patch with the annotation of the idempotency key, and refused by the server if the object is no longer `live`."""
    unchanged = {
        "op": "replace",
        "path": "/metadata/resourceVersion",
        "value": metadata_of(live).get("resourceVersion"),
    }
    mark: dict[str, Any] = {"op": "add", "path": "/metadata/annotations", "value": {KEY: key}}
    if isinstance(metadata_of(live).get("annotations"), dict):
        mark = {"op": "add", "path": f"/metadata/annotations/{_ESCAPED_KEY}", "value": key}
    # First, so that a patch which adds annotations itself has the last word.
    return [unchanged, mark, *patch]
