"""Runs recorded cases against our answers.

An answer module of this package offers `ANSWERS`: by category (the name of a file of cases), a function from a case's
input to our answer, which may be a coroutine, and one that says whether a recorded answer and ours agree.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from tests.oracle import NotBuilt

MODULES: Final = (
    "filters",
    "eventsource_filter",
    "parameters",
    "conditions",
    "calendar",
    "backoff",
    "webhooks",
    "http_trigger",
    "k8s",
    "validation",
    "templates",
    "transforms",
    "plural",
)
COMPATIBILITY: Final = Path(__file__).parents[2] / "docs" / "compatibility.md"
"""Names each difference that is meant to be, by its id in backticks."""

Answer = Callable[[dict[str, Any]], dict[str, Any] | Awaitable[dict[str, Any]]]
Agrees = Callable[[dict[str, Any], dict[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Difference:
    """A case whose recorded answer is not ours."""

    id: str
    input: dict[str, Any]
    want: dict[str, Any]
    got: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What came of one category."""

    category: str
    same: int = 0
    not_built: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.same + self.not_built + len(self.differences)


def load_answers() -> dict[str, tuple[Answer, Agrees]]:
    """The answers of all modules that exist, by category."""
    answers: dict[str, tuple[Answer, Agrees]] = {}
    for name in MODULES:
        module = f"{__package__}.{name}"
        if importlib.util.find_spec(module) is not None:
            answers.update(importlib.import_module(module).ANSWERS)
    return answers


def run_folder(folder: Path, answers: Mapping[str, tuple[Answer, Agrees]]) -> list[Outcome]:
    """The outcome of every category in `folder` that has an answer, in the order of their names."""
    with asyncio.Runner() as runner:
        return [
            run_file(file, *answers[file.stem], runner)
            for file in sorted(folder.glob("*.jsonl"))
            if file.stem in answers
        ]


def run_file(file: Path, answer: Answer, agrees: Agrees, runner: asyncio.Runner) -> Outcome:
    """The outcome of one file of cases."""
    outcome = Outcome(file.stem)
    for line in file.read_bytes().splitlines():
        case = orjson.loads(line)
        try:
            got = answer(case["input"])
            if inspect.iscoroutine(got):
                got = runner.run(got)
        except NotBuilt:
            outcome.not_built += 1
            continue
        except Exception as error:  # a crash of one answer is a difference, and no reason to stop
            got = {"crash": f"{type(error).__name__}: {error}"}
        assert isinstance(got, dict)
        if "crash" not in got and agrees(case["want"], got):
            outcome.same += 1
        else:
            outcome.differences.append(Difference(case["id"], case["input"], case["want"], got))
    return outcome


def unexplained(differences: Sequence[Difference]) -> list[str]:
    """The ids of those that the compatibility page does not name."""
    text = COMPATIBILITY.read_text() if COMPATIBILITY.exists() else ""
    explained = set(re.findall(r"`([a-z0-9-]+)`", text))
    return [difference.id for difference in differences if difference.id not in explained]
