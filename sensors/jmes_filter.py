"""JMESPath filters: expressions about the whole CloudEvent, each of which must be true (`filters.jmespath`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.filter import Check, shown
from sensors.jmes_expression import compile_manifest_expression
from sensors.languages.jmes.search import Expression, JmesRuntimeError, JmesSyntaxError, is_true

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath


class JmesFilter:
    """Expressions that must all be true as JMESPath sees it: neither null, false nor empty."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self.warnings = tuple(
            f"jmespath: '{expression.text}': {trap.message}, at character {trap.column + 1}"
            for expression in expressions
            for trap in expression.traps()
        )
        self._expressions = tuple(expressions)
        self._searches = tuple(expression.search for expression in expressions)
        self._passed = Check(True, tuple(FilterResult("jmespath", expression.text) for expression in expressions))

    def check(self, event: Event, explain: bool) -> Check:
        if not explain:
            document = event.document()
            try:
                for search in self._searches:
                    found = search(document)
                    if found is not True and not is_true(found):
                        break
                else:
                    return self._passed
            except JmesRuntimeError:
                pass
        return self._ask_each(event.document(), explain)

    def _ask_each(self, document: Any, explain: bool) -> Check:
        """Ask all of them, so that a person sees at once which ones stand in the way."""
        results = []
        for expression, passed in zip(self._expressions, self._passed.results, strict=True):
            result = _ask(expression, document)
            if result.verdict != "passed" or explain:
                _add_found(result, expression, document)
                results.append(result)
            else:
                results.append(passed)
        failed = next((result for result in results if result.verdict != "passed"), None)
        error = f"jmespath: {failed.asked}: {failed.error}" if failed is not None and failed.error else ""
        return Check(failed is None, results, error)


def compile_filter(texts: Sequence[str], path: FieldPath) -> JmesFilter:
    """The filter of a list of expressions, which stands at `path`. Raises CompileError."""
    return JmesFilter([compile_jmespath(text, (*path, index)) for index, text in enumerate(texts)])


def compile_jmespath(text: str, path: FieldPath) -> Expression:
    """The expression of a field of the manifest. Raises CompileError."""
    try:
        return compile_manifest_expression(text)
    except JmesSyntaxError as error:
        raise CompileError(path, f"not a JMESPath expression: {error}", "see https://jmespath.org") from None


def _ask(expression: Expression, document: Any) -> FilterResult:
    result = FilterResult("jmespath", expression.text)
    try:
        result.found = expression.search(document)
        result.verdict = "passed" if is_true(result.found) else "failed"
    except JmesRuntimeError as error:
        result.verdict, result.error = "error", str(error)
    return result


def _add_found(result: FilterResult, expression: Expression, document: Any) -> None:
    """What the expression looked at; where that has no name, what came out of it."""
    match [(found.path, shown(found.value)) for found in expression.explain(document)]:
        case []:
            result.found = shown(result.found)
        case [(_, only)]:
            result.found = only
        case several:
            result.found = dict(several)
