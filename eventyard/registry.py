"""Plug-ins by entry point: names are known without importing anything, a class is loaded when it is first used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points, requires
from typing import Any, Final

from config.errors import EventyardError
from config.eventsource import EVENT_SOURCE_TYPES
from config.sensor import TRIGGER_TYPES

GROUPS = ("eventyard.eventsources", "eventyard.triggers", "eventyard.buses")

_KNOWN: Mapping[str, Sequence[str]] = {
    "eventyard.eventsources": EVENT_SOURCE_TYPES,
    "eventyard.triggers": TRIGGER_TYPES,
    "eventyard.buses": (),
}

_REQUIREMENT: Final = re.compile(r"""(?P<name>[\w.-]+).*;.*\bextra\s*==\s*["'](?P<extra>[^"']+)["']""")
"""A requirement of an extra, as `Requires-Dist` says it."""


class Unavailable(EventyardError):
    """A type that Argo Events has and this version does not."""


@dataclass(frozen=True)
class Plugin:
    """One offer: its name, and the distribution and object it comes from."""

    group: str
    name: str
    target: str
    distribution: str

    @property
    def module(self) -> str:
        """The module that the class lies in."""
        return self.target.partition(":")[0]


class Registry:
    """Classes by group and name. `offers` replaces what is installed, for tests and embedded use."""

    def __init__(self, offers: Sequence[EntryPoint] | None = None) -> None:
        self._offers = offers

    @cached_property
    def _entries(self) -> dict[tuple[str, str], EntryPoint]:
        offers = self._offers
        if offers is None:
            offers = [entry for group in GROUPS for entry in entry_points(group=group)]
        entries: dict[tuple[str, str], EntryPoint] = {}
        for entry in offers:
            other = entries.setdefault((entry.group, entry.name), entry)
            if other.value != entry.value:
                raise EventyardError(
                    f"two plug-ins offer '{entry.name}' in {entry.group}: {other.value} and {entry.value}",
                    fix="uninstall one of them",
                )
        return entries

    def plugins(self) -> list[Plugin]:
        """All offers, sorted by group and name."""
        return [
            Plugin(group, name, entry.value, entry.dist.name if entry.dist is not None else "")
            for (group, name), entry in sorted(self._entries.items())
        ]

    def has(self, group: str, name: str) -> bool:
        """True if there is an offer of that name."""
        return (group, name) in self._entries

    def names(self, group: str) -> list[str]:
        """All names offered in a group."""
        return sorted(name for found, name in self._entries if found == group)

    def load(self, group: str, name: str) -> Any:
        """The class. Raises Unavailable for a type that is known but not here, EventyardError for any other name and for
        a plug-in whose library is missing."""
        entry = self._entries.get((group, name))
        if entry is None:
            if name in _KNOWN[group]:
                raise Unavailable(
                    f"'{name}' is known, not available in this version",
                    fix="remove it, or run with --skip-unavailable to leave it out",
                )
            near = difflib.get_close_matches(name, {*self.names(group), *_KNOWN[group]}, n=1)
            raise EventyardError(f"unknown type '{name}'", fix=f"did you mean '{near[0]}'?" if near else "")
        try:
            return entry.load()
        except ModuleNotFoundError as error:
            raise EventyardError(
                f"'{name}' needs the Python package '{error.name}'", fix=f"pip install 'eventyard[{name}]'"
            ) from error


def missing_packages(plugin: Plugin) -> list[str]:
    """What the plug-in's extra (of the same name) asks for and is not installed; nothing is imported to find out."""
    try:
        wanted = requires(plugin.distribution) or []
    except (PackageNotFoundError, ValueError):
        return []
    names = [
        found["name"]
        for requirement in wanted
        if (found := _REQUIREMENT.match(requirement)) is not None and _normal(found["extra"]) == _normal(plugin.name)
    ]
    return [name for name in names if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _normal(extra: str) -> str:
    """A name as metadata compares it (PEP 685)."""
    return re.sub(r"[-_.]+", "-", extra).lower()
