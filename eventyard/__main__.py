"""The one way in, as command and as `python -m eventyard`: imports the standard library only until it knows that the
rooms beside it are really ours."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("bus", "config", "eventsources", "sensors", "triggers")

BROKEN = 78
"""Exit code of a broken installation (EX_CONFIG)."""


def misplaced_room(home: Path) -> str | None:
    """What is wrong with the installation, or None: every room has to be a package beside this one."""
    for room in ROOMS:
        spec = find_spec(room)
        if spec is None or spec.origin is None:
            return f"eventyard: the package '{room}' is missing.\n  fix: install eventyard again"
        found = Path(spec.origin).resolve()
        if found.parent.parent != home:
            return (
                f"eventyard: the package '{room}' is hidden by {found}.\n"
                f"  fix: rename that file or uninstall what it belongs to, or run the 'eventyard' command"
                f" (or 'python -P -m eventyard') from another folder"
            )
    return None


def main() -> None:
    """Run the command line."""
    problem = misplaced_room(Path(__file__).resolve().parent.parent)
    if problem is not None:
        sys.stderr.write(problem + "\n")
        raise SystemExit(BROKEN)
    from eventyard.cli import app

    app()


if __name__ == "__main__":
    main()
