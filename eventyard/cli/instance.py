"""Which instance a command asks: the one that runs at --ops or, to read only, a stopped one's data directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from eventyard.address import ADDRESS, DEFAULT_ADDRESS
from eventyard.client import Instance, Unreachable

Ops = Annotated[
    str, typer.Option(metavar="HOST:PORT", envvar=ADDRESS, help="Where the instance has its health, metrics and API.")
]
DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Read here instead; .eventyard is read anyway if nothing listens at --ops."),
]

DEFAULT_DATA_DIR = Path(".eventyard")


class Answers(Protocol):
    """What can be asked of a running instance and of a stopped one."""

    def events(self, query: Mapping[str, str]) -> list[dict[str, Any]]: ...

    def event(self, id: str) -> list[dict[str, Any]]: ...

    def explain(self, id: str) -> list[dict[str, Any]]: ...

    def dead_letters(self, query: Mapping[str, str]) -> list[dict[str, Any]]: ...

    def dead_letter(self, id: str) -> dict[str, Any]: ...


def find_answers(ops: str, data_dir: Path | None) -> Answers:
    """Whom to ask. Raises EventyardError if there is neither a running instance nor a data directory."""
    if data_dir is not None:
        return _stopped(data_dir)
    instance = Instance(ops)
    try:
        instance.greet()
    except Unreachable:
        if not DEFAULT_DATA_DIR.is_dir():
            raise
        return _stopped(DEFAULT_DATA_DIR)
    return instance


def _stopped(data_dir: Path) -> Answers:
    from eventyard.stopped import StoppedInstance

    return StoppedInstance(data_dir)


__all__ = ["DEFAULT_ADDRESS", "Answers", "DataDir", "Ops", "find_answers"]
