"""The root of the command line: what there is, and where it lies."""

from __future__ import annotations

import typer

from eventyard.cli.commands import LazyGroup, Offer, new_app


class Root(LazyGroup):
    """All commands."""

    offers = {
        "run": Offer("eventyard.cli.run:run", "Run manifests in the foreground until Ctrl-C or SIGTERM."),
        "check": Offer("eventyard.cli.check:check", "Say all that is wrong with manifests, and where."),
        "try": Offer("eventyard.cli.trial:trial", "Show what an event would do to a Sensor; nothing is fired."),
        "send": Offer("eventyard.cli.send:send", "Publish a test event to a running instance."),
        "events": Offer("eventyard.cli.events:events", "The history: list events, show one."),
        "explain": Offer("eventyard.cli.explain:explain", "Say why an event did or did not fire."),
        "dlq": Offer("eventyard.cli.dlq:dlq", "The dead-letter queue: list, show, retry, drop."),
        "github": Offer("eventyard.cli.github:github", "GitHub: catch up with deliveries that failed."),
        "init": Offer("eventyard.cli.init:init", "Write a small working example."),
        "schema": Offer("eventyard.cli.schema:schema", "Print the JSON Schema of manifests, for editors."),
        "plugins": Offer("eventyard.cli.plugins:plugins", "List the event sources, triggers and buses installed."),
    }


app = new_app(name="eventyard", cls=Root, no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        from eventyard.version import VERSION

        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Event-driven automation: Argo Events manifests, one process, nothing lost, every decision explained."""
