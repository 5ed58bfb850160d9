"""From a firing to a request: template-level parameters, the adapter's rendering, and what the dispatcher needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bus.base import Firing
from config.decode import decode
from config.errors import Fault, Permanent, Severity
from config.model import Model
from eventyard.plan import TriggerPlan
from sensors.parameters import EventValues
from sensors.step import firing_key
from triggers.base import Rendered, Trigger
from triggers.lane import Action
from triggers.rate_limit import RateLimiter

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


def make_action(plan: TriggerPlan, adapter: Trigger[Any, Any]) -> Action:
    """Everything the dispatcher has to know of a trigger."""

    def rendered(firing: Firing) -> tuple[Rendered, str]:
        request = render(plan, adapter, firing)
        return request, request.show()

    def full_text(request: Rendered) -> str:
        return request.show(1 << 20)

    def follow(firing: Firing) -> Firing:
        assert plan.dlq is not None
        key = firing_key(plan.dlq.name, firing.events)
        return Firing(key=key, name=plan.dlq.name, position=firing.position, events=firing.events, attempts=[])

    manifest = plan.manifest
    limit = manifest.rate_limit
    return Action(
        name=plan.name,
        render=rendered,
        fire=adapter.fire,
        full_text=full_text,
        retry=plan.retry,
        rate=RateLimiter(limit.requests_per_unit / SECONDS.get(limit.unit, 1.0)) if limit is not None else None,
        max_in_flight=manifest.flow.max_in_flight,
        at_least_once=manifest.at_least_once is not False,
        follow=follow if plan.dlq is not None else None,
    )
