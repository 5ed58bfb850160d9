"""`eventyard try`: one event through one Sensor, with everything that was asked, found and would be sent."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import yaml

from bus.event import Event
from config.errors import EventyardError
from eventyard.build import build, read_manifests
from eventyard.cli.arguments import read_content, read_headers, split_name
from eventyard.cli.output import Output, print_faults, print_json, reported
from eventyard.explain import decision_lines, event_line
from eventyard.given import Given, read_given
from eventyard.plan import Plan, SensorPlan
from eventyard.registry import Registry
from eventyard.trial import Tried, fires, run_trial, tried_view


def trial(
    sensor: Annotated[
        str, typer.Argument(metavar="SENSOR", help="NAME or NAMESPACE/NAME of a Sensor.", show_default=False)
    ],
    event: Annotated[
        str,
        typer.Option(metavar="FILE", help="A CloudEvent, an event's data, or a raw payload; - for standard input."),
    ],
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", help="Files or folders of manifests; the present one by default.", show_default=False
        ),
    ] = [],  # noqa: B006
    header: Annotated[
        list[str],
        typer.Option(metavar="'K: V'", help="Header of the delivery whose raw payload FILE is; may be repeated."),
    ] = [],  # noqa: B006
    source: Annotated[
        str, typer.Option(metavar="EVENTSOURCE/EVENT", help="Which event of the Sensor it is, if there are several.")
    ] = "",
    and_: Annotated[
        list[str],
        typer.Option("--and", metavar="EVENTSOURCE/EVENT=FILE", help="An event that came before; may be repeated."),
    ] = [],  # noqa: B006
    output: Annotated[Output, typer.Option(help="How to print.")] = Output.TEXT,
) -> None:
    """Show what an event would do to a Sensor; nothing is fired, nothing is stored.

    Exit code 0: it fires; 1: it does not.
    """
    with reported():
        registry = Registry()
        plan = build(read_manifests(paths or [Path()], registry), registry, skip_unavailable=True)
        chosen = find_sensor(plan, sensor)
        events = [_earlier(plan, chosen, text) for text in and_]
        events.append(_place(plan, chosen, _read(event, read_headers(header), "--event"), source))
        tried = run_trial(chosen, events)
    if output is Output.JSON:
        print_json({"sensor": chosen.name, "fires": fires(tried), "events": [tried_view(each) for each in tried]})
    else:
        typer.echo("\n".join(_text(chosen, tried)))
    if not fires(tried):
        raise typer.Exit(1)


def find_sensor(plan: Plan, name: str) -> SensorPlan:
    """The Sensor of that name. One that cannot be used ends the command with its faults, an unknown one with usage."""
    found = [each for each in plan.manifests.sensors if name in (each.name, each.full_name)]
    if not found:
        known = sorted({each.full_name.removeprefix("default/") for each in plan.manifests.sensors})
        near = difflib.get_close_matches(name, known, n=1)
        hint = (
            f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known[:10])}" if known else "there is none"
        )
        raise typer.BadParameter(f"no Sensor '{name}'; {hint}", param_hint="SENSOR")
    if len(names := {each.full_name for each in found}) > 1:
        raise typer.BadParameter(f"'{name}' may be {' or '.join(sorted(names))}", param_hint="SENSOR")
    chosen = plan.sensors.get(found[0].full_name)
    if chosen is None:
        print_faults(
            fault
            for fault in (*plan.faults, *plan.warnings)
            if fault.place.file == found[0].marks.file and (fault in plan.faults or fault.code == "unavailable")
        )
        raise EventyardError(f"Sensor '{name}' cannot be tried", fix="correct what is wrong with it first")
    return chosen


def _read(file: str, headers: Mapping[str, str], option: str) -> Given:
    return read_given(read_content(file, option), headers)


def _earlier(plan: Plan, sensor: SensorPlan, text: str) -> Event:
    name, equals, file = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"'{text}' is not EVENTSOURCE/EVENT=FILE", param_hint="--and")
    return _place(plan, sensor, _read(file, {}, "--and"), name)


def _place(plan: Plan, sensor: SensorPlan, given: Given, wanted: str) -> Event:
    """The event, filed under what the Sensor listens to: as wanted, as it says itself, or under the first that it can be."""
    listened = list(sensor.rule.listeners)
    known = [name for name in listened if (sensor.namespace, *name) in plan.sources]
    if wanted:
        name = split_name(wanted, "--source")
        if name not in listened:
            there = ", ".join("/".join(each) for each in listened)
            raise typer.BadParameter(
                f"the Sensor does not listen to '{wanted}', only to {there}", param_hint="--source"
            )
    elif given.name in listened or (given.name is not None and (sensor.namespace, *given.name) in plan.sources):
        name = given.name
    else:
        name = (known or listened)[0]
    source = plan.sources.get((sensor.namespace, *name))
    if source is None:
        return given.placed_anyway(*name, "unknown")
    return given.placed(*name, source.event_type, source.make, source.settings)


def _text(sensor: SensorPlan, tried: Sequence[Tried]) -> list[str]:
    lines: list[str] = []
    for each in tried:
        lines.append(event_line(dict(each.event), each.size))
        if not each.decision.dependencies:
            there = ", ".join("/".join(name) for name in sensor.rule.listeners)
            lines.append(f"  sensor {sensor.name.removeprefix('default/')} does not listen to it, only to {there}")
            continue
        lines += decision_lines(each.decision)
        for request in each.requests:
            lines.append(f"  would fire {request.trigger} ({request.kind})  key {request.key}")
            if request.error:
                lines.append(f"    cannot be rendered: {request.error}")
                lines += [f"    fix: {request.fix}"] if request.fix else []
            lines += [f"    {line}" for line in _fields(request.request)]
            for document in request.documents:
                text = yaml.safe_dump(document["object"], sort_keys=False, allow_unicode=True)
                lines += [f"    {line}".rstrip() for line in (document["verb"], *text.splitlines())]
        waits = sensor_waits(sensor, each)
        lines += [f"  {line}" for line in waits]
    return lines


def sensor_waits(sensor: SensorPlan, tried: Tried) -> list[str]:
    """`announce waits for release: --and hooks/releases=FILE` for each trigger that waits."""
    places = {
        dependency.name: "/".join(name)
        for name, listening in sensor.rule.listeners.items()
        for dependency, _ in listening
    }
    return [
        f"{trigger} still waits for {' and '.join(names)}: " + " ".join(f"--and {places[name]}=FILE" for name in names)
        for trigger, names in tried.missing.items()
    ]


def _fields(view: Mapping[str, Any]) -> list[str]:
    """The fields of a request, one below the other; those of a mapping indented below its name."""
    lines = []
    for name, value in view.items():
        if isinstance(value, Mapping):
            lines.append(name)
            lines += [f"  {inner}" for inner in _fields(value)]
        else:
            text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
            first, *rest = text.splitlines() or [""]
            lines.append(f"{name}  {first}".rstrip())
            lines += [f"  {line}" for line in rest]
    return lines
