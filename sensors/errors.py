"""What is wrong with a part of a Sensor that has to be compiled before it can run."""

from __future__ import annotations

from typing import ClassVar

from config.block import FieldPath, path_text
from config.errors import EventyardError


class CompileError(EventyardError):
    """A field that cannot be compiled. `path` leads to it from whatever was given to be compiled."""

    code: ClassVar[str] = "invalid"

    def __init__(self, path: FieldPath, what: str, fix: str = "") -> None:
        super().__init__(what, where=path_text(path), fix=fix)
        self.path = path
