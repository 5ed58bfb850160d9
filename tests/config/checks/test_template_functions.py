from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.checks.template_functions import FUNCTIONS, template_faults


@pytest.mark.parametrize(
    "template",
    [
        "no action",
        "{{ .Input.body.ref }}",
        '{{ .Input.body.ref | trimPrefix "refs/heads/" | upper }}',
        '{{- if eq .Input.a "b" -}}x{{ else if not .c }}y{{ else }}{{ nil }}{{- end -}}',
        "{{ range $i, $e := .Input.list }}{{ $i }}{{ $e.name }}{{ break }}{{ end }}",
        '{{ (index .Input.headers "X-Github-Event" 0).a | default `b c` | printf "%s" }}',
        "{{/* nonsense */}}{{- /* nonsense */ -}}",
        "{{ \"nonsense }}\" }}{{ 'n' }}{{ `nonsense` }}",
        "{{ sub 5 -1 }}{{ 1e3 }}{{ 0x1F }}{{ .a.b_c }}{{ $ }}",
        '{{ define "part" }}x{{ end }}{{ template "part" . }}',
        "{{",
        "}} {{ }}",
    ],
)
def test_good_templates(template: str) -> None:
    assert list(template_faults(template)) == []


@pytest.mark.parametrize(
    ("template", "said", "fix"),
    [
        ("{{ toLower .Input.a }}", "line 1 of the template: there is no function 'toLower'", "'lower'"),
        (
            "{{ .a }}\n{{ .b |\n trimPrefx 5 }}",
            "line 3 of the template: there is no function 'trimPrefx'",
            "'trimPrefix'",
        ),
        ("{{ (zzzz .a).b }}", "there is no function 'zzzz'", ""),
        ("{{ .Input.body.X-GitHub-Event }}", "'.Input.body.X-GitHub-Event'", '(index .Input.body "X-GitHub-Event")'),
        ("{{ .X-a.b | upper }}", "'.X-a.b'", '(index . "X-a" "b")'),
        ('{{ "a }}', "not closed", '"'),
    ],
)
def test_bad_templates(template: str, said: str, fix: str) -> None:
    ((what, how),) = template_faults(template)
    assert said in what
    assert fix in how


def test_all_faults_of_a_template_are_said() -> None:
    assert len(list(template_faults("{{ a 1 }}{{ b (c 2) }}"))) == 3


def test_the_functions_that_there_are() -> None:
    assert len(FUNCTIONS) == 229
    assert {"printf", "index", "b64enc", "mustPush", "toJson"} <= FUNCTIONS


@given(st.text(alphabet="{}-/*\"'`.$| \n\\abif1", max_size=50))
def test_no_template_is_too_odd(template: str) -> None:
    list(template_faults(template))
