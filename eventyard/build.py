"""The second parse: manifests and plug-ins make a Plan, with all faults together. `run`, `check` and `try` start here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bus.base import Subject, TriggerName
from config.block import Block, FieldPath, Marks, path_text
from config.checks.blocks import unknown_source_fields, unknown_trigger_fields
from config.decode import decode
from config.errors import EventyardError, Fault, Severity
from config.eventsource import EVENT_SOURCE_TYPES, EventSourceFilter, EventSourceManifest
from config.findings import distinct, is_faulty
from config.gotime import load_zone
from config.load import load
from config.manifests import Manifests
from config.model import Model
from config.schedule import parse_cron
from config.sensor import TRIGGER_TYPES, ConditionsReset, Dependency, SensorManifest, TriggerManifest
from eventyard.plan import Plan, SensorPlan, SourcePlan, TriggerPlan
from eventyard.registry import Registry, Unavailable
from eventyard.source_filter import SourceFilter, Test, expression_test, jmespath_test
from eventyard.text_tests import compile_tests
from sensors.conditions import ConditionsError, compile_conditions
from sensors.errors import CompileError
from sensors.filters import compile_filters
from sensors.jmes_expression import compile_manifest_expression
from sensors.languages.expression_error import ExpressionError
from sensors.languages.jmes.search import JmesSyntaxError
from sensors.parameters import ParameterCache, compile_parameters
from sensors.step import Dependency as DependencyRule
from sensors.step import SensorRule, TriggerRule
from sensors.transform import compile_transform
from triggers.delivery.retry import RetryPolicy

SOURCES, TRIGGERS = "eventyard.eventsources", "eventyard.triggers"


def read_manifests(paths: Sequence[Path], registry: Registry) -> Manifests:
    """The manifests in files and folders; the types that installed plug-ins add are known as Argo Events' own are."""
    return load(
        paths,
        source_types=tuple(dict.fromkeys((*EVENT_SOURCE_TYPES, *registry.names(SOURCES)))),
        trigger_types=tuple(dict.fromkeys((*TRIGGER_TYPES, *registry.names(TRIGGERS)))),
    )


def build(manifests: Manifests, registry: Registry, *, skip_unavailable: bool = False) -> Plan:
    """Make a plan of everything that was read. What is wrong is in `Plan.faults`, with its place; nothing is raised.

    With `skip_unavailable`, what this version does not have is a warning, and whatever needs it is left out of the plan.
    """
    builder = _Builder(registry, manifests.faults, skip_unavailable)
    sources = {
        plan.key: plan
        for manifest in manifests.eventsources
        for block in manifest.events
        if (plan := builder.source(manifest, block)) is not None
    }
    sensors = {
        sensor.name: sensor for manifest in manifests.sensors if (sensor := builder.sensor(manifest)) is not None
    }
    found = distinct((*manifests.faults, *builder.found))
    return Plan(
        manifests=manifests,
        sources=sources,
        sensors=sensors,
        faults=tuple(fault for fault in found if fault.severity is Severity.FAULT),
        warnings=tuple(fault for fault in found if fault.severity is Severity.WARNING),
    )


class _Builder:
    """Collects what is found while it compiles."""

    def __init__(self, registry: Registry, known: Sequence[Fault], skip_unavailable: bool) -> None:
        self.registry = registry
        self.known = known
        self.unavailable = Severity.WARNING if skip_unavailable else Severity.FAULT
        self.found: list[Fault] = []

    # -- EventSources

    def source(self, manifest: EventSourceManifest, block: Block) -> SourcePlan | None:
        """One event of an EventSource."""
        before = len(self.found)
        loaded = self.load(SOURCES, block)
        if loaded is None:
            self.found += unknown_source_fields(block)
            return None
        settings = self.settings(loaded, block)
        wanted = self.source_filter(block, settings, f"{manifest.name}/{block.name}")
        if settings is None:
            return None
        holds = self.attempt(lambda: compile_tests(loaded.tests(settings)), block.path, block.marks)
        if not _is_whole(self.found[before:]):
            return None
        return SourcePlan(
            kind=block.type,
            source=manifest.name,
            event=block.name,
            namespace=manifest.namespace,
            scope=_scope(manifest.namespace, manifest.spec.event_bus_name),
            make=loaded,
            settings=settings,
            wanted=wanted,
            holds=holds,
            fingerprint=_fingerprint(block.type, block.value, manifest.spec.event_bus_name),
        )

    def source_filter(self, block: Block, settings: Model | None, name: str) -> SourceFilter | None:
        """The EventSource's own filter, for types whose `filter` is one or has fields of one beside its own."""
        raw = block.value.get("filter")
        own = getattr(settings, "filter", None)
        names = {"expression", "jmespath"}
        if isinstance(own, Model):
            names &= type(own).model_fields.keys()
        if not isinstance(raw, dict) or not raw.keys() & names:
            return None
        path = (*block.path, "filter")
        raw = {key: value for key, value in raw.items() if key in names}
        known = decode(EventSourceFilter, raw, path, block.marks, self.found)
        if known is None:
            return None
        tests: list[Test] = []
        if raw.get("expression") is not None:
            at = (*path, "expression")
            compiled = self.attempt(lambda: expression_test(known.expression), at, block.marks)
            if compiled is None:
                return None
            test, traps = compiled
            tests.append(test)
            for trap in traps:
                self.fault(trap, at, block.marks, "", "trap", Severity.WARNING)
        if known.jmespath:
            try:
                tests.append(jmespath_test(compile_manifest_expression(known.jmespath)))
            except JmesSyntaxError as error:
                what = f"not a JMESPath expression: {error}\n{error.caret()}"
                self.fault(what, (*path, "jmespath"), block.marks, code="jmespath")
                return None
        return SourceFilter(name, tests) if tests else None

    # -- Sensors

    def sensor(self, manifest: SensorManifest) -> SensorPlan | None:
        """One Sensor with everything compiled; None if something of it is wrong."""
        before = len(self.found)
        scope = _scope(manifest.namespace, manifest.spec.event_bus_name)
        path = (*manifest.path, "spec", "dependencies")
        dependencies = [
            compiled
            for index, dependency in enumerate(manifest.spec.dependencies)
            if (compiled := self.dependency(manifest, dependency, (*path, index))) is not None
        ]
        names = [dependency.name for dependency in manifest.spec.dependencies]
        rules: list[TriggerRule] = []
        triggers: list[TriggerPlan] = []
        for trigger in manifest.triggers:
            rule = self.rule(manifest, trigger, names)
            plan = self.trigger(manifest, trigger)
            if rule is not None and plan is not None:
                rules.append(rule)
                triggers.append(plan)
        if not triggers or not _is_whole(self.found[before:]):
            return None
        listened = {name for rule in rules for name in rule.conditions.dependencies}
        subjects = {
            Subject(each.event_source_name, each.event_name, scope)
            for each in manifest.spec.dependencies
            if each.name in listened
        }
        return SensorPlan(
            name=manifest.full_name,
            namespace=manifest.namespace,
            rule=SensorRule.build(manifest.full_name, dependencies, rules),
            subjects=sorted(subjects),
            triggers=triggers,
            fingerprint=_fingerprint(
                manifest.spec.model_dump(mode="json"),
                [_trigger_fingerprint(trigger) for trigger in manifest.triggers],
            ),
        )

    def dependency(self, manifest: SensorManifest, dependency: Dependency, path: FieldPath) -> DependencyRule | None:
        """One dependency with its filters and transform compiled; whatever cannot be built is a fault."""
        before = len(self.found)
        filters = self.attempt(lambda: compile_filters(dependency), (*path, "filters"), manifest.marks)
        transform = self.attempt(lambda: compile_transform(dependency.transform), (*path, "transform"), manifest.marks)
        if not _is_whole(self.found[before:]):
            return None
        for warning in filters.warnings:
            self.fault(warning, (*path, "filters"), manifest.marks, "", "trap", Severity.WARNING)
        for warning in transform.warnings if transform is not None else ():
            self.fault(warning, (*path, "transform", "script"), manifest.marks, "", "trap", Severity.WARNING)
        return DependencyRule(
            name=dependency.name,
            source=dependency.event_source_name,
            event=dependency.event_name,
            filters=filters,
            transform=transform and transform.apply,
        )

    def rule(self, manifest: SensorManifest, trigger: TriggerManifest, names: list[str]) -> TriggerRule | None:
        """When a trigger fires."""
        if not names:
            return None  # that is the fault, and it has been found
        path = (*trigger.path, "template", "conditions")
        try:
            conditions = compile_conditions(trigger.conditions, names)
        except ConditionsError as error:
            what = f"{error.message}, at character {error.column + 1}"
            self.fault(what, path, manifest.marks, error.fix, "conditions")
            return None
        for warning in conditions.warnings:
            self.fault(warning, path, manifest.marks, "", "conditions", Severity.WARNING)
        reset = self.attempt(
            lambda: _last_reset(trigger.conditions_reset),
            (*trigger.path, "template", "conditionsReset"),
            manifest.marks,
        )
        return TriggerRule(name=trigger.name, conditions=conditions, last_reset=reset or None)

    def trigger(self, manifest: SensorManifest, trigger: TriggerManifest) -> TriggerPlan | None:
        """What a trigger does."""
        dlq = None
        if trigger.dlq_trigger is not None:
            # Its name need not be unique in the Sensor, so it is told by the trigger that it follows.
            named = replace(trigger.dlq_trigger, name=f"{trigger.name}/{trigger.dlq_trigger.name}", dlq_trigger=None)
            dlq = self.trigger(manifest, named)
        if trigger.body is None:
            return None
        loaded = self.load(TRIGGERS, trigger.body)
        before = len(self.found)
        self.attempt(lambda: compile_parameters(trigger.parameters), (*trigger.path, "parameters"), manifest.marks)
        if loaded is None:
            self.found += unknown_trigger_fields(trigger.body)
            return None
        settings = self.settings(loaded, trigger.body)
        if settings is not None:
            self.parameters_of(settings, trigger.body)
        if trigger.awaits is not None and not loaded.awaits:
            what = f"'{trigger.body.type}' starts nothing that could be awaited"
            self.fault(what, (*trigger.path, "await"), manifest.marks, "remove it", "await")
        if settings is None or not _is_whole(self.found[before:]):
            return None
        retry = RetryPolicy.from_backoff(trigger.retry_strategy)
        if trigger.at_least_once is False:
            retry = RetryPolicy.once()
        return TriggerPlan(
            name=TriggerName(manifest.full_name, trigger.name),
            kind=trigger.body.type,
            namespace=manifest.namespace,
            scope=_scope(manifest.namespace, manifest.spec.event_bus_name),
            make=loaded,
            settings=settings,
            manifest=trigger,
            retry=retry,
            cache=ParameterCache(),
            dlq=dlq,
        )

    def parameters_of(self, settings: Model, body: Block) -> None:
        """Compile the parameter lists in an adapter's own block, so that what is wrong in them is found now."""
        for field in ("payload", "parameters", "dynamic_headers"):
            listed = getattr(settings, field, None)
            if listed:
                name = type(settings).model_fields[field].alias or field
                self.attempt(partial(compile_parameters, listed), (*body.path, name), body.marks)

    # -- common

    def load(self, group: str, block: Block) -> Any:
        """The adapter's class, or None with the reason noted."""
        try:
            return self.registry.load(group, block.type)
        except Unavailable as error:
            self.fault(error.what, block.path, block.marks, error.fix, "unavailable", self.unavailable)
        except EventyardError as error:
            self.fault(error.what, block.path, block.marks, error.fix, "plugin")
        return None

    def settings(self, loaded: Any, block: Block) -> Model | None:
        """The adapter's own block, parsed and checked by it."""
        before = len(self.found)
        settings: Model | None = decode(loaded.Settings, block.value, block.path, block.marks, self.found)
        if settings is None or is_faulty(block, self.known):
            return None
        for field, what, fix in loaded.check(settings):
            severity = Severity.WARNING if what.startswith("warning: ") else Severity.FAULT
            steps = (int(step) if step.isdigit() else step for step in field.split(".") if step)
            path = (*block.path, *steps)
            self.fault(what.removeprefix("warning: "), path, block.marks, fix, "invalid", severity)
        return settings if _is_whole(self.found[before:]) else None

    def attempt(self, compile: Callable[[], Any], path: FieldPath, marks: Marks) -> Any:
        """Compile something; what cannot be compiled is a fault at `path`."""
        try:
            return compile()
        except CompileError as error:
            what = error.what
            if isinstance(error.__context__, ExpressionError):
                what += f"\n{error.__context__.caret()}"
            self.fault(what, (*path, *error.path), marks, error.fix, error.code)
        except EventyardError as error:
            self.fault(error.what, path, marks, error.fix)
        return None

    def fault(
        self,
        what: str,
        path: FieldPath,
        marks: Marks,
        fix: str = "",
        code: str = "invalid",
        severity: Severity = Severity.FAULT,
    ) -> None:
        """Note something."""
        self.found.append(Fault(what, marks.place(path), path_text(path), fix, severity, code))


def _is_whole(found: Sequence[Fault]) -> bool:
    """Whether nothing is among it that keeps a part of a manifest from working."""
    return all(fault.severity is Severity.WARNING for fault in found)


def _scope(namespace: str, bus: str) -> str:
    return f"{namespace}/{bus or 'default'}"


def _fingerprint(*parts: Any) -> str:
    # Manifests may hold numbers of any size, which faster encoders refuse.
    return json.dumps(parts, default=str, sort_keys=True)


def _trigger_fingerprint(trigger: TriggerManifest) -> list[Any]:
    return [
        trigger.template,
        [parameter.model_dump(mode="json") for parameter in trigger.parameters],
        trigger.policy.model_dump(mode="json") if trigger.policy else None,
        trigger.retry_strategy.model_dump(mode="json") if trigger.retry_strategy else None,
        trigger.rate_limit.model_dump(mode="json") if trigger.rate_limit else None,
        trigger.at_least_once,
        _trigger_fingerprint(trigger.dlq_trigger) if trigger.dlq_trigger else None,
        trigger.flow.model_dump(mode="json"),
        trigger.awaits.model_dump(mode="json") if trigger.awaits else None,
    ]


def _last_reset(resets: tuple[ConditionsReset, ...]) -> Callable[[datetime], datetime | None] | None:
    """When half-met conditions were last forgotten, over all schedules."""
    crons = [
        parse_cron(reset.by_time.cron, load_zone(reset.by_time.timezone))
        for reset in resets
        if reset.by_time is not None
    ]
    if not crons:
        return None

    def last(now: datetime) -> datetime | None:
        return max((tick for cron in crons if (tick := cron.previous_before(now)) is not None), default=None)

    return last
