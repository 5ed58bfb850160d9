"""What holds for all tests: where no skip is allowed none passes unseen, and no test leaves tasks or processes behind."""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio
from hypothesis import settings

pytest_plugins = ["tests.servers.fixtures"]

# How long an example takes says something about the machine, not about the code.
settings.register_profile("eventyard", deadline=None)
settings.load_profile("eventyard")

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)

NO_SKIP = "EVENTYARD_NO_SKIP"
"""Set to 1 where everything that tests need has to be there."""

ENDING = 2.0
"""Seconds that a task which a test has cancelled, or whose connection it has closed, may take to end."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test."""
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A skipped module."""
    return _refuse_skip((yield))


def _refuse_skip(report: R) -> R:
    if os.environ.get(NO_SKIP) == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{NO_SKIP}=1 and yet skipped: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not tested; a reason says how to get it tested."""
    skipped = Counter(
        _reason(report) for report in terminalreporter.stats.get("skipped", []) if not hasattr(report, "wasxfail")
    )
    if skipped:
        terminalreporter.section("skipped, and how to get it")
        for reason, count in skipped.items():
            terminalreporter.write_line(f"{count} x  {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every coroutine is watched by `no_task_left`, which is set up first and so looks last."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.insert(0, no_task_left.__name__)


@pytest_asyncio.fixture
async def no_task_left() -> AsyncIterator[None]:
    """The event loop is as empty after a test as before it; what is ending may take its time to do so."""
    before = _sockets()
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    # aiohttp's server waits some seconds for the rest of a body that was refused, even if the sender has gone.
    left = {task for task in left if getattr(task.get_coro(), "__qualname__", "") != "RequestHandler.start"}
    if left:
        _, left = await asyncio.wait(left, timeout=ENDING)
    assert not left, f"tasks that the test left behind: {sorted(task.get_name() for task in left)}"
    # A TLS connection that was given up ends some turns of the loop later; a loop that is closed before that leaves it open.
    until = time.monotonic() + ENDING
    while _sockets() > before and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def _sockets() -> int:
    """Sockets that the running loop listens to, as far as it tells."""
    selector = getattr(asyncio.get_running_loop(), "_selector", None)
    return len(selector.get_map()) if selector is not None else 0


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Whatever a test started has ended with it."""
    before = _children()
    yield
    left = _children() - before
    assert not left, f"processes that the test left behind: {sorted(left)}"


def _children() -> set[int]:
    """The processes that this one started and has not reaped; nothing where the system does not say."""
    found: set[int] = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in listed.read_text().split())
        except OSError:  # a thread that has just ended
            continue
    return found
