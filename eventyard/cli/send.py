"""`eventyard send`: a test event, as if its EventSource had received it."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

import orjson
import typer

from bus.codec import encode
from eventyard.cli.arguments import read_content, read_headers, split_name
from eventyard.cli.instance import DEFAULT_ADDRESS, Ops
from eventyard.cli.output import Output, print_json, reported
from eventyard.client import Instance
from eventyard.given import Given, read_given


def send(
    name: Annotated[str, typer.Argument(metavar="SOURCE/EVENT", help="An EventSource of the instance and its event.")],
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE]",
            help="A CloudEvent, an event's data, or a raw payload; - for standard input; an empty object by default.",
            show_default=False,
        ),
    ] = "",
    header: Annotated[
        list[str],
        typer.Option(metavar="'K: V'", help="Header of the delivery whose raw payload FILE is; may be repeated."),
    ] = [],  # noqa: B006
    ops: Ops = DEFAULT_ADDRESS,
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Publish a test event to a running instance; its Sensors fire as for any other."""
    source, event = split_name(name, "SOURCE/EVENT")
    headers = read_headers(header)
    with reported():
        given = read_given(read_content(file, "FILE"), headers) if file else Given(data=b"{}")
        answer = Instance(ops).send({"source": source, "event": event, **_body(given)})
    if output is Output.JSON:
        print_json(answer)
    elif answer["stored"]:
        typer.echo(f"sent {answer['id']}\nwhat became of it: eventyard explain {answer['id']}")
    else:
        typer.echo(f"{answer['id']} is there already; it was not stored again")


def _body(given: Given) -> dict[str, Any]:
    if given.cloudevent is not None:
        return {"cloudevent": orjson.Fragment(encode(given.cloudevent))}
    if given.raw:
        return {"payload": b64encode(given.data).decode(), "headers": given.headers}
    return {"data": orjson.Fragment(given.data)}
