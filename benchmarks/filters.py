"""Decisions a second on one core, for a push of about 7.7 KB that has been parsed: five Argo filters, three of JMESPath.

Run it from the root of the project: `python -m benchmarks.filters`. The best of several rounds counts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from timeit import Timer
from typing import Any

import orjson

from benchmarks.jmes import push
from bus.base import Delivery
from bus.event import Event, now_text
from config.sensor import Dependency as Manifest
from sensors.conditions import compile_conditions
from sensors.filters import compile_filters
from sensors.step import Dependency, SensorRule, TriggerRule, step

ROUNDS, LOOPS = 7, 3_000

FILTERS: dict[str, tuple[int, dict[str, Any]]] = {
    "5 Argo filters": (
        15_000,
        {
            "data": [
                {"path": "body.ref", "type": "string", "value": ["refs/heads/main", "refs/heads/master"]},
                {"path": "body.repository.private", "type": "bool", "value": ["true"]},
                {"path": "body.commits.#", "type": "number", "comparator": ">", "value": ["0"]},
            ],
            "exprs": [{"expr": "size >= 0", "fields": [{"name": "size", "path": "body.repository.size"}]}],
            "context": {"type": "github"},
        },
    ),
    "3 JMESPath filters": (
        100_000,
        {
            "jmespath": [
                "starts_with(data.body.ref, 'refs/heads/')",
                "length(data.body.commits) > `0` && data.body.repository.private == `true`",
                "!data.body.deleted",
            ]
        },
    ),
}


def main() -> None:
    data = orjson.dumps(push())
    print(f"document: {len(data)} bytes")
    event = Event.new(source="forge", subject="push", type="github", data=data)
    event.document()
    now = datetime.now(UTC)
    for name, (demanded, filters) in FILTERS.items():
        manifest = Manifest.model_validate({"name": "push", "filters": filters})
        dependency = Dependency(name="push", source="forge", event="push", filters=compile_filters(manifest))
        rule = TriggerRule(name="go", conditions=compile_conditions("push", ["push"]))
        sensor = SensorRule.build("default/bench", [dependency], [rule])
        given = {"step": step, "sensor": sensor, "delivery": Delivery(1, event), "now": now, "at": now_text()}
        verdict = step(sensor, {}, Delivery(1, event), now, now_text()).decision.verdict
        best = min(Timer("step(sensor, {}, delivery, now, at)", globals=given).repeat(ROUNDS, LOOPS))
        passing = dependency.filters.evaluate
        alone = min(Timer("f(event)", globals={"f": passing, "event": event}).repeat(ROUNDS, LOOPS))
        print(
            f"{name:20} {LOOPS / best:10,.0f} decisions/s, {LOOPS / alone:10,.0f} filterings/s"
            f"  ({demanded:,} demanded; verdict: {verdict})"
        )


if __name__ == "__main__":
    main()
