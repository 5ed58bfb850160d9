"""Writes events to the log: the trigger to begin with, and to see what a Sensor lets through."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from pydantic import Field

from bus.event import Event
from config.model import Model
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.text import one_line, printable

_log = logging.getLogger("eventyard.triggers.log")
_READABLE = ("application/json", "text/plain")


class LogSettings(Model):
    """The `log` block of a trigger template."""

    interval_seconds: int = Field(
        default=0, description="After events were written, be silent for so many seconds; 0 writes all."
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it is written: data as text, in base64 if it is neither JSON nor plain text."""

    dependency: str
    message: str
    context: dict[str, str]


@dataclass(frozen=True, slots=True)
class Lines(Rendered):
    """The lines of one firing, by dependency."""

    lines: tuple[Line, ...]
    interval: int

    def show(self, limit: int = 1024) -> str:
        """`log push  {"body":…}`, several with ` | ` between them."""
        return one_line("log", " | ".join(f"{line.dependency}: {line.message[:limit]}" for line in self.lines), limit)

    def view(self) -> dict[str, Any]:
        return {
            "lines": [
                {"dependencyName": line.dependency, "message": line.message, "eventContext": line.context}
                for line in self.lines
            ]
        }


class Log(Trigger[LogSettings, Lines]):
    """Logs one line per event on `eventyard.triggers.log`, with sensor, trigger, dependencyName and eventContext.

    Argo Events accepts `intervalSeconds` and forgets to obey it; here it is obeyed as documented there, for the trigger as
    a whole. A firing that is kept silent is a success whose answer says so.
    """

    kind: ClassVar[str] = "log"
    Settings: ClassVar[type[Model]] = LogSettings

    def __init__(
        self, settings: LogSettings, context: TriggerContext, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(settings, context)
        self._clock = clock
        self._written: float | None = None

    def render(self, settings: LogSettings, values: Values) -> Lines:
        lines = (Line(name, _text(event), event.context()) for name, event in sorted(values.events.items()))
        return Lines(tuple(lines), settings.interval_seconds)

    async def fire(self, request: Lines, key: str) -> Outcome:
        now = self._clock()
        if self._written is not None and now - self._written < request.interval:
            return Outcome(answer=f"kept silent: the last line is less than {request.interval} s old")
        self._written = now
        for line in request.lines:
            self._write(line, key)
        return Outcome()

    def _write(self, line: Line, key: str) -> None:
        fields = {
            "sensor": self.context.sensor,
            "trigger": self.context.trigger,
            "dependencyName": line.dependency,
            "eventContext": line.context,
        }
        # A formatter for text shows the message alone, so there the fields are part of it.
        tail = "" if self.context.log_format == "json" else f"  {orjson.dumps(fields).decode()}"
        _log.info("%s%s", printable(line.message), tail, extra={"fields": {**fields, "key": key}})


def _text(event: Event) -> str:
    data = event.data or b""
    return data.decode("utf-8", "replace") if event.datacontenttype in _READABLE else b64encode(data).decode()
