"""Numbers of a trigger's block that parameters may write as text, which is what they write unless told otherwise."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from config.model import Int64


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


Number = Annotated[Int64, BeforeValidator(_number)]
"""An integer, or a text of digits."""
