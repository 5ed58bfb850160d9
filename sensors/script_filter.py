"""The script filter: a Lua script that must return exactly true (`filters.script`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.event_object import object_of
from sensors.filter import Check, shown

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from sensors.languages.lua.script import Script


class ScriptFilter:
    """An error of the script, or data that is no object, discards the event; no data at all passes."""

    def __init__(self, script: Script) -> None:
        self.warnings = tuple(f"script: {warning}" for warning in script.warnings)
        self._run = script.run
        self._asked = str(shown(script.text.strip()))
        self._passed = Check(True, (FilterResult("script", self._asked),))

    def check(self, event: Event, explain: bool) -> Check:
        if event.data is None:
            return self._passed
        try:
            found = self._run(object_of(event) or {})
        except ValueError as error:
            return Check(False, (FilterResult("script", self._asked, "error", error=str(error)),), f"script: {error}")
        if found is True and not explain:
            return self._passed
        verdict = "passed" if found is True else "failed"
        return Check(found is True, (FilterResult("script", self._asked, verdict, True, shown(found)),))


def compile_filter(text: str, path: FieldPath) -> ScriptFilter:
    """The filter of a script, which stands at `path`. Raises CompileError."""
    return ScriptFilter(compile_lua(text, path))


def compile_lua(text: str, path: FieldPath) -> Script:
    """The script of a field of the manifest. Raises CompileError."""
    # The language is large, and most manifests have no script.
    from sensors.languages.lua.script import ExpressionError, compile_script

    try:
        return compile_script(text)
    except ExpressionError as error:
        raise CompileError(path, f"not a Lua script: {error}", "see https://www.lua.org/manual/5.1") from None
