from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from eventyard.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command of ours in this process; an exception that nobody reported fails the test."""
    for name in ("EVENTYARD_OPS", "EVENTYARD_OPS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    runner = CliRunner()

    def command(*arguments: object, input: bytes | None = None) -> Result:
        result = runner.invoke(app, [str(argument) for argument in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command
