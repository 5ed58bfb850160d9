"""Templates of manifests: Go's text/template with the functions of sprig, compiled once, then rendered for every event.

    template = compile_template("{{ .Input.body.ref | trimPrefix \\"refs/heads/\\" }}")
    template.render({"body": {"ref": "refs/heads/main"}})         # main

The language is that of https://pkg.go.dev/text/template, the functions are those of sprig 3.3 (https://masterminds.github.io/
sprig/) but for a few that `sprig_refused` names with its reasons. Text and answers are those of Argo Events, which gives a
template the value of `.Input` and the name `param`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sensors.languages.go.limits import GoError
from sensors.languages.go.values import copied
from sensors.languages.gotemplate.errors import TemplateError, TemplateRuntimeError
from sensors.languages.gotemplate.expressions import Expressions
from sensors.languages.gotemplate.parser import ROOT, parse
from sensors.languages.gotemplate.statements import Output, Statements
from sensors.languages.sprig.functions import METHODS, SYSTEM, Surroundings, functions_in
from sensors.languages.sprig.refused import REFUSED

__all__ = ["Surroundings", "Template", "TemplateError", "TemplateRuntimeError", "compile_template"]


class Template:
    """A compiled template; immutable, to be used by any number of threads."""

    __slots__ = ("_changes", "_clock", "_statements", "text")

    def __init__(self, text: str, statements: Statements, changes: bool, clock: Callable[[], float]) -> None:
        self.text = text
        self._statements = statements
        self._changes = changes
        self._clock = clock

    def render(self, value: Any) -> str:
        """The text for a value of JSON, which becomes `.Input` and is not changed.

        Numbers are float64, whatever they are in Python. Bytes that are not UTF-8, which functions like `trunc` can leave,
        are lone surrogates as those of the error handler `surrogateescape`. Raises TemplateRuntimeError, also for what
        exceeds the bounds of `go_limits`.
        """
        output = Output(self._clock)
        try:
            # What `set` changes is seen by the rest of this template, and by nobody else.
            dot = {"Input": copied(value) if self._changes else value}
            self._statements.render(ROOT, dot, output)
        except GoError as error:
            raise TemplateRuntimeError(str(error), self.text[:40], 1, 1) from None
        except RecursionError:
            raise TemplateRuntimeError("the value is nested too deeply", self.text[:40], 1, 1) from None
        return output.text()

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def compile_template(
    text: str, surroundings: Surroundings = SYSTEM, clock: Callable[[], float] = time.monotonic
) -> Template:
    """The template of a text. `clock` counts the seconds that rendering takes.

    Raises TemplateError for syntax and for functions that do not exist; what depends on values is not looked at.
    """
    functions = functions_in(surroundings)
    parsed = parse(text, functions, REFUSED)
    statements = Statements(Expressions(text, functions, METHODS), parsed.bodies)
    return Template(text, statements, any(functions[name].changes for name in parsed.functions), clock)
