"""Resource-level parameters: the settings of one firing, made from a trigger's own by the `parameters` in its block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from config.block import Marks
from config.decode import decode
from config.errors import Fault, Permanent, Severity
from config.model import Model
from config.sensor import TriggerParameter
from triggers.base import Values

M = TypeVar("M", bound=Model)


def overridden(settings: M, parameters: Sequence[TriggerParameter], values: Values) -> M:
    """The settings with parameters written into them; as in Argo Events, empty fields count as absent.

    Raises Permanent if a parameter cannot be resolved or what comes out is no valid block.
    """
    written = settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    faults: list[Fault] = []
    result = decode(type(settings), values.apply(written, parameters), (), Marks("", {}), faults, warn_unknown=False)
    wrong = [str(fault) for fault in faults if fault.severity is Severity.FAULT]
    if result is None or wrong:
        raise Permanent(f"parameters made the trigger invalid: {'; '.join(wrong)}", fix="check dest and useRawData")
    return result
