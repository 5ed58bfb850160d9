"""Transforms: events a second on one core, for a push of about 7.7 KB that has been parsed: JMESPath, jq and Lua saying the same.

Run it from the root of the project: `python -m benchmarks.transforms`. The best of several rounds counts.
"""

from __future__ import annotations

from functools import partial
from timeit import Timer

import orjson

from benchmarks.jmes import push
from bus.event import Event
from config.sensor import Transform
from sensors.transform import compile_transform

ROUNDS, LOOPS = 7, 2_000

TRANSFORMS = {
    "JMESPath, two fields": {"jmespath": "{branch: data.body.ref, by: data.body.head_commit.author.name}"},
    "jq, two fields": {"jq": ".body | {branch: .ref, by: .head_commit.author.name}"},
    "Lua, two fields": {"script": "return {branch = event.body.ref, by = event.body.head_commit.author.name}"},
    "JMESPath, files of five commits": {"jmespath": "{files: sort(data.body.commits[].modified[])}"},
    "jq, files of five commits": {"jq": "{files: [.body.commits[].modified[]] | unique}"},
    "Lua, files of five commits": {
        "script": "local f = {} for _, c in ipairs(event.body.commits) do"
        " for _, n in ipairs(c.modified) do table.insert(f, n) end end table.sort(f) return {files = f}"
    },
    "JMESPath, the whole and a field": {"jmespath": "merge(data, {seen: `true`})"},
    "jq, the whole and a field": {"jq": ".seen = true"},
    "Lua, the whole and a field": {"script": "event.seen = true return event"},
}


def main() -> None:
    data = orjson.dumps(push())
    print(f"document: {len(data)} bytes")
    event = Event.new(source="forge", subject="push", type="github", data=data)
    event.document()
    print(f"{'':34}{'us':>8}{'events/s':>12}{'to compile us':>16}")
    for name, fields in TRANSFORMS.items():
        manifest = Transform.model_validate(fields)
        change = compile_transform(manifest)
        assert change is not None
        best = min(Timer("f(event)", globals={"f": change.apply, "event": event}).repeat(ROUNDS, LOOPS))
        compiling = min(Timer(partial(compile_transform, manifest)).repeat(3, 50)) / 50
        print(f"{name:34}{best / LOOPS * 1e6:8.2f}{LOOPS / best:12,.0f}{compiling * 1e6:16.0f}")


if __name__ == "__main__":
    main()
