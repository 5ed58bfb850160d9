"""`streamConfig` of a JetStream bus: YAML within YAML, read without regard to case."""

from __future__ import annotations

from typing import Any

from config.block import FieldPath, Marks
from config.decode import decode
from config.documents import read_documents
from config.eventbus import UNSET_STREAM, EventBusSpec, StreamConfig
from config.findings import Findings


def parse_stream(spec: EventBusSpec, root: FieldPath, findings: Findings) -> StreamConfig | None:
    """The stream of a JetStream bus; None for other buses.

    A `jetstream` bus fills up what is not given with the defaults of Argo Events' controller, a `jetstreamExotic` bus
    with zeros, which a server takes for its own defaults. What cannot be read is a fault at `root`'s field.
    """
    if spec.nats is not None:
        return None
    if spec.jetstream is not None:
        path = (*root, "jetstream", "streamConfig")
        return _parsed(spec.jetstream.stream_config or "", StreamConfig(), path, findings)
    if spec.jetstream_exotic is not None and spec.kafka is None:
        path = (*root, "jetstreamExotic", "streamConfig")
        return _parsed(spec.jetstream_exotic.stream_config, UNSET_STREAM, path, findings)
    return None


def _parsed(text: str, base: StreamConfig, path: FieldPath, findings: Findings) -> StreamConfig:
    documents, faults = read_documents(text.encode(), "")
    value: Any = documents[0].value if documents else {}
    if faults or not isinstance(value, dict):
        what = faults[0].what if faults else "streamConfig is no mapping"
        findings.fault(path, what, "write lines such as 'maxAge: 72h'", "bad-stream-config")
        return base
    given = decode(StreamConfig, value, (), Marks("", {}), faults)
    for fault in faults:
        findings.warn(path, f"{fault.path}: {fault.what}", fault.fix, "stream-config")
    return base.model_copy(update={name: getattr(given, name) for name in given.model_fields_set}) if given else base
