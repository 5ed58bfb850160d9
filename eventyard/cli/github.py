"""`eventyard github`: what concerns GitHub and no other EventSource."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from eventyard.cli.arguments import split_name
from eventyard.cli.commands import new_app
from eventyard.cli.instance import DEFAULT_ADDRESS, Ops
from eventyard.cli.output import Output, count, print_json, print_table, reported
from eventyard.client import Instance

github = new_app(name="github", help="GitHub: catch up with deliveries that failed.", no_args_is_help=True)


@github.callback()
def _group() -> None:
    """Keeps the command below a command of its own: Typer would make the only one of a group the group itself."""


@github.command("catch-up")
def catch_up(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[SOURCE/EVENT]",
            help="An EventSource and its event; all of type github by default.",
            show_default=False,
        ),
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Go back to 2026-01-02T15:04:05Z, not only to where all is known.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be fetched.")] = False,
    ops: Ops = DEFAULT_ADDRESS,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Fetch deliveries that failed from GitHub, as events like any other; those that are there already are left out."""
    wanted: dict[str, Any] = {"type": "github", "dryRun": dry_run}
    if name:
        wanted["source"], wanted["event"] = split_name(name, "SOURCE/EVENT")
    if since:
        wanted["since"] = _checked(since)
    with reported():
        found = Instance(ops).catch_up(wanted)
    if output is Output.JSON:
        print_json(found)
    else:
        _print(found)
    if any(each["problems"] for each in found):
        raise typer.Exit(1)


def _checked(since: str) -> str:
    try:
        if datetime.fromisoformat(since).tzinfo is not None:
            return since
    except ValueError:
        pass
    raise typer.BadParameter(f"'{since}' is no time; write it like 2026-01-02T15:04:05Z", param_hint="--since")


def _print(found: list[dict[str, Any]]) -> None:
    rows = []
    for each in found:
        name = f"{each['source']}/{each['event']}"
        typer.echo(
            f"{name}: looked at {count(each['looked'], 'attempt')}, {count(len(each['missed']), 'event')} missed"
        )
        rows += [(missed["at"], name, missed["what"], missed["id"], _became(missed)) for missed in each["missed"]]
    if rows:
        print_table(("TIME", "EVENT", "WHAT", "DELIVERY", "RESULT"), rows)
    for each in found:
        for problem in each["problems"]:
            typer.echo(f"{each['source']}/{each['event']}: {problem}", err=True)


def _became(missed: dict[str, Any]) -> str:
    if missed["problem"]:
        return f"no event: {missed['problem']}"
    words = {True: "fetched", False: "there already, or filtered", None: "would be fetched"}
    return words[missed["stored"]]
