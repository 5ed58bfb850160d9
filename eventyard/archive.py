"""The history and the dead letters as JSON-able values: what a running instance answers, and a stopped one as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from bus.base import DeadLetter, DeadLetters, EventQuery, History
from config.errors import EventyardError
from eventyard.explain import explain, explain_delivery, explained_view
from eventyard.views import event_view

PAGE_MOST: Final = 1000
"""Events or dead letters in one answer."""

_UNFINISHED: Final = frozenset({"firing", "retrying"})
_TEXTS: Final = ("source", "subject", "type", "since", "until")


class NotFound(EventyardError):
    """There is nothing of that id."""


class Archive:
    """Questions that change nothing. Parameters are texts by name, as in a URL; all raise EventyardError."""

    def __init__(self, history: History, dead_letters: DeadLetters) -> None:
        self._history = history
        self._dead_letters = dead_letters

    async def events(self, given: Mapping[str, str]) -> list[dict[str, Any]]:
        """Newest first, with the verdict of each Sensor."""
        deliveries = await self._history.events(_event_query(given))
        recorded = await self._history.verdicts([delivery.position for delivery in deliveries])
        found = []
        for delivery in deliveries:
            verdicts = dict(recorded.get(delivery.position, ()))
            if not _UNFINISHED.isdisjoint(verdicts.values()):
                # What was not finished when it was decided may be by now.
                explained = await explain_delivery(self._history, delivery)
                verdicts = {decision.sensor: decision.verdict for decision in explained.decisions}
            found.append(
                {
                    "position": delivery.position,
                    **event_view(delivery.event, data=False),
                    "size": delivery.event.size,
                    "verdicts": verdicts,
                }
            )
        return found

    async def event(self, id: str) -> list[dict[str, Any]]:
        """Every event that the id means, with its data. Raises NotFound."""
        found = await self._history.find(_whole(id))
        if not found:
            raise _no_event(id)
        return [{"position": each.position, **event_view(each.event)} for each in found]

    async def explain(self, id: str) -> list[dict[str, Any]]:
        """Why each of them did or did not fire (`eventyard.explain.Explained`). Raises NotFound."""
        found = await explain(self._history, _whole(id))
        if not found:
            raise _no_event(id)
        return [explained_view(each) for each in found]

    async def dead_letters(self, given: Mapping[str, str]) -> list[dict[str, Any]]:
        """What was given up, newest first."""
        _refuse_unknown(given, ("limit", "before", "sensor"))
        letters = await self._dead_letters.list(
            limit=_limit(given, 100), before=_number(given.get("before"), 0), sensor=given.get("sensor", "")
        )
        return [_letter_view(letter, events=False) for letter in letters]

    async def dead_letter(self, id: str) -> dict[str, Any]:
        """One of them, with its events whole. Raises NotFound."""
        letter = await self._dead_letters.get(_number(id, 0))
        if letter is None:
            raise NotFound(f"no dead letter {id}", fix="list them with: eventyard dlq list")
        return _letter_view(letter, events=True)


def _whole(id: str) -> str:
    """An id as it was copied from a line of the log, which may have cut it."""
    return id.strip().removesuffix("…")


def _no_event(id: str) -> NotFound:
    return NotFound(f"no event '{id}'", fix="list them with: eventyard events list")


def _event_query(given: Mapping[str, str]) -> EventQuery:
    _refuse_unknown(given, ("limit", "before", *_TEXTS))
    texts = {name: given.get(name, "") for name in _TEXTS}
    return EventQuery(limit=_limit(given, 50), before=_number(given.get("before"), 0), **texts)


def _refuse_unknown(given: Mapping[str, str], known: tuple[str, ...]) -> None:
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise EventyardError(f"unknown parameter '{unknown[0]}'", fix=f"known are {', '.join(known)}")


def _limit(given: Mapping[str, str], default: int) -> int:
    return max(1, min(_number(given.get("limit"), default), PAGE_MOST))


def _number(text: str | None, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise EventyardError(f"'{text}' is no number", fix="write digits only")
    return int(text)


def _letter_view(letter: DeadLetter, *, events: bool) -> dict[str, Any]:
    firing = letter.firing
    return {
        "id": letter.id,
        "at": letter.at,
        "sensor": firing.name.sensor,
        "trigger": firing.name.trigger,
        "key": firing.key,
        "reason": firing.reason,
        "rendered": firing.rendered,
        "attempts": msgspec.to_builtins(firing.attempts),
        "events": {name: event_view(event) if events else event.id for name, event in firing.events.items()},
    }
