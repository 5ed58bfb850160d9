"""Expression filters: govaluate expressions about values that gjson paths find in the event's data (`filters.exprs`).

An expression passes if it is exactly true. What cannot be read or evaluated is an error where it is reached, as in Argo
Events, and a warning when the manifest is loaded, if it can be known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.event_json import data_of
from sensors.filter import Check, shown
from sensors.languages.gjson.get import Path, PathError, compile_path
from sensors.languages.govaluate.expression import Expression, GovaluateError, compile_govaluate

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from config.sensor import ExprFilter as Manifest
    from config.sensor import LogicalOperator
    from sensors.languages.gjson.get import Document

_EXACT: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Question:
    """One item of the list: an expression, or why it is none, and where the values of its names are found."""

    text: str
    expression: Expression | str
    fields: Sequence[tuple[str, Path]]
    passed: FilterResult
    warnings: Sequence[str]

    def ask(self, document: Document, explain: bool) -> FilterResult:
        """What came of it. The values are noted if it did not pass, and with `explain` in any case."""
        values: dict[str, Any] = {}
        try:
            for name, path in self.fields:
                found = path.read(document)
                if found is None:
                    raise ValueError(f"path '{path.text}' does not exist")
                values[name] = found.value()
            if isinstance(self.expression, str):
                raise ValueError(self.expression)
            outcome = self.expression(values)
        except ValueError as error:
            return FilterResult("exprs", self.text, "error", None, _shown(values), str(error))
        if outcome is True:
            return FilterResult("exprs", self.text, found=_shown(values)) if explain else self.passed
        # What is no truth at all is told apart from what is false.
        return FilterResult("exprs", self.text, "failed", None if outcome is False else True, _shown(values))


class ExprFilter:
    """Expressions of which all must be true, up to the first that is not, or one."""

    def __init__(self, questions: Sequence[Question], any_holds: bool) -> None:
        self.warnings = tuple(warning for each in questions for warning in each.warnings)
        # Argo Events never asks an expression that has no fields.
        self._questions = tuple(each for each in questions if each.fields)
        self._any_holds = any_holds
        self._passed = Check(True, tuple(each.passed for each in self._questions))

    def check(self, event: Event, explain: bool) -> Check:
        if event.data is None:
            return self._passed
        try:
            document = event.view(data_of)
        except ValueError as error:
            asked = " and ".join(each.text for each in self._questions)
            return Check(False, (FilterResult("exprs", asked, "error", error=str(error)),), f"exprs: {error}")
        results: list[FilterResult] = []
        errors: list[str] = []
        for question in self._questions:
            result = question.ask(document, explain)
            results.append(result)
            if result.error:
                if not self._any_holds:
                    return Check(False, results, f"exprs: {result.error}")
                errors.append(result.error)
            elif (result.verdict == "passed") is self._any_holds:
                return Check(self._any_holds, results)
        # Of several of which one is enough, none held: what could not be told counts as well.
        return Check(not self._any_holds, results, f"exprs: {' / '.join(errors)}" if errors else "")


def compile_filter(manifests: Sequence[Manifest], logical_operator: LogicalOperator, path: FieldPath) -> ExprFilter:
    """The filter of an `exprs` list, which stands at `path`. Raises CompileError."""
    questions = [_compile(manifest, (*path, index)) for index, manifest in enumerate(manifests)]
    return ExprFilter(questions, logical_operator == "or")


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a record shows them; whole numbers as they are mostly written."""
    return {name: int(value) if _is_whole(value) else shown(value) for name, value in values.items()}


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) < _EXACT


def _compile(manifest: Manifest, path: FieldPath) -> Question:
    fields: list[tuple[str, Path]] = []
    for index, field in enumerate(manifest.fields):
        try:
            fields.append((field.name, compile_path(field.path)))
        except PathError as error:
            raise CompileError((*path, "fields", index, "path"), str(error)) from None
    expression: Expression | str
    try:
        expression = compile_govaluate(manifest.expr)
        warnings = _unknown_names(expression, [name for name, _ in fields])
    except GovaluateError as error:
        expression = f"not a govaluate expression: {error}"
        warnings = [f"exprs: {expression}\n{error.caret()}"]
    return Question(manifest.expr, expression, fields, FilterResult("exprs", manifest.expr), warnings)


def _unknown_names(expression: Expression, known: Sequence[str]) -> list[str]:
    warnings = []
    for name in expression.names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            warnings.append(f"exprs: '{expression.text}': no field is named '{name}'{hint}")
    return warnings
