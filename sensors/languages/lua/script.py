"""Lua: text -> a compiled script -> the value that it returns for an event's data.

Argo Events runs scripts with gopher-lua, a Lua 5.1 with `goto` whose numbers and texts behave as Go's. Here they are compiled to
Python: a script is as fast as its few lookups, has no more of the machine than what is written in these files, and every
loop and every value that it makes counts on its budget. No evaluation knows of another.

Not there are `io`, `debug`, `package`, `require`, `module`, whatever loads code, and of `os` all but the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sensors.languages.budget import LimitExceeded
from sensors.languages.expression_error import ExpressionError as ExpressionError
from sensors.languages.lua.json import from_lua
from sensors.languages.lua.library import ABSENT, new_run
from sensors.languages.lua.operators import text_of
from sensors.languages.lua.run import complete
from sensors.languages.lua.source import Program, compile_source
from sensors.languages.lua.values import LuaError, spread

_PLACE: Final = re.compile(r"<string>:([0-9]+): ")


class ScriptError(ValueError):
    """A script that failed, took too long, or whose value is nothing that JSON has."""


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script. `warnings` name what it uses that is not there."""

    text: str
    warnings: tuple[str, ...]
    _program: Program

    def run(self, data: dict[str, Any]) -> Any:
        """The last value that the script returns for a JSON object, its global variable `event`. Raises ScriptError.

        It is given as the JSON value that Argo Events makes of it; bytes that are not UTF-8 become U+FFFD.
        """
        program = self._program
        run = new_run(data, program.has_coroutines)
        try:
            result = program.function(run)
            values = spread(complete(result) if program.has_coroutines else result)
            return from_lua(values[-1], run) if values else None
        except LuaError as error:
            raise ScriptError(_PLACE.sub(r"line \1: ", text_of(run, error.value), count=1)) from None
        except LimitExceeded as error:
            raise ScriptError(f"the script was stopped: {error}") from None
        except RecursionError:
            raise ScriptError("the script was stopped: its functions call each other too deeply") from None
        except ValueError as error:
            raise ScriptError(f"the result cannot be written as JSON: {error}") from None


def compile_script(text: str) -> Script:
    """Raises ExpressionError for what is no Lua."""
    program = compile_source(text)
    absent = sorted(program.used & ABSENT)
    return Script(text, tuple(f"'{name}' does not exist for scripts of eventyard" for name in absent), program)
