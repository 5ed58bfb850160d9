"""`eventyard check`: everything that is wrong or doubtful in manifests, each finding with its place and its cure."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from config.errors import Fault, Severity
from config.manifests import Manifests
from eventyard.build import build, read_manifests
from eventyard.cli.output import Output, count, fault_text, fault_view, print_json, reported
from eventyard.registry import Registry


def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Files or folders of manifests.", show_default=False)
    ],
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Unknown fields are faults.")] = False,
    skip_unavailable: Annotated[
        bool, typer.Option("--skip-unavailable", help="Say nothing of what this version does not have.")
    ] = False,
) -> None:
    """Say all that is wrong with manifests, and where.

    Exit code 0: clean, or warnings only; 1: faults. What Argo Events has and this version does not is a warning here,
    though `run` refuses it.
    """
    with reported():
        registry = Registry()
        manifests = read_manifests(paths, registry)
        plan = build(manifests, registry, skip_unavailable=True)
    found = sorted((*plan.faults, *plan.warnings), key=lambda fault: (fault.place, fault.path))
    if skip_unavailable:
        found = [fault for fault in found if fault.code != "unavailable"]
    if strict:
        found = [_strict(fault) for fault in found]
    if output is Output.JSON:
        print_json([fault_view(fault) for fault in found])
    else:
        colour = sys.stdout.isatty()
        for fault in found:
            typer.echo(fault_text(fault, colour=colour))
        typer.echo(_summary(manifests, found))
    if any(fault.severity is Severity.FAULT for fault in found):
        raise typer.Exit(1)


def _strict(fault: Fault) -> Fault:
    return replace(fault, severity=Severity.FAULT) if fault.code == "unknown-field" else fault


def _summary(manifests: Manifests, found: Sequence[Fault]) -> str:
    """`2 files: 1 EventSource, 1 Sensor; skipped: Deployment, 2 Service; 1 fault, 2 warnings`"""
    kinds = (
        (len(manifests.eventbuses), "EventBus"),
        (len(manifests.eventsources), "EventSource"),
        (len(manifests.sensors), "Sensor"),
    )
    what = ", ".join(_kinds(number, kind) for number, kind in kinds if number) or "no manifests of Argo Events"
    parts = [f"{count(len(manifests.files), 'file')}: {what}"]
    skipped = Counter(each.kind.partition(":")[0] for each in manifests.skipped)
    if skipped:
        parts.append("skipped: " + ", ".join(f"{number} {kind}" for kind, number in sorted(skipped.items())))
    faults = sum(fault.severity is Severity.FAULT for fault in found)
    verdict = ", ".join(
        count(number, noun) for number, noun in ((faults, "fault"), (len(found) - faults, "warning")) if number
    )
    return "; ".join((*parts, verdict or "nothing wrong"))


def _kinds(number: int, kind: str) -> str:
    return f"{number} {kind}{'es' if kind == 'EventBus' else 's'}" if number != 1 else f"1 {kind}"
