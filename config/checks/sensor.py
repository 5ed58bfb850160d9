"""What Argo Events demands of a Sensor: its dependencies and their filters, its triggers and their policies."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from config.block import Block, FieldPath
from config.checks.blocks import check_trigger, steps
from config.checks.rules import check_parameter
from config.checks.triggers import TRIGGERS
from config.crontab import parse_cron
from config.errors import EventyardError
from config.eventbus import EventBusManifest
from config.findings import Findings
from config.gotime import load_zone
from config.sensor import (
    ConditionsReset,
    ContextFilter,
    DataFilter,
    Dependency,
    ExprFilter,
    SensorManifest,
    TimeFilter,
    TriggerManifest,
)

_COMPARATORS: Final = ("", ">=", ">", "=", "!=", "<", "<=")
_CLOCK: Final = re.compile(r" *([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:[.,]([0-9]+))?")
_STATUS_TYPES: Final = ("http", "awsLambda")
_OBJECT_TYPES: Final = ("k8s", "argoWorkflow")


def check_sensor(sensor: SensorManifest, bus: EventBusManifest | None, findings: Findings) -> None:
    """Everything about a Sensor by itself; the kind of bus matters to one rule."""
    path = (*sensor.path, "spec")
    if not sensor.spec.dependencies:
        findings.missing((*path, "dependencies"), "give at least one event to wait for")
    if not sensor.triggers:
        findings.missing((*path, "triggers"), "give at least one action")
    for index, dependency in enumerate(sensor.spec.dependencies):
        _check_dependency(dependency, (*path, "dependencies", index), findings)
    if bus is not None and bus.spec.nats is not None:
        _check_pairs(sensor, path, findings)
    names: set[str] = set()
    for trigger in sensor.triggers:
        if trigger.name and trigger.name in names:
            at = (*trigger.path, "template", "name")
            findings.fault(at, f"the name '{trigger.name}' is given twice", "rename one of them", "duplicate-trigger")
        names.add(trigger.name)
        _check_trigger(trigger, findings)


def _check_pairs(sensor: SensorManifest, path: FieldPath, findings: Findings) -> None:
    """NATS Streaming tells messages apart by source and event alone."""
    seen = Counter[tuple[str, str]]()
    for index, dependency in enumerate(sensor.spec.dependencies):
        pair = (dependency.event_source_name, dependency.event_name)
        seen[pair] += 1
        if seen[pair] > 1:
            what = f"event '{pair[1]}' of '{pair[0]}' is waited for twice, which a nats bus cannot do"
            findings.fault((*path, "dependencies", index), what, "use a jetstream bus", "duplicate-pair")


def _check_dependency(dependency: Dependency, path: FieldPath, findings: Findings) -> None:
    for name, value in (
        ("name", dependency.name),
        ("eventSourceName", dependency.event_source_name),
        ("eventName", dependency.event_name),
    ):
        if not value:
            findings.missing((*path, name))
    if (filters := dependency.filters) is None:
        return
    path = (*path, "filters")
    for index, expression in enumerate(filters.exprs or ()):
        _check_expression(expression, (*path, "exprs", index), findings)
    for index, data in enumerate(filters.data or ()):
        _check_data(data, (*path, "data", index), findings)
    if filters.context is not None:
        _check_context(filters.context, (*path, "context"), findings)
    if filters.time is not None:
        _check_time(filters.time, (*path, "time"), findings)


def _check_expression(expression: ExprFilter, path: FieldPath, findings: Findings) -> None:
    if not expression.expr:
        findings.missing((*path, "expr"))
    if not expression.fields:
        findings.missing((*path, "fields"), "name the values that the expression uses")
    for index, field in enumerate(expression.fields):
        for name, value in (("path", field.path), ("name", field.name)):
            if not value:
                findings.missing((*path, "fields", index, name))


def _check_data(data: DataFilter, path: FieldPath, findings: Findings) -> None:
    if data.comparator not in _COMPARATORS:
        what = f"'{data.comparator}' is none of {' '.join(_COMPARATORS[1:])}"
        findings.fault((*path, "comparator"), what, "for equality write =" if data.comparator == "==" else "")
    for name, value in (("path", data.path), ("type", data.type), ("value", data.value)):
        if not value:
            findings.missing((*path, name), "give at least one value" if name == "value" else "")
    for index, one in enumerate(data.value):
        if not one:
            findings.fault((*path, "value", index), "is empty", 'to match an empty text write "^$"')


def _check_context(context: ContextFilter, path: FieldPath, findings: Findings) -> None:
    if not (context.type or context.subject or context.source or context.datacontenttype):
        what = "compares nothing"
        findings.fault(path, what, "give type, subject, source or datacontenttype", "empty-context-filter")


def _check_time(window: TimeFilter, path: FieldPath, findings: Findings) -> None:
    try:
        load_zone(window.timezone)
    except EventyardError as error:
        findings.fault((*path, "timezone"), error.what, error.fix)
    ends: list[tuple[int, int, int, str]] = []
    for name, text in (("start", window.start), ("stop", window.stop)):
        if found := _CLOCK.fullmatch(text):
            hour, minute, second, fraction = found.groups()
            ends.append((int(hour), int(minute), int(second), (fraction or "").rstrip("0")))
        elif text:
            findings.fault((*path, name), f"'{text}' is no time of day", 'write it like "09:30:00"')
        else:
            findings.missing((*path, name), 'write it like "09:30:00"')
    if len(ends) == 2 and ends[0] == ends[1]:
        findings.fault((*path, "stop"), "is the same as start", "leave the filter out for the whole day")


def _check_trigger(trigger: TriggerManifest, findings: Findings) -> None:
    path = (*trigger.path, "template")
    if not trigger.name:
        findings.missing((*path, "name"))
    for index, reset in enumerate(trigger.conditions_reset):
        _check_reset(reset, (*path, "conditionsReset", index), findings)
    for kind in TRIGGERS:
        body = trigger.template.get(kind)
        if isinstance(body, dict):
            block = Block(type=kind, name=trigger.name, value=body, path=(*path, kind), marks=findings.marks)
            check_trigger(block, findings)
    _check_policy(trigger, findings)
    for index, parameter in enumerate(trigger.parameters):
        for field, what, fix in check_parameter(parameter):
            at = (*trigger.path, "parameters", index, *steps(field))
            if what:
                findings.fault(at, what, fix)
            else:
                findings.missing(at, fix)
    if (dead := trigger.dlq_trigger) is not None:
        for one in (trigger, dead):
            if not one.at_least_once:
                fix = "dlqTrigger needs atLeastOnce: true on both triggers"
                findings.fault((*one.path, "atLeastOnce"), "is not true", fix, "dlq-at-most-once")
        _check_trigger(dead, findings)


def _check_reset(reset: ConditionsReset, path: FieldPath, findings: Findings) -> None:
    if reset.by_time is None:
        findings.missing((*path, "byTime"), "write byTime: {cron: '0 0 * * *'}")
        return
    try:
        parse_cron(reset.by_time.cron)
    except EventyardError as error:
        findings.fault((*path, "byTime", "cron"), error.what, error.fix)
    try:
        load_zone(reset.by_time.timezone)
    except EventyardError as error:
        findings.fault((*path, "byTime", "timezone"), error.what, error.fix)


def _check_policy(trigger: TriggerManifest, findings: Findings) -> None:
    if (policy := trigger.policy) is None:
        return
    kind = next((kind for kind in (*_OBJECT_TYPES, *_STATUS_TYPES) if kind in trigger.template), "")
    path = (*trigger.path, "policy")
    if kind in _OBJECT_TYPES and policy.k8s is not None and policy.k8s.labels is None:
        findings.missing((*path, "k8s", "labels"), "give the labels that mean success")
    if kind in _STATUS_TYPES and policy.status is not None and policy.status.allow is None:
        findings.missing((*path, "status", "allow"), "list the statuses that mean success")
