"""What fields of older versions of Argo Events became; manifests in the wild still carry them."""

from __future__ import annotations

from config.block import FieldPath


def became(path: FieldPath) -> str:
    """What to write instead of the field at the end of that path, or nothing."""
    return ""


def source_became(name: str) -> str:
    """The present name of a type of source."""
    return ""


def kind_became(kind: str) -> str:
    """What to write instead of a kind of older versions, or nothing."""
    return ""
