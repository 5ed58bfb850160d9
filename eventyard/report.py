"""What a running instance says: one line a decision, one line for what became of a firing later; as text or as JSON."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TextIO

import msgspec
import orjson

from bus.base import Attempt, Delivery, Firing
from eventyard.views import decision_view
from sensors.decision import Decision, TriggerResult

STYLES = {
    "fired": "green",
    "waiting": "cyan",
    "firing": "cyan",
    "retrying": "yellow",
    "dead": "red",
    "filtered": "dim",
    "error": "red",
    "suppressed": "dim",
}

FOUND_LIMIT = 60
ANSWER_LIMIT = 120


class Reporter:
    """Writes lines to a stream; colours only where a person reads them on a terminal.

    Within an event loop the lines of one turn are written together, for each writing costs as much as making the line.
    """

    def __init__(self, stream: TextIO | None = None, *, log_format: str = "text") -> None:
        self._stream = stream or sys.stdout
        self._json = log_format == "json"
        self._colour = not self._json and self._stream.isatty()
        self._waiting: list[str] = []

    def decided(self, delivery: Delivery, decision: Decision) -> None:
        """A decision is durable."""
        if self._json:
            event = delivery.event
            record = decision_view(decision)
            record |= {"kind": "decision", "event": event.id, "source": event.source, "subject": event.subject}
            self._write(orjson.dumps(record).decode())
        else:
            self._write(decision_line(delivery, decision, self._style))

    def settled(self, firing: Firing) -> None:
        """A firing that was not finished with its decision has got further."""
        if self._json:
            self._write(
                orjson.dumps(
                    {
                        "kind": "firing",
                        "sensor": firing.name.sensor,
                        "trigger": firing.name.trigger,
                        "key": firing.key,
                        "verdict": _word(firing.status),
                        "attempts": msgspec.to_builtins(firing.attempts),
                        "reason": firing.reason,
                    }
                ).decode()
            )
        else:
            self._write(firing_line(firing, self._style))

    def say(self, text: str) -> None:
        """A line of prose (start-up, reload)."""
        if not self._json:
            self._write(text)
        elif text:
            self._write(orjson.dumps({"kind": "note", "message": text.strip()}).decode())

    def _style(self, text: str, style: str) -> str:
        if not self._colour:
            return text
        return f"{_ANSI.get(style, '')}{text}\x1b[0m"

    def _write(self, line: str) -> None:
        self._waiting.append(line + "\n")
        if len(self._waiting) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self._flush)
        except RuntimeError:
            self._flush()

    def _flush(self) -> None:
        lines, self._waiting = self._waiting, []
        self._stream.write("".join(lines))
        self._stream.flush()


_ANSI = {"green": "\x1b[32m", "cyan": "\x1b[36m", "yellow": "\x1b[33m", "red": "\x1b[31m", "dim": "\x1b[2m"}

Style = Callable[[str, str], str]


def plain(text: str, style: str) -> str:
    """No colours."""
    return text


def decision_line(delivery: Delivery, decision: Decision, style: Style = plain) -> str:
    """`21:14:03.412  hooks/github  3e1b…  default/deploy  fired  announce: POST … 202 in 6 ms`"""
    event = delivery.event
    head = (
        f"{clock_text(decision.at)}  {event.source}/{event.subject}  {short(event.id)}  "
        f"{decision.sensor.removeprefix('default/')}  {style(decision.verdict, STYLES.get(decision.verdict, ''))}"
    )
    if decision.triggers:
        return f"{head}  " + "; ".join(_trigger_words(trigger) for trigger in decision.triggers)
    return f"{head}  " + "; ".join(_why_not(decision))


def firing_line(firing: Firing, style: Style = plain) -> str:
    """The same for a firing whose decision was told before."""
    event = max(firing.events.values(), key=lambda each: each.time)
    verdict = _word(firing.status)
    result = TriggerResult(
        firing.name.trigger,
        "",
        verdict=verdict,
        rendered=firing.rendered,
        attempts=firing.attempts,
        reason=firing.reason,
    )
    at = firing.attempts[-1].at if firing.attempts else ""
    return (
        f"{clock_text(at)}  {event.source}/{event.subject}  {short(event.id)}  "
        f"{firing.name.sensor.removeprefix('default/')}  {style(verdict, STYLES.get(verdict, ''))}  {_trigger_words(result)}"
    )


def short(id: str) -> str:
    """An id as a line can hold it: the part after the last colon, cut."""
    last = id.rpartition(":")[2]
    return last if len(last) <= 13 else last[:8] + "…"


def attempt_words(attempt: Attempt) -> str:
    """`503 after 8 ms, again in 1 s`; where there is no status, in the target's words: `Job shop/backup-x7 created after 8 ms`"""
    said = " ".join(attempt.answer.split())[:ANSWER_LIMIT] or "done"
    words = f"{attempt.status or attempt.error or said} after {attempt.duration * 1000:.0f} ms"
    if attempt.retry_in is not None:
        words += f", again in {attempt.retry_in:.3g} s"
    return words


def _trigger_words(trigger: TriggerResult) -> str:
    if trigger.verdict == "waiting":
        missing = ", ".join(name for name, there in trigger.terms.items() if not there)
        return f"{trigger.name} waits for {missing}"
    words = trigger.name
    if trigger.rendered:
        words += f": {trigger.rendered[:100]}"
    if trigger.attempts:
        words += f"  {attempt_words(trigger.attempts[-1])}"
    if len(trigger.attempts) > 1:
        words += f" (attempt {len(trigger.attempts)})"
    if trigger.verdict == "dead":
        words += f"  {_only_new(trigger.reason, trigger.attempts)}"
    if fix := fix_of(trigger.attempts):
        words += f"  fix: {fix}"
    return words


def _only_new(reason: str, attempts: Sequence[Attempt]) -> str:
    """`refused for good` of `refused for good: the token is refused`, when the last attempt has said the rest."""
    error = attempts[-1].error if attempts else ""
    return reason.replace(f": {error}", "", 1) if error else reason


def fix_of(attempts: Sequence[Attempt]) -> str:
    """What would help, as far as the last attempt failed and it is known."""
    return attempts[-1].fix if attempts else ""


def _why_not(decision: Decision) -> list[str]:
    reasons = []
    for dependency in decision.dependencies:
        failing = next((each for each in dependency.filters if each.verdict != "passed"), None)
        if failing is None:
            reasons.append(f"{dependency.name}: {dependency.error or dependency.verdict}")
            continue
        found = failing.error or f"found {orjson.dumps(failing.found, default=str).decode()[:FOUND_LIMIT]}"
        reasons.append(f"{dependency.name}: {failing.kind} {failing.asked}  {found}")
    return reasons


def clock_text(at: str) -> str:
    """`21:14:03.412` of an RFC 3339 time in UTC, nothing of nothing."""
    if not at:
        return ""
    time = at[11:23].rstrip("Z")
    return time.ljust(12, "0") if "." in time else time + ".000"


def _word(status: str) -> str:
    return {"ready": "firing", "waiting": "retrying"}.get(status, status)
