"""YAML or JSON text -> the object in it, by the rules of Argo Events."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from config.documents import read_documents
from config.errors import Permanent, Severity
from triggers.artifacts.model import Artifact, kind_of

LIMIT: Final = 3 << 19
"""Bytes that an object may have as text: what a cluster's store takes at most."""

_EXACT: Final = 1 << 53


def inline(artifact: Artifact | None) -> dict[str, Any] | None:
    """The object of an artifact that is part of the manifest; None if it has to be fetched. Not to be changed.

    Raises Permanent if there is none, or what is there is no object.
    """
    kind = kind_of(artifact)
    assert artifact is not None
    if kind == "inline":
        assert artifact.inline is not None
        return _parsed(artifact.inline)
    if kind == "resource":
        if not isinstance(artifact.resource, dict):
            raise Permanent("the resource is no object", fix="write the fields of the object below it")
        return _rounded(artifact.resource)  # type: ignore[no-any-return]
    return None


def read_object(data: bytes, where: str) -> dict[str, Any]:
    """The object of a text: its first document, as in Argo Events.

    Whole numbers beyond 2**53 are rounded as there, where every number is a float for a while. Raises Permanent.
    """
    if len(data) > LIMIT:
        raise Permanent(f"has more than {LIMIT} bytes", where=where, fix="no object may be that large")
    documents, faults = read_documents(data, "")
    first = documents[0] if documents else None
    # What is wrong in a later document is nobody's concern.
    begin = first.marks.place(()).line if first is not None else None
    for fault in faults:
        if fault.severity is Severity.FAULT and (begin is None or fault.place.line < begin):
            raise Permanent(f"line {fault.place.line}: {fault.what}", where=where, fix=fault.fix or "correct the text")
    if first is None:
        raise Permanent("is empty", where=where, fix="it has to hold one YAML or JSON object")
    if not isinstance(first.value, dict):
        raise Permanent("is no object, but a list or a single value", where=where, fix="is this the right text?")
    return _rounded(first.value)  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    return read_object(text.encode("utf-8", "surrogatepass"), "inline")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    if type(value) is int and not -_EXACT <= value <= _EXACT:
        return int(float(value))
    return value
