"""The wildcards of gjson, in keys and in the ``%`` comparison: ``*`` any characters, ``?`` one, ``\\`` takes the next as is."""

from __future__ import annotations

import re


def compile_wildcard(pattern: str) -> re.Pattern[str]:
    """A regular expression for ``match`` that takes a whole text, in time bounded by text times pattern.

    Every run of fixed characters after a star is taken at its first place and never reconsidered (the group is atomic):
    a later place could not match more, and reconsidering is what makes such patterns explode.
    """
    runs: list[str] = [""]
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "*":
            runs.append("")
        elif character == "?":
            runs[-1] += "."
        else:
            if character == "\\" and at + 1 < len(pattern):
                at += 1
            runs[-1] += re.escape(pattern[at])
        at += 1
    first, *later = runs
    if not later:
        return re.compile(rf"{first}\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{run})" for run in later[:-1] if run)
    return re.compile(rf"{first}{middle}.*{later[-1]}\Z", re.DOTALL)
