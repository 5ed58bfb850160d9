"""Argo Events' types of sources. For those that have an adapter these are the least of the rules; it may know more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.checks.hooked_sources import HOOKED_SOURCES
from config.checks.reading_sources import READING_SOURCES
from config.checks.shapes import Known

SOURCES: Final[Mapping[str, Known]] = {**READING_SOURCES, **HOOKED_SOURCES}
