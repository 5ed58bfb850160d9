"""Texts that are given to git: what of them is allowed, and what may be shown. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from config.errors import Permanent

_LOGIN: Final = re.compile(r"(://)[^/@\s]*@")
# What git allows in a reference, less what would make a refspec or a revision of it.
_BAD_REFERENCE: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\]\\]|\.\.|@\{|//|^[-+/]|[./]$")


def check_path(path: str) -> None:
    """Raises Permanent for what may lead out of a folder; Argo Events refuses the same."""
    if "~" in path or "\\" in path or "\0" in path or ".." in path.split("/"):
        raise Permanent(f"the path '{path}' may lead elsewhere", fix="write it without '..', '~' and '\\'")


def inner_path(path: str) -> str:
    """A path within a repository in its plain form. Raises Permanent."""
    check_path(path)
    plain = posixpath.normpath(path.lstrip("/")) if path.strip("/") else "."
    if plain == ".":
        raise Permanent("no file of the repository is named", fix="give filePath")
    return plain


def check_reference(name: str) -> None:
    """Raises Permanent for what cannot be the name of a branch, a tag or a reference."""
    if _BAD_REFERENCE.search(name):
        raise Permanent(f"'{name}' is no name of a branch, tag or reference", fix="see 'git check-ref-format'")


def without_login(text: str) -> str:
    """A text without the logins of the URLs in it."""
    return _LOGIN.sub(r"\1", text)
