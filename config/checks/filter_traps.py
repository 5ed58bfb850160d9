"""What a dependency's filters do that their author may not have meant; each with what happens and the better way.

The better way is JMESPath wherever that can say in a line what was meant.
"""

from __future__ import annotations

import re
from typing import Final

from config.block import Block, FieldPath
from config.checks.as_jmespath import context_as_jmespath, data_as_jmespath, joined, path_as_jmespath, time_as_jmespath
from config.checks.expr_as_jmespath import expression_as_jmespath
from config.checks.template_functions import template_faults
from config.findings import Findings
from config.sensor import ContextFilter, DataFilter, Dependency, DependencyFilter, ExprFilter

_REGEX: Final = re.compile(r"[\^$*+?()\[\]{}|\\]")
_DATE: Final = re.compile(r"(['\"])\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?[^'\"]*)?\1|(['\"])\d?\d:\d\d[AP]M\2")
_TYPES: Final = ("bool", "number", "string")
_COMPARED: Final = ("type", "subject", "source", "datacontenttype")
_TEXT: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_ALTERNATIVE: Final = re.compile(r"\|\||\?")
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
        _check_expression(expression, (*at, "exprs", index), findings)
        for number, field in enumerate(expression.fields):
            if dependency.transform is None and source is not None:
                check_data_path(field.path, source, (*at, "exprs", index, "fields", number, "path"), findings)
    if filters.context is not None:
        _check_context(filters.context, (*at, "context"), findings)


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
        fix = f"set jsonBody: true on the event '{source.name}'"
        decoded = path_as_jmespath(key.removeprefix("body."), "parse_json(base64_decode(data.body))")
        findings.warn(path, what, _or_jmespath(fix, decoded), "trap-base64-body")


def _or_jmespath(fix: str, expression: str) -> str:
    """What to do, with the expression that does it, if there is one."""
    if not expression:
        return fix or "write it as a jmespath filter"
    return f"{fix}, or as jmespath: {expression}" if fix else f"write it as jmespath: {expression}"


def _check_or(filters: DependencyFilter, path: FieldPath, findings: Findings) -> None:
    kinds = [name for name in ("exprs", "data", "context", "time", "script") if getattr(filters, name)]
    if len(kinds) > 1 and {"exprs", "data", "time"} & set(kinds):
        what = "an error in one filter, such as a path that is missing, discards the event even if another passes"
        expression = _all_kinds(filters)
        fix = f"write it as jmespath: {expression}" if expression else "write one jmespath filter with ||"
        findings.warn(path, what, fix, "trap-or-error")


def _all_kinds(filters: DependencyFilter) -> str:
    """All kinds of filters in one expression, of which one has to hold."""
    if filters.script:
        return ""
    parts: list[str] = []
    if filters.exprs:
        said = [expression_as_jmespath(each) for each in filters.exprs]
        parts.append(joined(said, filters.expr_logical_operator or "and"))
    if filters.data:
        parts.append(data_as_jmespath(filters.data, filters.data_logical_operator or "and"))
    if filters.context is not None:
        parts.append(context_as_jmespath(filters.context, _COMPARED))
    if filters.time is not None:
        parts.append(time_as_jmespath(filters.time))
    return joined(parts, "or")


def _check_expression(expression: ExprFilter, path: FieldPath, findings: Findings) -> None:
    better = expression_as_jmespath(expression)
    if found := _DATE.search(expression.expr):
        what = f"the text {found[0]} looks like a date and is compared as a number, so it equals no text"
        fix = _or_jmespath("compare with a data filter", better)
        findings.warn((*path, "expr"), what, fix, "trap-date-text")
    if len({field.path for field in expression.fields}) > 1 and _ALTERNATIVE.search(_TEXT.sub("", expression.expr)):
        what = "a path that is missing discards the event, whatever the other side of the alternative says"
        findings.warn((*path, "expr"), what, _or_jmespath("", better), "trap-missing-path")


def _check_context(context: ContextFilter, path: FieldPath, findings: Findings) -> None:
    for name in ("id", "specversion", "time"):
        if getattr(context, name):
            what = "Argo Events does not compare it"
            fix = _or_jmespath("", context_as_jmespath(context, (name,)))
            findings.warn((*path, name), what, fix, "trap-context")


def _check_data(data: DataFilter, path: FieldPath, findings: Findings, *, alone: bool) -> None:
    negated = data.comparator == "!="
    better = data_as_jmespath([data])
    if data.type and data.type not in _TYPES:
        what = f"type '{data.type}' is none of {', '.join(_TYPES)}, so the filter never passes"
        findings.warn((*path, "type"), what, _or_jmespath("", better), "trap-data-type")
    if negated and len(data.value) > 1:
        what = "passes if any one of the values differs, which is nearly always"
        fix = _or_jmespath('write one value such as "^(a|b)$"' if data.type == "string" else "", better)
        findings.warn((*path, "value"), what, fix, "trap-not-equal-list")
    if data.type == "bool" and data.comparator not in ("", "="):
        what = f"a bool filter ignores the comparator '{data.comparator}': it tests equality"
        findings.warn(
            (*path, "comparator"), what, _or_jmespath("write the opposite value", better), "trap-bool-comparator"
        )
    if data.type == "string":
        if data.comparator not in ("", "=", "!="):
            what = f"a string filter with '{data.comparator}' never passes"
            fix = _or_jmespath("use type: number, or = and !=", better)
            findings.warn((*path, "comparator"), what, fix, "trap-string-comparator")
        else:
            _check_regexes(data, path, findings)
    if data.template:
        for what, fix in template_faults(data.template):
            at = (*path, "template")
            if alone:
                findings.fault(at, what, fix, "bad-template")
            else:
                findings.warn(at, what, fix, "bad-template")


def _check_regexes(data: DataFilter, path: FieldPath, findings: Findings) -> None:
    plain = [value for value in data.value if not _REGEX.search(value)]
    if plain:
        what = (
            f"'{plain[0]}' is a regular expression that may match anywhere in the text: it also passes 'x{plain[0]}x'"
        )
        exact = re.sub(r"\.", r"\\.", plain[0])
        fix = _or_jmespath(f"for equality write '^{exact}$'", data_as_jmespath([data]))
        findings.warn((*path, "value"), what, fix, "trap-regex")
