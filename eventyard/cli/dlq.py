"""`eventyard dlq`: firings that were given up; to be looked at, fired again, or dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import orjson
import typer

from bus.base import Attempt
from eventyard.cli.commands import new_app
from eventyard.cli.instance import DEFAULT_ADDRESS, Answers, DataDir, Ops, find_answers
from eventyard.cli.output import Output, count, print_json, print_table, reported
from eventyard.client import Instance
from eventyard.explain import attempt_line
from eventyard.report import fix_of

dlq = new_app(name="dlq", help="The dead-letter queue: list, show, retry, drop.", no_args_is_help=True)

PAGE = 1000

Ids = Annotated[list[int], typer.Argument(metavar="[ID]...", help="As the list says.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="All of them, or all of --sensor.")]
OfSensor = Annotated[str, typer.Option(metavar="NAMESPACE/NAME", help="Of this Sensor only.")]


@dlq.command("list")
def list_letters(
    sensor: OfSensor = "",
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="How many at most.")] = 100,
    before: Annotated[int, typer.Option(metavar="ID", min=0, help="Go on below this one.")] = 0,
    ops: Ops = DEFAULT_ADDRESS,
    data_dir: DataDir = None,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """List dead letters, newest first."""
    query = {"limit": str(limit), **_query(sensor, before)}
    with reported():
        found = find_answers(ops, data_dir).dead_letters(query)
    if output is Output.JSON:
        print_json(found)
        return
    if not found:
        typer.echo("no dead letters")
        return
    print_table(("ID", "TIME", "SENSOR", "TRIGGER", "ATTEMPTS", "REASON"), [_row(each) for each in found])


@dlq.command("show")
def show_letter(
    id: Annotated[int, typer.Argument(metavar="ID", help="As the list says.", show_default=False)],
    ops: Ops = DEFAULT_ADDRESS,
    data_dir: DataDir = None,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Show a dead letter: what was to be sent, every answer, and its events."""
    with reported():
        letter = find_answers(ops, data_dir).dead_letter(str(id))
    if output is Output.JSON:
        print_json(letter)
        return
    typer.echo("\n".join(_lines(letter)))


@dlq.command("retry")
def retry_letters(
    ids: Ids = [],  # noqa: B006
    all: All = False,
    sensor: OfSensor = "",
    ops: Ops = DEFAULT_ADDRESS,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Fire dead letters again, with the same idempotency keys."""
    with reported():
        instance = Instance(ops)
        retried = sum(instance.retry(page) for page in _chosen(instance, ids, all, sensor))
    _say(output, "retried", retried, ids)


@dlq.command("drop")
def drop_letters(
    ids: Ids = [],  # noqa: B006
    all: All = False,
    sensor: OfSensor = "",
    ops: Ops = DEFAULT_ADDRESS,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Delete dead letters; their decisions stay in the history."""
    with reported():
        instance = Instance(ops)
        dropped = sum(instance.drop(page) for page in _chosen(instance, ids, all, sensor))
    _say(output, "dropped", dropped, ids)


def _chosen(answers: Answers, ids: list[int], all: bool, sensor: str) -> Iterator[list[int]]:
    """Pages of ids, all of them found before the first is acted upon."""
    if bool(ids) == all or (sensor and not all):
        raise typer.BadParameter("give ids, or --all with or without --sensor", param_hint="ID")
    if ids:
        return iter([ids])
    pages: list[list[int]] = []
    last = 0
    while page := answers.dead_letters({"limit": str(PAGE), **_query(sensor, last)}):
        pages.append([letter["id"] for letter in page])
        last = pages[-1][-1]
    return iter(pages)


def _query(sensor: str, before: int) -> dict[str, str]:
    query = {}
    if sensor:
        query["sensor"] = sensor if "/" in sensor else f"default/{sensor}"
    if before:
        query["before"] = str(before)
    return query


def _say(output: Output, verb: str, number: int, ids: list[int]) -> None:
    if output is Output.JSON:
        print_json({verb: number})
    else:
        typer.echo(f"{verb} {count(number, 'dead letter')}")
    if number < len(set(ids)):
        typer.echo(f"{count(len(set(ids)) - number, 'id')} not found", err=True)
        raise typer.Exit(1)


def _row(letter: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(letter["id"]),
        letter["at"],
        letter["sensor"].removeprefix("default/"),
        letter["trigger"],
        str(len(letter["attempts"])),
        letter["reason"],
    )


def _lines(letter: dict[str, Any]) -> list[str]:
    lines = [
        f"dead letter {letter['id']}  {letter['at']}",
        f"  sensor {letter['sensor'].removeprefix('default/')}  trigger {letter['trigger']}  key {letter['key']}",
        f"  {letter['reason']}",
        f"  rendered  {letter['rendered']}",
    ]
    attempts = msgspec.convert(letter["attempts"], list[Attempt])
    lines += [f"  {attempt_line(number, attempt)}" for number, attempt in enumerate(attempts, 1)]
    if fix := fix_of(attempts):
        lines.insert(3, f"  fix: {fix}")
    for name, event in letter["events"].items():
        lines.append(f"  event of {name}")
        lines += [f"    {line}" for line in orjson.dumps(event, option=orjson.OPT_INDENT_2).decode().splitlines()]
    return lines
