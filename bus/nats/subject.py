"""What a subject may be: the rules of NATS, which a server and its client library check in part only."""

from __future__ import annotations

import re
from typing import Final

_UNFIT: Final = re.compile(r"[\x00-\x20\x7f]")


def unfit(subject: str, *, wildcards: bool = False) -> str:
    """Why a subject cannot be used, empty if it can; `wildcards` are for those who subscribe."""
    if not subject:
        return "is empty"
    if _UNFIT.search(subject):
        return "holds a blank or a control character"
    tokens = subject.split(".")
    if not all(tokens):
        return "has an empty part between its dots"
    if not wildcards and any(token in ("*", ">") for token in tokens):
        return "is a pattern, which nothing can be sent to"
    if ">" in tokens[:-1]:
        return "has a > that is not its end"
    if wildcards and any(len(token) > 1 and re.search(r"[*>]", token) for token in tokens):
        return "has a * or > beside other letters"  # to a server that is a name; the client library refuses it
    return ""
