"""What a trigger does that its author may not have meant; each with what happens and the better way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from config.block import Block, FieldPath
from config.checks.filter_traps import check_data_path
from config.checks.parameters import listed, parameters_of, source_of
from config.checks.template_functions import template_faults
from config.checks.triggers import TRIGGERS
from config.decode import field_of, nearest
from config.findings import Findings
from config.sensor import TriggerManifest

_TEMPLATE_FIELDS: Final = ("name", "conditions", "conditionsReset")
_UNITS: Final = ("", "Second", "Minute", "Hour")
_BY_STATUS: Final = ("http", "awsLambda", "openWhisk")
_BY_LABELS: Final = ("k8s", "argoWorkflow")
_DEAD_LISTS: Final = ("slack", "email")
_IDENTIFIER: Final = re.compile(r"\{\{-?\s*\.[\w.]*(?:\bid|_id)\s*-?\}\}")


def check_trigger_traps(trigger: TriggerManifest, sources: Mapping[str, Block], findings: Findings) -> None:
    """Warnings about one trigger; `sources` are the events of its dependencies, as far as they are known.

    Faults are only what could never work.
    """
    _check_bodies(trigger, findings)
    _check_delivery(trigger, findings)
    _check_policy(trigger, findings)
    for path, item in parameters_of(trigger):
        _check_source(source_of(item), (*path, "src"), sources, findings)
    for index, parameter in enumerate(trigger.parameters):
        _check_root(parameter.dest, (*trigger.path, "parameters", index, "dest"), trigger, findings)
    if trigger.dlq_trigger is not None:
        check_trigger_traps(trigger.dlq_trigger, sources, findings)


def _check_bodies(trigger: TriggerManifest, findings: Findings) -> None:
    path = (*trigger.path, "template")
    if trigger.body is None:
        findings.fault(path, "has no action of a known type", "give one such as http, slack or log", "no-action")
        return
    bodies = [kind for kind in TRIGGERS if kind in trigger.template]
    for kind in bodies[1:]:
        what = f"only {trigger.body.type} is done, {kind} is ignored"
        findings.warn((*path, kind), what, "write a trigger for each", "trap-two-actions")
    kind, value, at = trigger.body.type, trigger.body.value, trigger.body.path
    if kind in _DEAD_LISTS and field_of(value, "parameters")[1]:
        what = f"parameters of a {kind} body are ignored by Argo Events"
        fix = f"write them beside template, with dest: {kind}.…"
        findings.warn((*at, "parameters"), what, fix, "trap-dead-parameters")
    if kind == "log" and field_of(value, "intervalSeconds")[1]:
        what = "Argo Events ignores intervalSeconds; here lines that come sooner are left out"
        findings.warn((*at, "intervalSeconds"), what, "remove it to see every firing", "trap-interval")
    _check_whole_payload(value, at, findings)


def _check_whole_payload(value: Mapping[str, Any], path: FieldPath, findings: Findings) -> None:
    items = list(listed(value, "payload", path))
    for at, item in items if len(items) > 1 else ():
        if not field_of(item, "dest")[1] and source_of(item):
            what = "an item without dest is the whole body, so the other items are lost"
            findings.warn((*at, "dest"), what, "give it a dest, or make it the only item", "trap-whole-payload")


def _check_delivery(trigger: TriggerManifest, findings: Findings) -> None:
    path = trigger.path
    if trigger.at_least_once is False:
        what = "a firing is forgotten if its first attempt fails or the process ends"
        fix = "write atLeastOnce: true, or leave it out"
        if trigger.retry_strategy is not None:
            what += "; retryStrategy has no effect"
        findings.warn((*path, "atLeastOnce"), what, fix, "trap-at-most-once")
    elif trigger.at_least_once is None and trigger.retry_strategy is not None:
        what = "Argo Events ignores retryStrategy without atLeastOnce: true; here it is obeyed"
        findings.warn((*path, "retryStrategy"), what, "write atLeastOnce: true", "trap-retry")
    if (limit := trigger.rate_limit) is None:
        return
    if limit.requests_per_unit <= 0:
        what = f"{limit.requests_per_unit} firings in any time are none at all"
        at = (*path, "rateLimit", "requestsPerUnit")
        findings.fault(at, what, "write 1 or more, or remove rateLimit", "rate-limit-zero")
    if limit.unit not in _UNITS:
        what = f"'{limit.unit}' is read as Second"
        fix = nearest(limit.unit, _UNITS[1:]) or "write Second, Minute or Hour"
        findings.warn((*path, "rateLimit", "unit"), what, fix, "trap-rate-unit")


def _check_policy(trigger: TriggerManifest, findings: Findings) -> None:
    if (policy := trigger.policy) is None or trigger.body is None:
        return
    path, kind = (*trigger.path, "policy"), trigger.body.type
    if policy.status is not None and policy.status.allow == []:
        what = "an empty list allows no status, so every answer is a failure"
        findings.warn((*path, "status", "allow"), what, "list those that mean success", "trap-no-status")
    if policy.status is not None and kind in TRIGGERS and kind not in _BY_STATUS:
        findings.warn((*path, "status"), f"has no effect on {kind}", "remove it", "trap-dead-policy")
    if policy.k8s is not None and kind == "k8s" and field_of(trigger.body.value, "operation")[1] == "delete":
        what = "what is deleted gets no labels; Argo Events takes it for a failure"
        findings.warn((*path, "k8s"), what, "remove it", "trap-dead-policy")
    if policy.k8s is not None and kind in TRIGGERS and kind not in _BY_LABELS:
        findings.warn((*path, "k8s"), f"has no effect on {kind}", "remove it", "trap-dead-policy")


def _check_source(source: Mapping[str, Any], path: FieldPath, sources: Mapping[str, Block], findings: Findings) -> None:
    texts = {
        name: value
        for name in ("dataKey", "contextKey", "dataTemplate", "contextTemplate")
        if isinstance(value := field_of(source, name)[1], str) and value
    }
    default = field_of(source, "value")[1] is not None
    for name, key in (("dataTemplate", "dataKey"), ("contextTemplate", "contextKey")):
        if name not in texts:
            continue
        for what, fix in template_faults(texts[name]):
            if default or key in texts:
                findings.warn(
                    (*path, name), f"{what}, so {key if key in texts else 'value'} is used", fix, "bad-template"
                )
            else:
                findings.fault((*path, name), what, fix, "bad-template")
        if field_of(source, "useRawData")[1] is True and key not in texts:
            what = "what a template gives is text, whatever useRawData says"
            findings.warn((*path, "useRawData"), what, f"use {key}", "trap-raw-template")
        if found := _IDENTIFIER.search(texts[name]):
            what = f"a number from 1000000 on is printed like 1.234567e+06 by {found[0]}"
            findings.warn((*path, name), what, f"use {key}, or put | int64 behind it", "trap-float")
    block = sources.get(str(field_of(source, "dependencyName")[1]))
    if block is not None and "dataKey" in texts:
        check_data_path(texts["dataKey"], block, (*path, "dataKey"), findings)


def _check_root(dest: str, path: FieldPath, trigger: TriggerManifest, findings: Findings) -> None:
    root = dest.split(".", 1)[0]
    if not root or trigger.body is None or root in trigger.template or root in _TEMPLATE_FIELDS:
        return
    what = f"the template has no '{root}', so nothing is written where it counts"
    if trigger.body.type in _BY_LABELS and root in ("metadata", "spec", "data"):
        fix = f"to write into the object, move it to template.{trigger.body.type}.parameters"
    else:
        fix = nearest(root, list(trigger.template)) or f"begin with {trigger.body.type}."
    findings.warn(path, what, fix, "trap-dest")
