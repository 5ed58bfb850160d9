"""`python -m tests.oracle DIR [--show CATEGORY]`: how many recorded answers of Argo Events are ours too.

Fails if a difference is not named in `docs/compatibility.md`.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from tests.oracle.cases import load_answers, run_folder, unexplained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle.cases import Outcome

_NAMED_MOST = 20
_WIDTH = 140
"""Characters of a line where no terminal says how many there are."""


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of *.jsonl files")
    parser.add_argument("--show", metavar="CATEGORY", help="print each difference of this category")
    options = parser.parse_args(arguments)
    # What the answers log is part of what they are asked, and no concern of who reads the table.
    logging.disable(logging.CRITICAL)
    answers = load_answers()
    if options.show:
        answers = {name: answer for name, answer in answers.items() if name == options.show}
    outcomes = run_folder(options.folder, answers)
    if not outcomes:
        print(f"no cases in {options.folder}", file=sys.stderr)
        return 2
    if options.show:
        _show(outcomes)
    _print_table(outcomes)
    unnamed = [id for outcome in outcomes for id in unexplained(outcome.differences)]
    if unnamed:
        print(f"{len(unnamed)} differences are not named in docs/compatibility.md")
    return 1 if unnamed else 0


def _print_table(outcomes: Sequence[Outcome]) -> None:
    table = Table("category", "cases", "same", "different", "not built yet", Column("which", overflow="fold"))
    for outcome in outcomes:
        ids = [difference.id for difference in outcome.differences]
        more = f" and {len(ids) - _NAMED_MOST} more" if len(ids) > _NAMED_MOST else ""
        counts = (outcome.cases, outcome.same, len(ids), outcome.not_built)
        table.add_row(outcome.category, *map(str, counts), " ".join(ids[:_NAMED_MOST]) + more)
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)


def _show(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        for difference in outcome.differences:
            print(difference.id)
            for name in ("input", "want", "got"):
                print(f"  {name:5}  {json.dumps(getattr(difference, name), ensure_ascii=False, default=str)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
