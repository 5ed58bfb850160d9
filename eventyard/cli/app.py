"""The root of the command line; each command is imported with its file."""

from __future__ import annotations

from importlib.metadata import version

import typer

from eventyard.cli.run import run

app = typer.Typer(
    name="eventyard",
    help="Event-driven automation: Argo Events manifests, one process, nothing lost, every decision explained.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(run)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("eventyard"))
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Event-driven automation: Argo Events manifests, one process, nothing lost, every decision explained."""
