"""Catching up on demand: running sources that can are told to ask upstream for what did not arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from config.errors import EventyardError
from eventsources.base import CatchesUp, CaughtUp, Missed
from eventyard.plan import SourcePlan
from eventyard.sources import RunningSource


class CatchUpRequest(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Which sources, all where nothing is said; `since` null for as far back as is needed; `dry_run` only looks."""

    source: str = ""
    event: str = ""
    namespace: str = ""
    type: str = ""
    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    dry_run: bool = False


class CaughtUpSource(msgspec.Struct, frozen=True):
    """What came of it for one source; the fields of `CaughtUp` beside its name."""

    source: str
    event: str
    namespace: str
    looked: int
    missed: Sequence[Missed]
    problems: Sequence[str]


async def catch_up(sources: Iterable[RunningSource], wanted: CatchUpRequest) -> list[CaughtUpSource]:
    """What came of it, source by source. Raises EventyardError if there is none that can."""
    results, reasons = [], []
    all_of_them = list(sources)
    for running in [each for each in all_of_them if _is_meant(each.plan, wanted)]:
        plan = running.plan
        try:
            done = await _catch_up(running, wanted)
        except _CannotCatchUp as error:
            reasons.append(f"{plan.source}/{plan.event}: {error}")
        else:
            results.append(
                CaughtUpSource(plan.source, plan.event, plan.namespace, done.looked, done.missed, done.problems)
            )
    if not results:
        if reasons:
            raise EventyardError("; ".join(reasons))
        raise EventyardError("no such EventSource runs here", fix=_there(all_of_them, wanted.type))
    return results


class _CannotCatchUp(Exception):
    """The message says why."""


async def _catch_up(running: RunningSource, wanted: CatchUpRequest) -> CaughtUp:
    if running.entered is None or not running.go.is_set():
        raise _CannotCatchUp(f"it does not run: {running.problem or 'not ready yet'}")
    source, emit = running.entered
    if not isinstance(source, CatchesUp):
        raise _CannotCatchUp(f"a source of type {running.plan.kind} cannot ask for what it missed")
    if reason := source.cannot_catch_up():
        raise _CannotCatchUp(reason)
    try:
        return await source.catch_up(emit, wanted.since, wanted.dry_run)
    except EventyardError as error:
        return CaughtUp(problems=[str(error)])


def _there(sources: Iterable[RunningSource], kind: str) -> str:
    names = [f"{each.plan.source}/{each.plan.event}" for each in sources if kind in ("", each.plan.kind)]
    of_type = f" of type {kind}" if kind else ""
    return f"those{of_type} are {', '.join(names)}" if names else f"there is none{of_type}"


def _is_meant(plan: SourcePlan, wanted: CatchUpRequest) -> bool:
    asked = (wanted.source, wanted.event, wanted.namespace, wanted.type)
    names = (plan.source, plan.event, plan.namespace, plan.kind)
    return all(not each or each == name for each, name in zip(asked, names, strict=True))
