"""What a dependency's filters do that their author may not have meant; each with what happens and the better way."""

from __future__ import annotations

import re
from typing import Final

from config.block import Block, FieldPath
from config.checks.template_functions import template_faults
from config.findings import Findings
from config.sensor import DataFilter, Dependency, DependencyFilter

_REGEX: Final = re.compile(r"[\^$*+?()\[\]{}|\\]")
_DATE: Final = re.compile(r"(['\"])\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?[^'\"]*)?\1|(['\"])\d?\d:\d\d[AP]M\2")
_TYPES: Final = ("bool", "number", "string")
_HEADER_MAPS: Final = {"webhook": "header", "sns": "header", "nats": "header"}
_WITH_HEADERS: Final = frozenset({"github", "gitlab", "bitbucket", "bitbucketserver", "gerrit", *_HEADER_MAPS})
_ENCODED: Final = frozenset(
    {"kafka", "nats", "mqtt", "amqp", "sqs", "pubSub", "pulsar", "nsq", "emitter", "generic", "azureQueueStorage"}
)
_HEADER: Final = re.compile(r"(headers?)\.([A-Za-z0-9_-]+)")


def check_filter_traps(dependency: Dependency, source: Block | None, path: FieldPath, findings: Findings) -> None:
    """Warnings about one dependency; `source` is the event it waits for, if that is known."""
    if (transform := dependency.transform) is not None and transform.jq and transform.script:
        what = "jq wins over script, which is ignored"
        findings.warn((*path, "transform", "script"), what, "remove one of them", "trap-two-transforms")
    if (filters := dependency.filters) is None:
        return
    at = (*path, "filters")
    if dependency.filters_logical_operator == "or":
        _check_or(filters, (*path, "filtersLogicalOperator"), findings)
    for index, data in enumerate(filters.data or ()):
        here = (*at, "data", index)
        alone = filters.data_logical_operator != "or" or len(filters.data or ()) == 1
        _check_data(data, here, findings, alone=alone)
        if dependency.transform is None and source is not None:
            check_data_path(data.path, source, (*here, "path"), findings)
    for index, expression in enumerate(filters.exprs or ()):
        if found := _DATE.search(expression.expr):
            what = f"the text {found[0]} looks like a date and is compared as a number, so it equals no text"
            fix = "compare with a data filter instead"
            findings.warn((*at, "exprs", index, "expr"), what, fix, "trap-date-text")
        for number, field in enumerate(expression.fields):
            if dependency.transform is None and source is not None:
                check_data_path(field.path, source, (*at, "exprs", index, "fields", number, "path"), findings)


def check_data_path(key: str, source: Block, path: FieldPath, findings: Findings) -> None:
    """A path into the data of a known source: the spelling of headers, and bodies that are not JSON."""
    kind = source.type
    if (found := _HEADER.match(key)) is not None and kind in _WITH_HEADERS:
        wanted = _HEADER_MAPS.get(kind, "headers")
        name = "-".join(part[:1].upper() + part[1:].lower() for part in found[2].split("-"))
        if found[1] != wanted or found[2] != name:
            what = f"events of type {kind} have no '{found[0]}'"
            findings.warn(path, what, f"write {wanted}.{name}{key[found.end() :]}", "trap-header")
    if key.startswith("body.") and kind in _ENCODED and source.value.get("jsonBody") is not True:
        what = f"without jsonBody: true the body of a {kind} event is base64 text, so '{key}' is not there"
        findings.warn(path, what, f"set jsonBody: true on the event '{source.name}'", "trap-base64-body")


def _check_or(filters: DependencyFilter, path: FieldPath, findings: Findings) -> None:
    kinds = [name for name in ("exprs", "data", "context", "time", "script") if getattr(filters, name)]
    if len(kinds) > 1 and {"exprs", "data", "time"} & set(kinds):
        what = "an error in one filter, such as a path that is missing, discards the event even if another passes"
        findings.warn(path, what, "write one jmespath filter with ||", "trap-or-error")


def _check_data(data: DataFilter, path: FieldPath, findings: Findings, *, alone: bool) -> None:
    negated = data.comparator == "!="
    if data.type and data.type not in _TYPES:
        what = f"type '{data.type}' is none of {', '.join(_TYPES)}, so the filter never passes"
        findings.warn((*path, "type"), what, "", "trap-data-type")
    if negated and len(data.value) > 1:
        what = "passes if any one of the values differs, which is nearly always"
        findings.warn((*path, "value"), what, 'write one value such as "^(a|b)$"', "trap-not-equal-list")
    if data.type == "bool" and data.comparator not in ("", "="):
        what = f"a bool filter ignores the comparator '{data.comparator}': it tests equality"
        findings.warn((*path, "comparator"), what, "write the opposite value", "trap-bool-comparator")
    if data.type == "string":
        if data.comparator not in ("", "=", "!="):
            what = f"a string filter with '{data.comparator}' never passes"
            findings.warn((*path, "comparator"), what, "use type: number, or = and !=", "trap-string-comparator")
        else:
            _check_regexes(data.value, path, findings)
    if data.template:
        for what, fix in template_faults(data.template):
            at = (*path, "template")
            if alone:
                findings.fault(at, what, fix, "bad-template")
            else:
                findings.warn(at, what, fix, "bad-template")


def _check_regexes(values: list[str], path: FieldPath, findings: Findings) -> None:
    plain = [value for value in values if not _REGEX.search(value)]
    if plain:
        what = (
            f"'{plain[0]}' is a regular expression that may match anywhere in the text: it also passes 'x{plain[0]}x'"
        )
        exact = re.sub(r"\.", r"\\.", plain[0])
        findings.warn((*path, "value"), what, f"for equality write '^{exact}$'", "trap-regex")
