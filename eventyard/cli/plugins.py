"""`eventyard plugins`: which event sources, triggers and buses are installed, whose they are, and what they lack."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from eventyard.cli.output import Output, print_json, print_table, reported
from eventyard.registry import Plugin, Registry, missing_packages

KINDS: Final = {
    "eventyard.eventsources": "event source",
    "eventyard.triggers": "trigger",
    "eventyard.buses": "bus",
}


def plugins(
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """List the event sources, triggers and buses installed; one that lacks a package names the extra to install."""
    with reported():
        found = [(plugin, missing_packages(plugin)) for plugin in Registry().plugins()]
    if output is Output.JSON:
        print_json(
            [
                {
                    "kind": KINDS[plugin.group],
                    "name": plugin.name,
                    "module": plugin.module,
                    "distribution": plugin.distribution,
                    "available": not missing,
                    "missing": missing,
                    "install": _install(plugin) if missing else "",
                }
                for plugin, missing in found
            ]
        )
        return
    rows = [
        (
            KINDS[plugin.group],
            plugin.name,
            plugin.module,
            plugin.distribution,
            f"needs {', '.join(missing)}: {_install(plugin)}" if missing else "available",
        )
        for plugin, missing in found
    ]
    print_table(("KIND", "NAME", "MODULE", "DISTRIBUTION", "STATUS"), rows)


def _install(plugin: Plugin) -> str:
    return f"pip install '{plugin.distribution}[{plugin.name}]'"
