"""The object that a firing is about: from its source and the events to what a cluster is given, made once for each key.

A firing may come again after a crash, or after an answer that got lost. So whatever it makes or changes carries its
idempotency key, and a name that the server would invent is derived from that key instead.
"""

from __future__ import annotations

import copy
import hashlib
import re
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.errors import Permanent
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import AlreadyExists, Conflict, NotFound
from config.kubernetes.plural import CLUSTER_WIDE, guess_plural
from config.kubernetes.resource import Object, Resource
from config.sensor import TriggerParameter
from triggers.artifacts import Artifact, Artifacts, inline
from triggers.base import TriggerContext, Values

KEY: Final = "eventyard.io/key"
"""The annotation with the idempotency key of the firing that made or last changed an object."""

SENSOR: Final = "events.argoproj.io/sensor"
TRIGGER: Final = "events.argoproj.io/trigger"
TIMESTAMP: Final = "events.argoproj.io/action-timestamp"
"""Labels of Argo Events: who made an object, and when, in milliseconds since 1970."""

NAME_LENGTH: Final = 63
"""Characters of a generated name, as where the server generates it."""

_DIGEST: Final = 12
"""Characters that make a generated name differ from others: 60 bits."""

_EXISTS: Final = "AlreadyExists"
_LABEL_LENGTH: Final = 63
_NOT_IN_LABEL: Final = re.compile(r"[^A-Za-z0-9_.-]")
_HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True)
class Draft:
    """The object as far as it is known before anything is sent.

    `source` is where it comes from, `found` what stands in the manifest itself (None = it is fetched when the trigger
    fires), `object` that with parameters in it. `edit` writes the parameters of this firing into any object.
    """

    source: Artifact = field(repr=False)
    found: Mapping[str, Any] | None = field(repr=False)
    object: Mapping[str, Any] | None = field(repr=False)
    edit: Callable[[Mapping[str, Any]], Object] = field(repr=False, compare=False)

    async def fetch(self, artifacts: Artifacts) -> Object:
        """The object with parameters in it, to be changed at will. Raises Temporary or Permanent."""
        if self.object is not None:
            return copy.deepcopy(dict(self.object))
        return self.edit(await artifacts.resource(self.source))

    async def fetch_plain(self, artifacts: Artifacts) -> Object:
        """The same without parameters."""
        return copy.deepcopy(dict(self.found if self.found is not None else await artifacts.resource(self.source)))


def draft(source: Artifact | None, parameters: Sequence[TriggerParameter] | None, values: Values) -> Draft:
    """What is known of the object. Pure. Raises Permanent if a parameter cannot be resolved or there is no object."""
    found = inline(source)
    assert source is not None
    listed = parameters or ()

    def edit(object: Mapping[str, Any]) -> Object:
        return values.apply(object, listed) if listed else copy.deepcopy(dict(object))

    if found is None:
        # What cannot be resolved is known before anything is fetched.
        for parameter in listed:
            if parameter.src is not None:
                values.text(parameter.src)
    return Draft(source, found, None if found is None else edit(found), edit)


def hidden(object: Mapping[str, Any]) -> dict[str, Any]:
    """The object for a person to read: values of a Secret are left out."""
    if object.get("kind") != "Secret":
        return dict(object)
    return {
        name: dict.fromkeys(value, _HIDDEN) if name in ("data", "stringData") and isinstance(value, Mapping) else value
        for name, value in object.items()
    }


async def place(cluster: Cluster, object: Object, namespace: str) -> Resource:
    """Find the resource of an object, and write into it where it belongs: its own namespace, else the given one; none
    where the resource has none. Raises UnknownResource."""
    resource = await cluster.find(str(object.get("apiVersion") or ""), str(object.get("kind") or ""))
    _place(object, namespace if resource.namespaced else "")
    return resource


def place_unseen(object: Object, namespace: str) -> None:
    """The same where no cluster says which resources have namespaces: it is guessed, as Argo Events does."""
    _place(object, "" if guess_plural(str(object.get("kind") or "")) in CLUSTER_WIDE else namespace)


def stamp(object: Object, context: TriggerContext, moment: float) -> None:
    """Write in the labels that Argo Events gives to what it makes; `moment` is as of `time.time`.

    As there, labels that are no texts make all of them be lost.
    """
    metadata = metadata_of(object)
    given = metadata.get("labels")
    labels = given if isinstance(given, dict) else {}
    if not all(isinstance(value, str) for value in labels.values()):
        labels = {}
    metadata["labels"] = {
        **labels,
        **labels_of(context),
        TIMESTAMP: str(int(moment * 1000)),
    }


def label_value(text: str) -> str:
    """The text as a label may have it: at most 63 letters, digits, `-`, `_` and `.`, the first and last no sign."""
    return _NOT_IN_LABEL.sub("-", text)[:_LABEL_LENGTH].strip("-_.")


def labels_of(context: TriggerContext) -> dict[str, str]:
    """The labels that say which trigger made an object."""
    return {SENSOR: label_value(context.sensor.rpartition("/")[2]), TRIGGER: label_value(context.trigger)}


def mark(object: Object, key: str) -> None:
    """Write in the annotation with the idempotency key."""
    metadata = metadata_of(object)
    annotations = metadata.get("annotations")
    metadata["annotations"] = {**(annotations if isinstance(annotations, dict) else {}), KEY: key}


def key_of(object: Mapping[str, Any]) -> str:
    """The idempotency key of the firing that made or last changed the object; empty if there is none."""
    annotations = (object.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(KEY) or "")


def name(object: Object, key: str) -> None:
    """Give an object that has only a `generateName` the name that belongs to the key: the same every time."""
    metadata = metadata_of(object)
    prefix = metadata.get("generateName")
    if not metadata.get("name") and isinstance(prefix, str) and prefix:
        metadata["name"] = generated_name(prefix, key)


def generated_name(prefix: str, key: str) -> str:
    """At most NAME_LENGTH characters; a long prefix is cut, as the server does."""
    digest = b32encode(hashlib.sha256(key.encode()).digest()).decode().lower()[:_DIGEST]
    return prefix[: NAME_LENGTH - _DIGEST] + digest


def metadata_of(object: Object) -> dict[str, Any]:
    """The object's `metadata`, made if it has none. Raises Permanent."""
    metadata = object.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise Permanent("'metadata' of the object is no mapping", fix="write metadata: {name: NAME}")
    return metadata


async def create_once(cluster: Cluster, resource: Resource, object: Object, key: str) -> tuple[Object, bool]:
    """Create an object that was placed and marked; what the server has now, and whether it was there already, made by an
    earlier attempt of the same firing.

    Raises AlreadyExists if somebody else made it, otherwise as `Cluster.create`.
    """
    try:
        return await cluster.create(object), False
    except (AlreadyExists, Conflict) as error:
        # Where there is a generateName the server believes that the next one will differ.
        if not isinstance(error, AlreadyExists) and error.reason != _EXISTS:
            raise
        exists = error
    metadata = metadata_of(object)
    try:
        there = await cluster.get(resource, str(metadata.get("name")), namespace=metadata.get("namespace"))
    except NotFound:
        raise Conflict(f"{exists.what}, and is gone again", where=exists.where) from None
    if key_of(there) == key:
        return there, True
    maker = "another firing" if key_of(there) else "somebody else"
    generated = bool(metadata.get("generateName"))
    refused = AlreadyExists(
        f"{exists.what} (it was made by {maker})",
        where=exists.where,
        fix="use another generateName" if generated else "let generateName or a parameter make names that differ",
    )
    refused.status, refused.reason = exists.status, exists.reason
    raise refused


def started(object: Mapping[str, Any]) -> dict[str, Any]:
    """What a wait needs to know of an object: the value of `Outcome.started`."""
    metadata = object.get("metadata") or {}
    return {
        "apiVersion": object.get("apiVersion", ""),
        "kind": object.get("kind", ""),
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "uid": metadata.get("uid", ""),
    }


def _place(object: Object, namespace: str) -> None:
    metadata = metadata_of(object)
    for part in ("name", "namespace"):
        if not isinstance(metadata.get(part) or "", str):
            raise Permanent(
                f"metadata.{part} of the object is no text", fix="write it in quotes, and without useRawData"
            )
    if namespace:
        metadata["namespace"] = metadata.get("namespace") or namespace
    else:
        metadata.pop("namespace", None)
