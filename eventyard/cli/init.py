"""`eventyard init`: a small working example to begin with."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from config.errors import EventyardError
from eventyard.cli.output import reported

TEMPLATES: Final = ("eventsource.yaml", "sensor.yaml", "order.json")

_NEXT: Final = """\
  eventyard check {folder}
  eventyard try large-orders --event {folder}/order.json {folder}
  eventyard run {folder}
and, while it runs, in another terminal:
  curl -H 'Content-Type: application/json' --data-binary @{folder}/order.json http://127.0.0.1:12000/orders
  eventyard events list"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to; made if need be.")] = Path(),
) -> None:
    """Write a small working example: a webhook, and a Sensor that filters with JMESPath and writes to the log."""
    with reported():
        _write(folder)
    typer.echo("\n".join(f"wrote {folder / name}" for name in TEMPLATES))
    typer.echo("Next:\n" + _NEXT.format(folder=shlex.quote(str(folder))))


def _write(folder: Path) -> None:
    there = [name for name in TEMPLATES if (folder / name).exists()]
    if there:
        raise EventyardError(
            f"{folder / there[0]} is there already; nothing was written",
            fix="choose another folder: eventyard init DIR",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in TEMPLATES:
            with (folder / name).open("xb") as file:
                file.write((files("eventyard") / "templates" / name).read_bytes())
    except OSError as error:
        raise EventyardError(
            f"{error.filename}: {error.strerror}", fix="choose another folder: eventyard init DIR"
        ) from None
