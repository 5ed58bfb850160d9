"""Errors that are raised where nobody knows the target yet."""

from __future__ import annotations

from config.errors import Permanent, Temporary


def placed(error: Temporary | Permanent, where: str) -> Temporary | Permanent:
    """The error, with the target named unless it is already."""
    if error.where:
        return error
    if isinstance(error, Temporary):
        return Temporary(error.what, where=where, fix=error.fix, after=error.after)
    return Permanent(error.what, where=where, fix=error.fix)
