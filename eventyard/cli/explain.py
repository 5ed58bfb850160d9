"""`eventyard explain`: why an event did or did not fire."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from eventyard.cli.instance import DEFAULT_ADDRESS, DataDir, Ops, find_answers
from eventyard.cli.output import Output, print_json, reported
from eventyard.explain import Explained, explained_text


def explain(
    id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="Its id, the beginning or the end of it.")],
    ops: Ops = DEFAULT_ADDRESS,
    data_dir: DataDir = None,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Say why an event did or did not fire: what each Sensor asked, found and did."""
    with reported():
        found = find_answers(ops, data_dir).explain(id)
    if output is Output.JSON:
        print_json(found)
        return
    for each in found:
        typer.echo(explained_text(msgspec.convert(each, Explained)))
