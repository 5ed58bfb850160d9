"""Paths with slashes, as Go's packages path and path/filepath take them apart."""

from __future__ import annotations


def clean(path: str) -> str:
    """The shortest path that means the same."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for segment in path.split("/"):
        if segment in ("", "."):
            continue
        if segment != "..":
            kept.append(segment)
        elif kept and kept[-1] != "..":
            kept.pop()
        elif not rooted:
            kept.append(segment)
    return ("/" if rooted else "") + "/".join(kept) or "."


def base(path: str) -> str:
    """The last segment."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """All but the last segment."""
    head, slash, _ = path.rpartition("/")
    return clean(head + slash)


def extension(path: str) -> str:
    """The last segment from its last dot on."""
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :] if "." in name else ""


def is_absolute(path: str) -> bool:
    return path.startswith("/")
