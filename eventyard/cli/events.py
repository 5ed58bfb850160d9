"""`eventyard events`: what came in, newest first, and one event with its data."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import typer

from eventyard.cli.commands import new_app
from eventyard.cli.instance import DEFAULT_ADDRESS, DataDir, Ops, find_answers
from eventyard.cli.output import Output, print_json, print_table, reported
from eventyard.explain import size_text

events = new_app(name="events", help="The history: list events, show one.", no_args_is_help=True)


@events.command("list")
def list_events(
    source: Annotated[str, typer.Option(metavar="NAME", help="Of this EventSource only.")] = "",
    event: Annotated[str, typer.Option(metavar="NAME", help="Of this event of an EventSource only.")] = "",
    type: Annotated[str, typer.Option(metavar="TYPE", help="Of this CloudEvents type only.")] = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="Not older: 2026-01-02T15:04:05Z.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Older than this.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    before: Annotated[int, typer.Option(metavar="POSITION", min=0, help="Go on below this position.")] = 0,
    ops: Ops = DEFAULT_ADDRESS,
    data_dir: DataDir = None,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """List events, newest first, with the verdict of each Sensor."""
    query = {
        "source": source,
        "subject": event,
        "type": type,
        "since": since,
        "until": until,
        "limit": str(limit),
        "before": str(before) if before else "",
    }
    with reported():
        found = find_answers(ops, data_dir).events({name: value for name, value in query.items() if value})
    if output is Output.JSON:
        print_json(found)
        return
    if not found:
        typer.echo("no events")
        return
    print_table(("POSITION", "TIME", "EVENT", "ID", "SIZE", "VERDICTS"), [_row(each) for each in found])


@events.command("show")
def show_event(
    id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="Its id, the beginning or the end of it.")],
    ops: Ops = DEFAULT_ADDRESS,
    data_dir: DataDir = None,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Show an event with its data, as CloudEvents JSON."""
    with reported():
        found = find_answers(ops, data_dir).event(id)
    if output is Output.JSON:
        print_json(found)
        return
    for each in found:
        data = each.pop("data", None)
        for name, value in each.items():
            typer.echo(f"{name:<16} {value}")
        if data is not None:
            typer.echo(data if isinstance(data, str) else orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def _row(event: dict[str, Any]) -> tuple[str, ...]:
    verdicts = ", ".join(f"{name.removeprefix('default/')} {verdict}" for name, verdict in event["verdicts"].items())
    return (
        str(event["position"]),
        event.get("time", ""),
        f"{event['source']}/{event.get('subject', '')}",
        event["id"],
        size_text(event["size"]),
        verdicts or "-",
    )
