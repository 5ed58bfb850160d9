"""Triggers that act on a cluster, without one: each firing is a file of what it would do (`--render-dir`)."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from bus.base import TriggerName
from config.errors import Temporary
from triggers.base import Document, Outcome

_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")


class RenderDir:
    """A folder with one file a firing: `<sensor>.<trigger>.<key>.yaml`, so that a repetition finds its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, name: TriggerName, key: str, documents: Sequence[Document]) -> Outcome:
        """Make the file durable. Raises Temporary if the disk does not take it."""
        path = self._folder / _UNFIT.sub("-", f"{name.sensor.replace('/', '.')}.{name.trigger}.{key}.yaml")
        try:
            await asyncio.to_thread(_write, path, _text(name, key, documents))
        except OSError as error:
            raise Temporary(
                f"the file cannot be written: {error.strerror}", where=str(path), fix="see --render-dir"
            ) from None
        return Outcome(answer=f"written to {path}")


def _text(name: TriggerName, key: str, documents: Sequence[Document]) -> str:
    head = f"# sensor {name.sensor}, trigger {name.trigger}\n# idempotency key {key}\n"
    return head + "".join(
        f"--- # {document.verb}\n{yaml.safe_dump(document.body, sort_keys=False, allow_unicode=True)}"
        for document in documents
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".tmp")
    with whole.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    whole.replace(path)
