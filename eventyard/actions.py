"""From a firing to a request and what it does: template-level parameters, the adapter's rendering, and for the dispatcher
how a firing acts: by the adapter, or as a file where there is no cluster; and what is awaited afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bus.base import Firing
from config.decode import decode
from config.errors import Fault, Permanent, Severity
from config.model import Model
from eventyard.plan import TriggerPlan
from eventyard.render_dir import RenderDir
from eventyard.results import Results
from sensors.parameters import EventValues
from sensors.step import firing_key
from triggers.base import Outcome, Rendered, Trigger
from triggers.delivery.lane import Action
from triggers.delivery.rate_limit import RateLimiter

SECONDS = {"Minute": 60.0, "Hour": 3600.0}
"""Seconds of a rate limit's unit; any other text means one second, as in Argo Events."""


def render(plan: TriggerPlan, adapter: Trigger[Any, Any], firing: Firing) -> Rendered:
    """What this firing would send. Raises Permanent."""
    values = EventValues(firing.events, plan.cache)
    settings = plan.settings
    if plan.manifest.parameters:
        settings = _settings(plan, values.apply(plan.manifest.template, plan.manifest.parameters))
    rendered: Rendered = adapter.render(settings, values)
    return rendered


def _settings(plan: TriggerPlan, template: Mapping[str, Any]) -> Model:
    """The adapter's settings as template-level parameters made them."""
    body = plan.manifest.body
    assert body is not None
    faults: list[Fault] = []
    settings = decode(plan.make.Settings, template.get(plan.kind), body.path, body.marks, faults)
    wrong = [fault for fault in faults if fault.severity is Severity.FAULT]
    if settings is None or wrong:
        raise Permanent(f"parameters made the template invalid: {wrong[0].what if wrong else 'empty'}")
    return settings


def make_action(
    plan: TriggerPlan, adapter: Trigger[Any, Any], results: Results, render_dir: RenderDir | None = None
) -> Action:
    """Everything the dispatcher has to know of a trigger."""
    rendered_only = render_dir if plan.make.cluster else None

    def rendered(firing: Firing) -> tuple[Rendered, str]:
        request = render(plan, adapter, firing)
        return request, request.show()

    def full_text(request: Rendered) -> str:
        return request.show(1 << 20)

    async def fire(request: Rendered, firing: Firing) -> Outcome:
        if rendered_only is not None:
            return await rendered_only.write(plan.name, firing.key, await adapter.documents(request, firing.key))
        outcome = await adapter.fire(request, firing.key)
        if plan.manifest.awaits is not None and outcome.started is not None:
            await results.begin(plan.name, firing, outcome.started)
        return outcome

    def follow(firing: Firing) -> Firing:
        assert plan.dlq is not None
        key = firing_key(plan.dlq.name, firing.events)
        return Firing(key=key, name=plan.dlq.name, position=firing.position, events=firing.events, attempts=[])

    manifest = plan.manifest
    limit = manifest.rate_limit
    return Action(
        name=plan.name,
        render=rendered,
        fire=fire,
        full_text=full_text,
        retry=plan.retry,
        rate=RateLimiter(limit.requests_per_unit / SECONDS.get(limit.unit, 1.0)) if limit is not None else None,
        max_in_flight=manifest.flow.max_in_flight,
        at_least_once=manifest.at_least_once is not False,
        follow=follow if plan.dlq is not None else None,
    )
