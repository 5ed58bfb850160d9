"""Which files hold manifests: those named, and those within the folders named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from config.errors import Fault, Place

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json"})
_LARGEST: Final = 64 << 20


def find_files(paths: Sequence[Path], faults: list[Fault]) -> list[Path]:
    """Every manifest file once, sorted; folders are searched whole, hidden files and folders within them left out."""
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            candidates: Iterator[Path] = _within(path)
        elif path.is_file():
            candidates = iter([path])
        else:
            faults.append(Fault("no such file or folder", Place(str(path)), code="no-file"))
            continue
        for candidate in candidates:
            found.setdefault(candidate.resolve(), candidate)
    return sorted(found.values())


def read_file(path: Path, faults: list[Fault]) -> bytes | None:
    """A file's content, or None after a fault."""
    try:
        if path.stat().st_size > _LARGEST:
            faults.append(Fault(f"larger than {_LARGEST >> 20} MiB", Place(str(path)), code="too-large"))
            return None
        return path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        faults.append(Fault(what, Place(str(path)), fix="check its permissions", code="unreadable"))
        return None


def _within(folder: Path) -> Iterator[Path]:
    # Mounted ConfigMaps are links to files in a hidden folder, so links to files count and hidden folders do not.
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and path.suffix.lower() in SUFFIXES and path.is_file():
                yield path
