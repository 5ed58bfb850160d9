"""What Argo Events demands of an EventBus, and what it forbids to change in one that exists."""

from __future__ import annotations

from config.block import FieldPath
from config.eventbus import EventBusManifest, EventBusSpec, ExoticNATS, NativeNATS
from config.findings import Findings

_FIX: tuple[str, str] = ("make a new EventBus with another name", "immutable")


def check_eventbus(bus: EventBusManifest, findings: Findings) -> None:
    """One of the four kinds, and what each needs."""
    spec, path = bus.spec, (*bus.path, "spec")
    if not any((spec.nats, spec.jetstream, spec.kafka, spec.jetstream_exotic)):
        findings.fault(path, "no bus is given", "give nats, jetstream, jetstreamExotic or kafka", "no-bus")
    _check_nats(spec, (*path, "nats"), findings)
    if (stream := spec.jetstream) is not None:
        if not stream.version:
            findings.missing((*path, "jetstream", "version"), "write version: latest")
        if stream.replicas is not None and (stream.replicas == 2 or stream.replicas <= 0):
            findings.fault((*path, "jetstream", "replicas"), f"{stream.replicas} is not possible", "write 1, 3 or more")
        if stream.replicas == 1 and bus.stream is not None and bus.stream.replicas > 1:
            what = f"the stream wants {bus.stream.replicas} servers and there is 1, so it cannot be made"
            fix = "write 'replicas: 1' in streamConfig"
            findings.warn((*path, "jetstream", "streamConfig"), what, fix, "trap-stream-replicas")
    for name, external in (("kafka", spec.kafka), ("jetstreamExotic", spec.jetstream_exotic)):
        if external is not None and not external.url:
            findings.missing((*path, name, "url"))


def _check_nats(spec: EventBusSpec, path: FieldPath, findings: Findings) -> None:
    if spec.nats is None:
        return
    native, exotic = spec.nats.native, spec.nats.exotic
    if native is not None and exotic is not None:
        findings.fault((*path, "exotic"), "cannot be given together with native", "remove one of them")
    if native is None and exotic is None:
        findings.fault(path, "neither native nor exotic is given", "write native: {}")
    if exotic is not None:
        if exotic.cluster_id is None:
            findings.missing((*path, "exotic", "clusterID"))
        if not exotic.url:
            findings.missing((*path, "exotic", "url"))


def check_change(old: EventBusManifest, new: EventBusManifest, findings: Findings) -> None:
    """What an admission webhook refuses to change. A switch to Kafka goes unnoticed there, and so it does here."""
    path, was, now = (*new.path, "spec"), old.spec, new.spec
    given = {"nats": was.nats, "jetstream": was.jetstream, "jetstreamExotic": was.jetstream_exotic}
    wanted = {"nats": now.nats, "jetstream": now.jetstream, "jetstreamExotic": now.jetstream_exotic}
    kind = next((name for name, bus in wanted.items() if bus is not None), None)
    if kind is None:
        return
    if given[kind] is None:
        findings.fault((*path, kind), "the kind of a bus cannot be changed", *_FIX)
    elif was.nats is not None and now.nats is not None:
        _check_auth(was, now, (*path, "nats"), findings)
    elif kind == "jetstream" and _stream_text(was) != _stream_text(now):
        findings.fault((*path, kind, "streamConfig"), "cannot be changed", *_FIX)


def _stream_text(spec: EventBusSpec) -> str | None:
    return spec.jetstream.stream_config if spec.jetstream is not None else None


def _check_auth(was: EventBusSpec, now: EventBusSpec, path: FieldPath, findings: Findings) -> None:
    assert was.nats is not None and now.nats is not None  # the caller saw both
    before: NativeNATS | ExoticNATS | None
    after: NativeNATS | ExoticNATS | None
    if now.nats.native is not None:
        name, before, after = "native", was.nats.native, now.nats.native
    else:
        name, before, after = "exotic", was.nats.exotic, now.nats.exotic
    if after is None:
        return
    if before is None:
        findings.fault((*path, name), "native and exotic cannot take each other's place", *_FIX)
    elif (before.auth or "none") != (after.auth or "none"):
        findings.fault((*path, name, "auth"), "cannot be changed", *_FIX)
