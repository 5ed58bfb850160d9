"""Objects -> manifests: what is generic decoded, the blocks of adapters kept raw.

What cannot be decoded is left out after its faults are noted, so that one wrong field does not hide the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from config.block import Block, FieldPath
from config.decode import decode, field_names
from config.envelope import Envelope
from config.eventbus import EventBusManifest, EventBusSpec
from config.eventsource import EventSourceManifest, EventSourceSpec
from config.findings import Findings
from config.legacy import source_became
from config.stream import parse_stream


def assemble_eventbus(value: Mapping[str, Any], root: FieldPath, findings: Findings) -> EventBusManifest | None:
    """An EventBus, or None if it cannot be told which."""
    envelope = Envelope(value, root, findings)
    path = (*root, "spec")
    spec = decode(EventBusSpec, envelope.spec, path, findings.marks, findings.faults)
    if spec is None:
        return None
    stream = parse_stream(spec, path, findings)
    return EventBusManifest(metadata=envelope.metadata, spec=spec, stream=stream, marks=findings.marks, path=root)


def assemble_eventsource(
    value: Mapping[str, Any], root: FieldPath, findings: Findings, types: Collection[str]
) -> EventSourceManifest:
    """An EventSource with its events of those types."""
    envelope = Envelope(value, root, findings)
    path = (*root, "spec")
    spec = envelope.decode(EventSourceSpec, envelope.spec, path, others=envelope.spec)
    generic = field_names(EventSourceSpec)
    folded = {one.casefold(): one for one in types}
    known = {name.casefold() for name in generic}
    events: list[Block] = []
    for key, sources in envelope.spec.items():
        if (kind := folded.get(key.casefold())) is not None:
            events += _events(envelope, kind, sources, (*path, key))
        elif key.casefold() not in known:
            envelope.unknown((*path, key), [*types, *generic], source_became(key))
    return EventSourceManifest(
        metadata=envelope.metadata, spec=spec, events=tuple(events), marks=findings.marks, path=root
    )


def _events(envelope: Envelope, kind: str, sources: Any, path: FieldPath) -> Iterator[Block]:
    for name, event in envelope.mapping(sources, path).items():
        at = (*path, name)
        yield Block(type=kind, name=name, value=envelope.mapping(event, at), path=at, marks=envelope.marks)
