"""`eventyard run`: load, check, start, watch the files, stop in order."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigErrors, EventyardError
from config.secrets import SecretStore
from eventsources.http.server import HttpListeners
from eventyard.address import DEFAULT_ADDRESS
from eventyard.banner import banner
from eventyard.build import build, read_manifests
from eventyard.cli.output import print_faults, reported
from eventyard.logs import configure_logging
from eventyard.metrics import Metrics
from eventyard.open_bus import open_bus
from eventyard.ops import Ops
from eventyard.plan import Plan
from eventyard.registry import Registry
from eventyard.render_dir import RenderDir
from eventyard.report import Reporter
from eventyard.runtime import Runtime
from eventyard.version import VERSION
from eventyard.watch import watch_files

GC_THRESHOLD = 50_000
"""Allocations between young collections: the default costs several per cent of the CPU under load."""


def run(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of manifests.", show_default=False)] = [],  # noqa: B006
    data_dir: Annotated[Path, typer.Option(help="Where the event log lives.")] = Path(".eventyard"),
    bus: Annotated[str, typer.Option(help="sqlite:///PATH or memory:; default: sqlite in the data dir.")] = "",
    ops: Annotated[str, typer.Option(help="Address of health, metrics and API; 'off' for none.")] = DEFAULT_ADDRESS,
    host: Annotated[str, typer.Option(help="Address that webhooks listen on.")] = "127.0.0.1",
    secrets_dir: Annotated[Path | None, typer.Option(help="Secrets as files: DIR/<name>/<key>.")] = None,
    watch: Annotated[bool, typer.Option(help="Apply changes of the files while running.")] = True,
    skip_unavailable: Annotated[
        bool, typer.Option("--skip-unavailable", help="Leave out what this version does not have.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Forget Sensors that the store knows and the manifests do not.")
    ] = False,
    render_dir: Annotated[
        Path | None, typer.Option(help="Write what cluster triggers would do as YAML there; no cluster is asked.")
    ] = None,
    grace: Annotated[float, typer.Option(help="Seconds that work in flight may take after a stop.")] = 10.0,
    log_format: Annotated[str, typer.Option(help="text or json.")] = "text",
) -> None:
    """Run manifests in the foreground until Ctrl-C or SIGTERM."""
    if log_format not in ("text", "json"):
        raise typer.BadParameter("text or json", param_hint="--log-format")
    configure_logging(log_format)
    reporter = Reporter(log_format=log_format)
    secrets = SecretStore(secrets_dir=secrets_dir, environ=os.environ)
    registry = Registry()

    def read() -> Plan:
        return build(read_manifests(paths or [Path()], registry), registry, skip_unavailable=skip_unavailable)

    with reported():
        plan = read()
    if plan.faults:
        print_faults((*plan.faults, *plan.warnings))
        raise typer.Exit(1)

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, _stop_or_leave, stop)
        metrics = Metrics(VERSION)
        listeners = HttpListeners(host)
        opened, notes = open_bus(bus, data_dir, plan.manifests)
        async with (
            opened,
            Runtime(
                opened,
                listeners,
                metrics,
                secrets=secrets,
                decided=reporter.decided,
                settled=reporter.settled,
                grace=grace,
                log_format=log_format,
                render_dir=RenderDir(render_dir) if render_dir is not None else None,
            ) as runtime,
            Ops(runtime, ops) as listener,
            asyncio.TaskGroup() as group,
        ):
            await runtime.apply(plan)
            notes += await runtime.absent_sensors(forget=prune)
            for line in banner(runtime, notes=notes, warnings=plan.warnings, ops=listener.listening):
                reporter.say(line)
            gc.collect()
            gc.freeze()
            gc.set_threshold(GC_THRESHOLD, 20, 100)
            if watch:
                changes = watch_files(paths or [Path()], data_dir, stop)
                group.create_task(_follow(changes, read, runtime, reporter), name="watch")
            await stop.wait()
            reporter.say("stopping: no new events; waiting for what is in flight")

    _allow_connections()
    with reported():
        _run_loop(serve)


async def _follow(changes: AsyncIterator[None], read: Callable[[], Plan], runtime: Runtime, reporter: Reporter) -> None:
    """Apply each change of the files whole, or say what is wrong with it and go on as before."""
    async for _ in changes:
        try:
            plan = await asyncio.to_thread(read)
            said = await runtime.apply(plan)
        except ConfigErrors as error:
            print_faults(error.faults)
            reporter.say("the change is refused, the running configuration stays")
        except EventyardError as error:
            reporter.say(f"the change is refused, the running configuration stays: {error}")
        else:
            for line in said:
                reporter.say(line)


def _allow_connections() -> None:
    """As many as the system grants: the customary soft limit of 1024 open files is for programs that use select(2)."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows, which has no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS says "unlimited" and does not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _run_loop(main: Callable[[], Coroutine[None, None, None]]) -> None:
    try:
        import uvloop
    except ModuleNotFoundError:
        asyncio.run(main())
    else:
        uvloop.run(main())


def _stop_or_leave(stop: asyncio.Event) -> None:
    """The first signal stops in order, the second at once; nothing is lost either way."""
    if stop.is_set():
        os._exit(1)
    stop.set()
