"""What several commands take: files, headers, and names of events. Whatever is wrong with them is wrong usage."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer


def read_content(file: str, option: str) -> bytes:
    """A file's bytes, those of standard input for `-`."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint=option) from None


def read_headers(lines: Sequence[str]) -> dict[str, str]:
    """`Name: value` lines by name."""
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise typer.BadParameter(f"'{line}' is no header; write 'Name: value'", param_hint="--header")
        headers[name.strip()] = value.strip()
    return headers


def split_name(text: str, option: str) -> tuple[str, str]:
    """EVENTSOURCE/EVENT."""
    source, slash, event = text.partition("/")
    if not slash or not source or not event:
        raise typer.BadParameter(f"'{text}' is not EVENTSOURCE/EVENT", param_hint=option)
    return source, event
