"""What is checked beyond types: Argo Events' own rules, references between manifests, and traps."""

from __future__ import annotations

from config.errors import Fault
from config.manifests import Manifests


def check(manifests: Manifests) -> list[Fault]:
    """Everything wrong or doubtful in a set of manifests that were decoded."""
    return []
