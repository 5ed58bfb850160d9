"""All filters of a dependency, and the rule that makes one verdict of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sensors import context_filter, data_filter, expr_filter, jmes_filter, script_filter, time_filter
from sensors.decision import FilterResult

if TYPE_CHECKING:
    from bus.event import Event
    from config.sensor import Dependency, DependencyFilter
    from sensors.filter import Filter

Verdict = tuple[bool, Sequence[FilterResult], str]


@dataclass(frozen=True, slots=True)
class Filters:
    """The compiled filters of one dependency.

    `kinds` are Argo Events', in its order; all of them must pass or, with `any_passes`, one of them. Either way an error
    in any of them discards the event. `own`, if there is any, must pass besides.
    """

    kinds: tuple[Filter, ...] = ()
    any_passes: bool = False
    own: Filter | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the manifest would not expect."""
        filters = (*self.kinds, self.own) if self.own else self.kinds
        return tuple(warning for each in filters for warning in each.warnings)

    def evaluate(self, event: Event, explain: bool = False) -> Verdict:
        """Whether the event passed, what each filter said, and the error if one of them could not tell. Never raises.

        What did not pass says what it wanted and found; with `explain`, all does.
        """
        results: list[FilterResult] = []
        passes: list[bool] = []
        errors: list[str] = []
        for each in self.kinds:
            passed, said, error = each.check(event, explain)
            results += said
            passes.append(passed)
            if error:
                errors.append(error)
        if self.own is not None:
            passed, said, error = self.own.check(event, explain)
            results += said
            if error:
                errors.append(error)
            elif not passed:
                return False, results, " / ".join(errors)
        combined = any(passes) if self.any_passes else all(passes)
        return combined and not errors, results, " / ".join(errors)


def compile_filters(dependency: Dependency) -> Filters:
    """The filters of a dependency. Raises CompileError, whose path begins in its `filters`."""
    filters = dependency.filters
    if filters is None:
        return Filters()
    kinds = _kinds(filters)
    own = jmes_filter.compile_filter(filters.jmespath, ("jmespath",)) if filters.jmespath else None
    # With nothing to choose from, `or` rejects everything; expressions of our own are something to go by.
    any_passes = dependency.filters_logical_operator == "or" and bool(kinds or own is None)
    return Filters(tuple(kinds), any_passes, own)


def _kinds(filters: DependencyFilter) -> list[Filter]:
    """What is there of Argo Events' kinds, in the order in which it asks them."""
    kinds: list[Filter] = []
    if filters.exprs is not None:
        kinds.append(expr_filter.compile_filter(filters.exprs, filters.expr_logical_operator, ("exprs",)))
    if filters.data is not None:
        kinds.append(data_filter.compile_filter(filters.data, filters.data_logical_operator, ("data",)))
    if filters.context is not None:
        kinds.append(context_filter.compile_filter(filters.context))
    if filters.time is not None:
        kinds.append(time_filter.compile_filter(filters.time, ("time",)))
    if filters.script:
        kinds.append(script_filter.compile_filter(filters.script, ("script",)))
    return kinds
