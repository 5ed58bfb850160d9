"""Statements, variables and pipelines, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a{{ .Input.s }}b", "ahello worldb"),
        ("a {{- 1 -}} b", "a1b"),
        ("a\n{{- 1 -}}\n b", "a1b"),
        ("{{/* c */}}x", "x"),
        ("a {{- /* c */ -}} b", "ab"),
        ("{{ if .Input.t }}Y{{ end }}", "Y"),
        ("{{ if .Input.e }}Y{{ else if .Input.n }}N{{ else }}X{{ end }}", "N"),
        ("{{ with .Input.m }}{{ .a }}{{ end }}", "1"),
        ("{{ with .Input.e }}a{{ else with .Input.s }}{{ . }}{{ end }}", "hello world"),
        ("{{ with $x := .Input.s }}{{ $x }}{{ end }}", "hello world"),
        ("{{ range .Input.l }}{{ . }},{{ end }}", "c,a,b,"),
        ("{{ range $i, $e := .Input.l }}{{ $i }}{{ $e }}{{ end }}", "0c1a2b"),
        ("{{ range $k, $v := .Input.m }}{{ $k }}={{ $v }};{{ end }}", "a=1;b=2;c=map[d:deep];"),
        ("{{ range .Input.l0 }}x{{ else }}none{{ end }}", "none"),
        ("{{ range 3 }}{{ . }}{{ end }}", "012"),
        ("{{ range $i := 2 }}{{ $i }}{{ end }}", "01"),
        ("{{ range .Input.nil }}x{{ else }}e{{ end }}", "e"),
        ('{{ range .Input.l }}{{ if eq . "a" }}{{ break }}{{ end }}{{ . }}{{ end }}', "c"),
        ('{{ range .Input.l }}{{ if eq . "a" }}{{ continue }}{{ end }}{{ . }}{{ end }}', "cb"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ range .Input.l }}{{ $x = add $x 1 }}{{ end }}{{ $x }}", "4"),
        ("{{ $x := .Input }}{{ $x.m.c.d }}", "deep"),
        ('{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" .Input.n }}', "<42>"),
        ('{{ define "t" }}{{ $ }}{{ end }}{{ template "t" }}', "<no value>"),
        ('{{ block "b" .Input.s }}[{{ . }}]{{ end }}', "[hello world]"),
        (
            '{{ define "r" }}{{ . }}{{ if gt . 1 }}{{ template "r" (int (sub . 1)) }}{{ end }}{{ end }}{{ template "r" 3 }}',
            "321",
        ),
        ('{{ define "param" }}x{{ end }}', "x"),
        ('{{ define "a" }}1{{ end }}{{ define "a" }} {{ end }}{{ template "a" }}', "1"),
        ('{{ 1 | add 2 | printf "%d" }}', "3"),
        ("{{ (index .Input.users 0).name }}", "ann"),
        ("{{ .Input.missing }}", "<no value>"),
        ("{{ .Input.nil }}", "<no value>"),
        ("{{ .Input.missing.deeper }}", "<no value>"),
        ('{{ (index .Input "zz").x }}', "<no value>"),
        ("{{ len $ }}", "1"),
        ("{{ .Input.mil }} {{ .Input.mil | int64 }}", "1e+06 1000000"),
        ("{{ 'a' }} {{ \"\\x41\\u00e9\" }} {{ `r\\n` }} {{ 0x1F }} {{ 1_000 }}", "97 Aé r\\n 31 1000"),
        ("{{ 017 }} {{ 0b11 }} {{ 1e3 }} {{ .5 }} {{ 1i }}", "15 3 1000 0.5 (0+1i)"),
        ("{{ true }}{{ false }}", "truefalse"),
        ("{{ print (print 1 2) 3 }}", "1 23"),
        ('{{ len (list 1 2) | printf "%03d" }}', "002"),
        ('{{ $v := dict "a" 1 }}{{ $_ := set $v "b" 2 }}{{ $v }}', "map[a:1 b:2]"),
        ('{{ $_ := set .Input "s" "new" }}{{ .Input.s }}', "new"),
        ('{{ if and .Input.t (eq .Input.s "hello world") }}ok{{ end }}', "ok"),
        ("{{ not (or .Input.e .Input.nil) }}", "true"),
        ('{{ $l := splitList "," "b,a" }}{{ sortAlpha $l }}{{ $l }}', "[a b][a b]"),
    ],
)
def test_statements(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ range $i, $j := 2 }}{{ end }}",
        "{{ range .Input.s }}{{ end }}",
        "{{ range .Input.f }}{{ end }}",
        "{{ range nil }}{{ end }}",
        '{{ template "nope" }}',
        '{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}',
        '{{ "a" | "b" }}',
        "{{ 1 2 }}",
        "{{ nil }}",
        "{{ nil | default 1 }}",
        "{{ .Input.nil.deeper }}",
    ],
)
def test_statements_that_fail(text: str) -> None:
    assert failure(text)
