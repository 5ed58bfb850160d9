"""Every recorded case is answered as Argo Events does, or `docs/compatibility.md` names it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.oracle.cases import load_answers, run_file, unexplained

_ANSWERS = load_answers()


@pytest.mark.parametrize("category", sorted(_ANSWERS))
def test_category(category: str) -> None:
    file = Path(os.environ["ORACLE"], f"{category}.jsonl")
    if not file.exists():
        pytest.skip(f"no {file.name}")
    with asyncio.Runner() as runner:
        outcome = run_file(file, *_ANSWERS[category], runner)
    assert outcome.cases
    assert unexplained(outcome.differences) == []
