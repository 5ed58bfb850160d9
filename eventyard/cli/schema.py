"""`eventyard schema`: what editors need to complete and check manifests while they are written."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from config.load import KINDS
from eventyard.cli.output import reported
from eventyard.registry import Registry
from eventyard.schema import manifest_schema


def schema(
    kind: Annotated[
        str, typer.Argument(metavar="[KIND]", help="EventBus, EventSource or Sensor; all of them by default.")
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Allow no unknown fields, as check --strict.")] = False,
) -> None:
    """Print the JSON Schema of manifests, for editors: draft 2020-12, with the fields of the installed adapters."""
    chosen = next((each for each in KINDS if each.casefold() == kind.casefold()), kind)
    if chosen and chosen not in KINDS:
        raise typer.BadParameter(f"'{kind}' is none of {', '.join(KINDS)}", param_hint="KIND")
    with reported():
        typer.echo(json.dumps(manifest_schema(Registry(), chosen, strict=strict), indent=2))
