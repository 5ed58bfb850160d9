"""What start-up says: what listens where, which Sensor waits for what, what to know, and a line to copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from config.errors import Fault
from eventyard.plan import Plan, SensorPlan, SourcePlan
from eventyard.runtime import Runtime

TRY_IT = "eventyard/try-it"
"""Annotation of an EventSource with a command that makes it fire; `{folder}` is the folder of its manifest."""


def banner(runtime: Runtime, *, notes: Sequence[str], warnings: Sequence[Fault], ops: str) -> list[str]:
    """The lines of start-up."""
    plan = runtime.plan
    assert plan is not None
    lines = [f"warning: {fault.place}: {fault.what}" for fault in warnings]
    lines += [f"note: {note}" for note in notes]
    lines.append("EventSources")
    lines += [f"  {source_words(source, runtime.listeners.host)}" for source in plan.sources.values()] or ["  none"]
    lines.append("Sensors")
    for sensor in plan.sensors.values():
        lines += [f"  {line}" for line in sensor_words(sensor)]
    if not plan.sensors:
        lines.append("  none")
    if ops:
        lines.append(f"Health, metrics and API on http://{ops}")
    if tries := _tries(plan):
        lines += ["", "Try it:", *(f"  {line}" for line in tries)]
    lines += ["", "Ready. Ctrl-C stops; nothing accepted is lost."]
    return lines


def source_words(source: SourcePlan, host: str) -> str:
    """`github/pushes  github  http://127.0.0.1:12000/github`"""
    words = f"{source.source}/{source.event}  {source.kind}"
    address = source.make.describe(source.settings, host)
    return f"{words}  {address}" if address else words


def sensor_words(sensor: SensorPlan) -> list[str]:
    """`deploy-main waits for push` and, for each trigger, what it fires when."""
    lines = []
    names = ", ".join(f"{subject.source}/{subject.event}" for subject in sensor.subjects)
    lines.append(f"{sensor.name.removeprefix('default/')}  listens to {names}")
    for trigger in sensor.triggers:
        conditions = trigger.manifest.conditions or "all dependencies"
        lines.append(f"  {trigger.name.trigger} ({trigger.kind})  fires on {conditions}")
    return lines


def _tries(plan: Plan) -> list[str]:
    return [
        text.replace("{folder}", str(Path(manifest.marks.file).parent))
        for manifest in plan.manifests.eventsources
        if (text := (manifest.metadata.annotations or {}).get(TRY_IT))
    ]
