"""Data filters: comparisons of values in the event's data, found by gjson paths, with given values (`filters.data`).

Of several values one is enough, whatever the comparator. What cannot be compared is an error where the comparison is
reached, as in Argo Events, and a warning when the manifest is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from sensors.comparators import Test, compile_test, describe
from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.event_json import data_of
from sensors.filter import Check, shown
from sensors.languages.gjson.get import Path, PathError, Result, Type, compile_path, parse
from sensors.languages.go.text import quote
from sensors.templates import compile_field, render

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from config.sensor import DataFilter as Manifest
    from config.sensor import LogicalOperator
    from sensors.languages.gjson.get import Document


Change = Callable[[Result], Result]
"""What a template makes of a value. Raises ValueError if that is nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One item of the list. `asked` says in words what it asks, `wanted` the values; `passed` is what a record shows.

    With a template it is the text that the template makes of the value that is compared.
    """

    path: Path
    template: Change | None
    asked: str
    wanted: str | Sequence[str]
    tests: Sequence[Test]
    passed: FilterResult
    warnings: Sequence[str]

    def ask(self, document: Document) -> tuple[bool, Result | None]:
        """Whether it holds, and what was found. Raises ValueError if it cannot be told."""
        found = self.path.read(document)
        if found is None:
            raise ValueError(f"path '{self.path.text}' does not exist")
        if self.template is not None:
            found = self.template(found)
        if not self.tests:
            raise ValueError("no values specified")
        return any(test(found) for test in self.tests), found

    def result(self, verdict: str, found: Result | None, error: str = "") -> FilterResult:
        return FilterResult("data", self.asked, verdict, self.wanted, _shown(found), error)


class DataFilter:
    """Comparisons of which all must hold, up to the first that does not, or one."""

    def __init__(self, comparisons: Sequence[Comparison], any_holds: bool) -> None:
        self.warnings = tuple(warning for each in comparisons for warning in each.warnings)
        self._comparisons = tuple(comparisons)
        self._any_holds = any_holds
        self._passed = Check(True, tuple(each.passed for each in comparisons))

    def check(self, event: Event, explain: bool) -> Check:
        if event.data is None or not self._comparisons:
            return self._passed
        try:
            document = event.view(data_of)
        except ValueError as error:
            asked = " and ".join(each.path.text for each in self._comparisons)
            return Check(False, (FilterResult("data", asked, "error", error=str(error)),), f"data: {error}")
        if explain or self._any_holds:
            return self._ask_each(document)
        for comparison in self._comparisons:
            try:
                holds, _ = comparison.ask(document)
            except ValueError:
                holds = False
            if not holds:
                return self._ask_each(document)
        return self._passed

    def _ask_each(self, document: Document) -> Check:
        """Ask one after the other until the whole is decided, noting what each found."""
        results: list[FilterResult] = []
        errors: list[str] = []
        for comparison in self._comparisons:
            try:
                holds, found = comparison.ask(document)
            except ValueError as error:
                results.append(comparison.result("error", comparison.path.read(document), str(error)))
                errors.append(str(error))
                if not self._any_holds:
                    return Check(False, results, f"data: {error}")
                continue
            results.append(comparison.result("passed" if holds else "failed", found))
            if holds is self._any_holds:
                return Check(holds, results)
        # Of several of which one is enough, none held: what could not be told counts as well.
        return Check(not self._any_holds, results, f"data: {' / '.join(errors)}" if errors else "")


def compile_filter(manifests: Sequence[Manifest], logical_operator: LogicalOperator, path: FieldPath) -> DataFilter:
    """The filter of a `data` list, which stands at `path`. Raises CompileError."""
    comparisons = [_compile(manifest, (*path, index)) for index, manifest in enumerate(manifests)]
    return DataFilter(comparisons, logical_operator == "or")


def _compile(manifest: Manifest, path: FieldPath) -> Comparison:
    try:
        found_by = compile_path(manifest.path)
    except PathError as error:
        raise CompileError((*path, "path"), str(error)) from None
    tests: list[Test] = []
    warnings: list[str] = []
    for value in manifest.value:
        try:
            tests.append(compile_test(manifest.type, manifest.comparator, value))
        except ValueError as error:
            tests.append(_unable(str(error)))
            warnings.append(f"data: '{manifest.path}' is compared with something that it cannot be: {error}")
    change: Change | None = None
    if manifest.template:
        try:
            change = _by_template(manifest.template)
        except CompileError as error:
            change = _unable(error.what)
            warnings.append(f"data: the template for '{manifest.path}' cannot be rendered: {error.what}")
    shown_path = f"{manifest.template!r} of {manifest.path}" if manifest.template else manifest.path
    asked = f"{shown_path} {describe(manifest.type, manifest.comparator)}"
    wanted = manifest.value[0] if len(tests) == 1 else list(manifest.value)
    return Comparison(found_by, change, asked, wanted, tests, FilterResult("data", asked, wanted=wanted), warnings)


def _by_template(text: str) -> Change:
    """The template of a comparison, which sees the value as text. Raises CompileError."""
    template = compile_field(text, ())

    def change(found: Result) -> Result:
        made = render(template, found.string())
        # Argo Events writes the text as Go quotes it and reads it as JSON, which is not the same for control characters.
        return parse(quote(made)) or found

    return change


def _unable(reason: str) -> Callable[[Result], NoReturn]:
    def fail(found: Result) -> NoReturn:
        raise ValueError(reason)

    return fail


def _shown(found: Result | None) -> Any:
    if found is None or found.type is Type.NULL:
        return None
    return found.value() if found.type in (Type.TRUE, Type.FALSE) else shown(found.string())
