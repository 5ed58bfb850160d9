"""The context filter: attributes of the CloudEvent that must be equal to given texts (`filters.context`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sensors.decision import FilterResult
from sensors.filter import Check, shown

if TYPE_CHECKING:
    from bus.event import Event
    from config.sensor import ContextFilter as Manifest

_COMPARED: Final = ("type", "subject", "source", "datacontenttype")
"""Argo Events compares these alone; `id`, `specversion` and `time` may be given and mean nothing, of which `check` warns."""


class ContextFilter:
    """Equality with what is not empty in the manifest."""

    warnings: Sequence[str] = ()

    def __init__(self, wanted: Mapping[str, str]) -> None:
        self._wanted = tuple(wanted.items())
        self._passed = Check(True, tuple(FilterResult("context", name, wanted=text) for name, text in self._wanted))

    def check(self, event: Event, explain: bool) -> Check:
        if not explain:
            for name, text in self._wanted:
                if getattr(event, name) != text:
                    break
            else:
                return self._passed
        results = []
        for name, text in self._wanted:
            found = getattr(event, name)
            verdict = "passed" if found == text else "failed"
            results.append(FilterResult("context", name, verdict, text, shown(found)))
        return Check(all(result.verdict == "passed" for result in results), results)


def compile_filter(manifest: Manifest) -> ContextFilter:
    """The filter of a `context` block."""
    return ContextFilter({name: text for name in _COMPARED if (text := getattr(manifest, name))})
