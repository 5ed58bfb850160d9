"""Names that manifests use for each other: buses, sources, events, dependencies."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from config.block import FieldPath
from config.checks.parameters import parameters_of, source_of
from config.decode import nearest
from config.errors import Fault
from config.eventsource import EventSourceManifest
from config.findings import Findings
from config.manifests import Manifests, ObjectName
from config.sensor import Dependency, SensorManifest, TriggerManifest

_LANGUAGE: Final = re.compile(r"[\w$\s()&|-]*")
_NAME: Final = re.compile(r"[^\W\d][\w-]*")
_WORDS: Final = frozenset({"true", "false", "nil", "and", "or", "not", "in", "IN", "matches", "contains"})
_GLOB: Final = frozenset("*?[")


def check_references(manifests: Manifests, faults: list[Fault]) -> None:
    """Sensors against EventSources and within themselves; manifests that are given twice."""
    _check_twice(manifests, faults)
    sources = {
        (source.namespace, source.name): [block.name for block in source.events] for source in manifests.eventsources
    }
    for sensor in manifests.sensors:
        # What triggers started and how it ended comes as events of their Sensor.
        if awaited := [trigger.name for trigger in sensor.triggers if trigger.awaits is not None]:
            sources[sensor.namespace, sensor.name] = [*sources.get((sensor.namespace, sensor.name), ()), *awaited]
    for sensor in manifests.sensors:
        findings = Findings(sensor.marks, faults)
        path = (*sensor.path, "spec")
        for index, dependency in enumerate(sensor.spec.dependencies):
            _check_event(dependency, sensor.namespace, sources, (*path, "dependencies", index), findings)
        _check_dependency_names(sensor, path, findings)
        for trigger in sensor.triggers:
            _check_trigger(trigger, [dependency.name for dependency in sensor.spec.dependencies], findings)


def missing_eventbuses(manifests: Manifests) -> list[Fault]:
    """Faults of Sensors and EventSources whose bus does not exist: in a cluster each must be there.

    Without a cluster none need be, for there is always a bus to fall back on.
    """
    faults: list[Fault] = []
    users: list[SensorManifest | EventSourceManifest] = [*manifests.sensors, *manifests.eventsources]
    for user in users:
        name = user.spec.event_bus_name or "default"
        if manifests.eventbus(user.namespace, name) is None:
            what = f"there is no EventBus '{name}' in namespace '{user.namespace}'"
            path = (*user.path, "spec", "eventBusName")
            Findings(user.marks, faults).fault(path, what, "apply one", "no-eventbus")
    return faults


def named_in(conditions: str, dependencies: Collection[str]) -> Collection[str]:
    """The dependencies a trigger listens to, as far as their names tell; `-` and `_` are one letter here."""
    if not conditions:
        return dependencies
    words = {word.replace("-", "_") for word in _NAME.findall(conditions)}
    return [name for name in dependencies if name.replace("-", "_") in words]


def _check_twice(manifests: Manifests, faults: list[Fault]) -> None:
    for group in (manifests.eventbuses, manifests.eventsources, manifests.sensors):
        seen: dict[tuple[str, str], str] = {}
        for manifest in group:
            path = (*manifest.path, "metadata", "name")
            key, place = (manifest.namespace, manifest.name), str(manifest.marks.place(path))
            if manifest.name and key in seen:
                kind = type(manifest).__name__.removesuffix("Manifest")
                what = f"{kind} '{manifest.name}' is given at {seen[key]} too"
                Findings(manifest.marks, faults).fault(path, what, "rename or remove one", "duplicate-manifest")
            seen.setdefault(key, place)


def _check_event(
    dependency: Dependency,
    namespace: str,
    sources: Mapping[ObjectName, Sequence[str]],
    path: FieldPath,
    findings: Findings,
) -> None:
    name, event = dependency.event_source_name, dependency.event_name
    if not name or not event or _GLOB & set(name + event):
        return
    found = sources.get((namespace, name))
    if found is None:
        elsewhere = next((other for other, known in sources if known == name), "")
        if elsewhere:
            what = f"EventSource '{name}' is in namespace '{elsewhere}', not '{namespace}'"
            fix = "a Sensor and its EventSources share a namespace"
        else:
            what = f"there is no EventSource '{name}' among these files"
            here = [known for other, known in sources if other == namespace]
            fix = nearest(name, here) or "this is fine if it runs elsewhere"
        if sources:
            findings.warn((*path, "eventSourceName"), what, fix, "unknown-event-source")
    elif found and event not in found:
        what = f"EventSource '{name}' has no event '{event}'"
        fix = nearest(event, found) or f"its events are {', '.join(found)}"
        findings.fault((*path, "eventName"), what, fix, "unknown-event")


def _check_dependency_names(sensor: SensorManifest, path: FieldPath, findings: Findings) -> None:
    seen: dict[str, str] = {}
    for index, dependency in enumerate(sensor.spec.dependencies):
        name = dependency.name
        before = seen.get(name.replace("-", "_"))
        at = (*path, "dependencies", index, "name")
        if name and before == name:
            what = f"the name '{name}' is given twice: only the last dependency of that name counts"
            findings.warn(at, what, "rename one of them", "duplicate-dependency")
        elif before is not None and name:
            what = f"'{before}' and '{name}' are one name in conditions, where '-' and '_' are the same"
            findings.warn(at, what, "rename one of them", "colliding-dependencies")
        seen[name.replace("-", "_")] = name


def _check_trigger(trigger: TriggerManifest, dependencies: Collection[str], findings: Findings) -> None:
    path = (*trigger.path, "template")
    if _LANGUAGE.fullmatch(trigger.conditions):
        folded = {name.replace("-", "_") for name in dependencies}
        for word in dict.fromkeys(_NAME.findall(trigger.conditions)):
            if word.replace("-", "_") not in folded | _WORDS:
                fix = nearest(word, dependencies) or f"the dependencies are {', '.join(dependencies)}"
                findings.fault((*path, "conditions"), f"there is no dependency '{word}'", fix, "unknown-dependency")
    listened = named_in(trigger.conditions, dependencies)
    for at, parameter in parameters_of(trigger):
        name = source_of(parameter).get("dependencyName")
        if not isinstance(name, str) or not name or name in listened:
            continue
        if name in dependencies:
            what, fix = f"'{name}' is not in this trigger's conditions, so it never gives a value", ""
        else:
            what, fix = f"there is no dependency '{name}', so it never gives a value", nearest(name, dependencies)
        findings.warn((*at, "src", "dependencyName"), what, fix, "unknown-dependency")
    if trigger.dlq_trigger is not None:
        _check_trigger(trigger.dlq_trigger, dependencies, findings)
