"""Templates: renders a second on one core, on a push of about 7.7 KB that has been parsed. 20,000 are demanded of the first.

Run it from the root of the project: `python -m benchmarks.templates`. The best of several rounds counts.
"""

from __future__ import annotations

import json
from functools import partial
from timeit import Timer

from benchmarks.jmes import push
from bus.event import Event
from config.sensor import ParameterSource
from sensors.languages.gotemplate.template import compile_template
from sensors.source import compile_source

DEMANDED = 20_000
ROUNDS = 7
LOOPS = 5_000

TEMPLATES = {
    "short commit": "{{ .Input.body.head_commit.id | substr 0 7 }}",
    "branch": '{{ .Input.body.ref | trimPrefix "refs/heads/" | lower }}',
    "text with two values": "{{ .Input.body.repository.name }}-{{ .Input.body.head_commit.id | trunc 7 }}",
    "choice": '{{ if eq .Input.body.ref "refs/heads/main" }}prod{{ else }}dev{{ end }}',
    "default and number": "{{ .Input.body.none | default 1 }} {{ .Input.body.repository.size | int64 }}",
    "header": '{{ index .Input.headers "X-Github-Event" | first }}',
    "regular expression": '{{ regexReplaceAll "^refs/(heads|tags)/" .Input.body.ref "" }}',
    "five commits": "{{ range .Input.body.commits }}{{ .id | trunc 7 }} {{ .author.name }}; {{ end }}",
    "a repository as JSON": "{{ .Input.body.repository | toJson }}",
}


def main() -> None:
    document = push()
    data = json.dumps(document, separators=(",", ":")).encode()
    print(f"document: {len(data)} bytes")
    print(f"{'':24}{'us':>8}{'renders/s':>12}{'to compile us':>16}")
    for name, text in TEMPLATES.items():
        render = compile_template(text).render
        best = min(Timer("render(document)", globals={"render": render, "document": document}).repeat(ROUNDS, LOOPS))
        compiling = min(Timer(partial(compile_template, text)).repeat(3, 100)) / 100
        print(f"{name:24}{best / LOOPS * 1e6:8.2f}{LOOPS / best:12,.0f}{compiling * 1e6:16.0f}")
    text = TEMPLATES["short commit"]
    resolve = compile_source(ParameterSource.model_validate({"dependencyName": "push", "dataTemplate": text}))
    events = {"push": Event.new(source="forge", subject="push", type="github", data=data)}
    best = min(Timer("resolve(events)", globals={"resolve": resolve, "events": events}).repeat(ROUNDS, LOOPS))
    print(f"as a parameter of an event: {LOOPS / best:,.0f}/s ({DEMANDED:,} demanded)")


if __name__ == "__main__":
    main()
