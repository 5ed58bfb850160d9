"""Patches of a kustomization look like manifests and are none: they are named, and left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

_NAMES: Final = frozenset({"kustomization.yaml", "kustomization.yml"})
_KINDS: Final = ("Kustomization", "Component")
_LISTS: Final = ("patches", "patchesStrategicMerge", "patchesJson6902")


def is_kustomization(path: Path, value: Any) -> bool:
    """Whether a document tells kustomize what to build."""
    if not isinstance(value, dict):
        return False
    return path.name in _NAMES or (value.get("kind") in _KINDS and "kustomize" in str(value.get("apiVersion")))


def patches(documents: Iterable[tuple[Path, Any]]) -> frozenset[Path]:
    """The files that kustomizations among these documents apply as patches."""
    return frozenset(
        (path.parent / patch).resolve()
        for path, value in documents
        if is_kustomization(path, value)
        for patch in _patches(value)
    )


def _patches(value: dict[str, Any]) -> Iterator[str]:
    for name in _LISTS:
        entries = value.get(name)
        for entry in entries if isinstance(entries, list) else ():
            patch = entry.get("path") if isinstance(entry, dict) else entry
            # A patch may also be written here itself, which takes several lines.
            if isinstance(patch, str) and "\n" not in patch and "\0" not in patch:
                yield patch
