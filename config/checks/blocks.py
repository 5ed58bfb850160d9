"""The blocks of sources and triggers, held against what Argo Events knows of their types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from config.block import Block, FieldPath
from config.checks.shapes import Known
from config.checks.sources import SOURCES
from config.checks.triggers import TRIGGERS
from config.decode import decode, decode_rest
from config.errors import Fault
from config.findings import Findings
from config.model import ConfigMapKeySelector, SecretKeySelector

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def check_source(block: Block, findings: Findings) -> None:
    """Wrong types, and what Argo Events would refuse; nothing for a type of someone else's."""
    _check(SOURCES.get(block.type), block, findings)


def check_trigger(block: Block, findings: Findings) -> None:
    """The same for the body of a trigger."""
    _check(TRIGGERS.get(block.type), block, findings)


def unknown_source_fields(block: Block) -> list[Fault]:
    """Warnings of fields that Argo Events does not know, for sources that no adapter reads."""
    return _unknown(SOURCES.get(block.type), block)


def unknown_trigger_fields(block: Block) -> list[Fault]:
    """The same for triggers that no adapter reads."""
    return _unknown(TRIGGERS.get(block.type), block)


def steps(path: str) -> FieldPath:
    """`payload[0].src` as a path."""
    return tuple(name or int(index) for name, index in _STEP.findall(path))


def _check(known: Known | None, block: Block, findings: Findings) -> None:
    if known is None:
        return
    model, wrong = decode_rest(known.model, block.value, block.path, block.marks, findings.faults, warn_unknown=False)
    for selector in incomplete_selectors(model):
        what = "a selector needs a name and a key: it finds nothing without them"
        findings.warn((*block.path, *selector), what, "write {name: NAME, key: KEY}", "incomplete-selector")
    for rule in known.rules:
        for path, what, fix in rule(model):
            at = (*block.path, *steps(path))
            if steps(path)[0] in wrong:
                continue
            if what:
                findings.fault(at, what, fix)
            else:
                findings.missing(at, fix)


def incomplete_selectors(model: BaseModel) -> Iterator[FieldPath]:
    """The paths of selectors of Secrets and ConfigMaps that lack a name or a key."""
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        step = info.alias or name
        if isinstance(value, SecretKeySelector | ConfigMapKeySelector):
            if not (value.name and value.key):
                yield (step,)
        elif isinstance(value, BaseModel):
            yield from ((step, *path) for path in incomplete_selectors(value))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from ((step, index, *path) for path in incomplete_selectors(item))


def _unknown(known: Known | None, block: Block) -> list[Fault]:
    faults: list[Fault] = []
    if known is not None:
        decode(known.model, block.value, block.path, block.marks, faults)
    return [fault for fault in faults if fault.code == "unknown-field"]
