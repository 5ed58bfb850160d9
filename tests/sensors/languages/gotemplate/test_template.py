"""Templates as a whole: what they are given, what they may take, and what goes wrong with them."""

from __future__ import annotations

import copy
import json
import time
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.limits import MAX_CALLS, MAX_STEPS, MAX_TEXT
from sensors.languages.gotemplate.expressions import Expressions
from sensors.languages.gotemplate.functions import Function
from sensors.languages.gotemplate.parser import ROOT, parse
from sensors.languages.gotemplate.statements import Output, Statements
from sensors.languages.gotemplate.template import Surroundings, TemplateError, TemplateRuntimeError, compile_template
from tests.sensors.languages.rendering import DOCUMENT, failure, rendered

NOON = 1_700_000_000_000_000_000


def test_numbers_are_doubles() -> None:
    document = json.loads('{"n": 1, "big": 9007199254740993, "huge": 1' + "0" * 400 + "}")
    assert rendered("{{ .Input.n | typeOf }} {{ .Input.big }} {{ .Input.huge }}", document) == (
        "float64 9.007199254740992e+15 +Inf"
    )
    assert rendered("{{ .Input }} {{ index .Input 0 | kindOf }}", [1, [2]]) == "[1 [2]] float64"


@pytest.mark.parametrize(
    ("value", "expected"), [("x", "x"), (5, "5"), (None, "<no value>"), ([], "[]"), (True, "true")]
)
def test_any_value_may_be_the_input(value: Any, expected: str) -> None:
    assert rendered("{{ .Input }}", value) == expected


def test_the_value_is_not_changed() -> None:
    before = copy.deepcopy(DOCUMENT)
    template = compile_template(
        '{{ $_ := set .Input.m "a" "new" }}{{ $_ := unset .Input "s" }}{{ .Input.m.a }}{{ .Input.s }}'
    )
    assert template.render(DOCUMENT) == "new<no value>"
    assert template.render(DOCUMENT) == "new<no value>"
    assert rendered("{{ mergeOverwrite .Input.m (dict `c` 1) | toJson }}") == '{"a":1,"b":2,"c":1}'
    assert before == DOCUMENT


def test_bytes_that_are_not_utf8() -> None:
    assert rendered("{{ trunc 3 .Input.u }}") == "Gr\udcc3"
    assert rendered("{{ trunc 3 .Input.u }}{{ substr 3 4 .Input.u }}") == "Grü"
    assert rendered("{{ trunc 3 .Input.u | toJson }}") == '"Gr\\ufffd"'
    assert rendered("{{ trunc 3 .Input.u | quote }}") == '"Gr\\xc3"'


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("{{ uppr 1 }}", 1, 4, "there is no function 'uppr'; did you mean 'upper'?"),
        ("{{ zzzzzzz }}", 1, 4, "there is no function 'zzzzzzz'"),
        ("a\n  {{ .Input", 2, 3, "the action is not closed by '}}'"),
        ("{{ if true }}x", 1, 1, "there is no '{{end}}' to this"),
        ("x{{ end }}", 1, 5, "there is nothing to this '{{end}}'"),
        ("{{ $x }}", 1, 4, "there is no variable '$x'"),
        ("{{ $x = 1 }}", 1, 4, "there is no variable '$x'"),
        ('{{ "abc }}', 1, 4, "the string is not closed"),
        ("{{ (1 }}", 1, 4, "this '(' is not closed"),
        ("{{ 1) }}", 1, 5, "there is no '(' to this ')'"),
        ("{{ 1x }}", 1, 4, "'1x' is no number"),
        ("{{ 08 }}", 1, 4, "'08' is no number"),
        ("{{ 99999999999999999999 }}", 1, 4, "the number is too large"),
        ('{{ "\\q" }}', 1, 4, "there is no escape '\\q'"),
        ("{{ 'ab' }}", 1, 4, "'ab' is not one character"),
        ("{{ break }}", 1, 4, "'break' is in no 'range'"),
        ("{{ }}", 1, 4, "a command is missing"),
        ("{{ if }}x{{ end }}", 1, 7, "a value is missing for 'if'"),
        ("{{ 1 | 2 }}", 1, 8, "what stands after '|' must be able to take an argument"),
        ("{{ 1.x }}", 1, 4, "'1.x' is no number"),
        ("{{ true.x }}", 1, 8, "a field cannot follow 'true'"),
        ("{{ .Input.a-b }}", 1, 12, "'-' cannot follow '.a'"),
        ("{{/* x }}", 1, 1, "the comment is not closed"),
        ("{{/* x */ }}", 1, 10, "the comment ends before the closing '}}'"),
        ("{{ é\u0000 }}", 1, 5, "'\u0000' cannot follow 'é'"),
        ("{{ \u0000 }}", 1, 4, "'\u0000' has no meaning here"),
        ("{{ if 1 }}{{ else }}{{ else }}{{ end }}", 1, 24, "there is a second 'else'"),
        ("{{ if 1 }}{{ else with 1 }}{{ end }}", 1, 19, "'else with' cannot belong to 'if'"),
        ("{{ $a, $b := 1 }}", 1, 4, "there are too many variables in a 'command'"),
        ("{{ range $a, .x }}{{ end }}", 1, 14, "'range' can only set variables"),
        ("{{ template x }}", 1, 13, "'x' cannot stand after 'template', but the name of a template in quotes"),
        ('{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}', 1, 27, "template 'a' is defined twice"),
        ('{{ define "a" }}{{ else }}{{ end }}', 1, 20, "'else' cannot stand in a template"),
        ("{{ if 1 }}{{ end x }}", 1, 18, "'x' cannot stand after 'end'"),
        ("{{ , }}", 1, 4, "',' cannot stand here"),
        ("{{ 1 : 2 }}", 1, 6, "':' without '='"),
    ],
)
def test_faults_are_found_at_load(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(text)
    error = caught.value
    assert (error.line, error.column, error.message) == (line, column, message)
    assert str(error) == f"{message}, in line {line}, column {column}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("env", "environment"),
        ("expandenv", "environment"),
        ("getHostByName", "network"),
        ("bcrypt", "hold up"),
        ("htpasswd", "hold up"),
        ("genCA", "Secret"),
    ],
)
def test_functions_that_are_refused(name: str, reason: str) -> None:
    with pytest.raises(TemplateError, match=f"'{name}' is not available: .*{reason}"):
        compile_template(f'{{{{ {name} "HOME" }}}}')


def test_failures_name_the_place_and_no_values() -> None:
    with pytest.raises(TemplateRuntimeError) as caught:
        rendered('a\n{{ "x" | upper }}{{ .Input.l | lower }}', {"l": ["secret"]})
    error = caught.value
    assert (error.line, error.column, error.source) == (2, 32, "lower")
    assert error.message == "a string is wanted, not a []interface {}"
    assert str(error) == f"{error.message}, at 'lower' in line 2, column 32"
    assert failure('{{ fail "no build" }}').startswith("no build, at 'fail \"no build\"'")


def test_long_sources_are_cut() -> None:
    assert "…'" in failure('{{ lower (list "' + "x" * 100 + '") }}')


@pytest.mark.parametrize(
    "text",
    [
        "{{ range 1000000000 }}{{ end }}",
        "{{ range until 1000000000 }}{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}",
        '{{ repeat 1000000000 "x" }}',
        '{{ indent 1000000000 "x" }}',
        "{{ seq 1000000000 }}",
        '{{ printf "%999999d%999999d" 1 1 }}',
        '{{ printf "%s%s%s" (repeat 500000 "x") (repeat 500000 "x") (repeat 500000 "x") }}',
        '{{ range 3 }}{{ repeat 500000 "x" }}{{ end }}',
        '{{ replace "" (repeat 10000 "x") (repeat 1000 "y") }}',
        '{{ join (repeat 10000 "x") (until 1000) }}',
        '{{ wrapWith 1 (repeat 10000 "x") (repeat 1000 "y") }}',
        '{{ regexReplaceAll "" (repeat 10000 "x") (repeat 1000 "y") }}',
        '{{ regexFindAll "a" (repeat 200000 "a") -1 }}',
        '{{ splitList "" (repeat 200000 "a") }}',
        "{{ randAlphaNum 1000000000 }}",
        '{{ encryptAES "k" (repeat 100000 "x") }}',
        '{{ html (repeat 500000 "<") }}',
        "{{ $x := list 1 }}" + "{{ $x = list $x $x }}" * 40 + "{{ $x }}",
        "{{ $x := list 1 }}" + "{{ $x = list $x $x }}" * 40 + "{{ toJson $x }}",
        "{{ $x := list 1 }}" + "{{ $x = list $x $x }}" * 40 + "{{ deepCopy $x }}",
        "{{ $x := list 1 }}{{ $y := list 1 }}"
        + "{{ $x = list $x $x }}{{ $y = list $y $y }}" * 40
        + "{{ has $x (list $y) }}",
        '{{ $x := "aa" }}' + '{{ $x = printf "%s%s" $x $x }}' * 30,
        '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}',
        '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toJson $d }}',
        '{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}',
        "{{ 1" + " | add 1" * 3000 + " }}",
        "x" * (MAX_TEXT + 1),
    ],
)
def test_bounds_hold(text: str) -> None:
    with pytest.raises(TemplateRuntimeError):
        rendered(text, {})


@pytest.mark.parametrize(
    "text", ["{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "{{ if 1 }}" * 5000 + "{{ end }}" * 5000]
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="levels deep"):
        compile_template(text)


def test_a_deep_value_is_an_error() -> None:
    value: Any = []
    for _ in range(5000):
        value = [value]
    assert "nested too deeply" in failure("{{ .Input }}", value)
    assert "nested too deeply" in failure('{{ $_ := set (dict) "a" 1 }}', value)


def test_what_is_within_the_bounds() -> None:
    assert len(rendered(f'{{{{ repeat {MAX_TEXT} "x" }}}}', {})) == MAX_TEXT
    assert rendered(f"{{{{ range {MAX_STEPS} }}}}{{{{ end }}}}ok", {}) == "ok"
    recursive = '{{ define "r" }}{{ if . }}{{ template "r" (int (sub . 1)) }}{{ end }}{{ end }}{{ template "r" %d }}ok'
    assert rendered(recursive % (MAX_CALLS - 1), {}) == "ok"
    assert rendered('{{ regexMatch "(a*)*b" (repeat 100000 "a") }}', {}) == "false"


def test_time_is_bounded() -> None:
    ticks = count()
    template = compile_template("{{ range 1000 }}x{{ end }}", clock=lambda: next(ticks) / 10)
    with pytest.raises(TemplateRuntimeError, match="it takes more than 1 s"):
        template.render({})


def test_time_and_chance_are_given() -> None:
    surroundings = Surroundings(lambda: NOON, Random(1))

    def said(text: str) -> str:
        return compile_template(f"{{{{ {text} }}}}", surroundings).render({})

    assert said("now") == "2023-11-14 22:13:20 +0000 UTC"
    assert said('date "15:04" "no date"') == "22:13"
    assert said('ago (toDate "2006-01-02" "2023-11-14")') == "22h13m20s"
    assert said("ago (int64 1699999999)") == "1s"
    assert said("ago 5.5") == "0s"
    assert said('durationRound (toDate "2006-01-02" "2023-11-12")') == "2d"
    assert said("randInt 5 6") == "5"
    assert said('randAlphaNum 8 | regexMatch "^[0-9A-Za-z]{8}$"') == "true"
    assert said('randAlpha 8 | regexMatch "^[A-Za-z]{8}$"') == "true"
    assert said('randNumeric 8 | regexMatch "^[0-9]{8}$"') == "true"
    assert said('randAscii 8 | regexMatch "^[ -~]{8}$"') == "true"
    assert said("randAlpha -1 | quote") == '""'
    assert said("randBytes 4 | len") == "8"
    assert said('shuffle "abc" | splitList "" | sortAlpha') == "[a b c]"
    assert said('uuidv4 | regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"') == "true"
    for text in ("randInt 5 5", "randBytes -1"):
        with pytest.raises(TemplateRuntimeError):
            said(text)


def test_the_system_is_the_default() -> None:
    assert abs(float(rendered("{{ now.Unix }}")) - time.time()) < 60
    assert rendered("{{ uuidv4 }}") != rendered("{{ uuidv4 }}")


def test_a_template_shows_its_text() -> None:
    template = compile_template("{{ .Input }}")
    assert template.text == "{{ .Input }}"
    assert repr(template) == "Template('{{ .Input }}')"


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_is_left_alone(text: str) -> None:
    assert rendered(text, None) == text


PIECES = (
    *(
        "{{",
        "}}",
        "{{-",
        "-}}",
        " ",
        "|",
        "(",
        ")",
        ":=",
        "=",
        ",",
        ".",
        "$",
        "$x",
        ".a",
        ".Input",
        "1",
        "-1.5e3",
        "1i",
    ),
    *('"a"', "`b`", "'c'", "nil", "true", "if", "else", "end", "range", "with", "define", "block", "template", "break"),
    *(
        "upper",
        "len",
        "list",
        "dict",
        "printf",
        "index",
        "set",
        "toJson",
        "\n",
        "é",
        "/*",
        "*/",
        "{{ end }}",
        "{{ . }}",
    ),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=8,
)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), VALUES)
def test_nothing_else_is_ever_raised(text: str, value: Any) -> None:
    try:
        rendered(text, value)
    except (TemplateError, TemplateRuntimeError) as error:
        assert str(error)


@given(VALUES)
def test_json_comes_back(value: Any) -> None:
    written = rendered("{{ .Input | toRawJson }}", value)
    assert json.loads(written, parse_int=float) == json.loads(json.dumps(value), parse_int=float)
    assert rendered("{{ fromJson .Input.text | deepEqual .Input.value }}", {"text": written, "value": value}) == "true"


def test_too_much_to_copy_is_an_error() -> None:
    value: Any = [1]
    for _ in range(40):
        value = [value, value]
    assert "too much to copy" in failure('{{ $_ := set (dict) "a" 1 }}', value)


def test_nesting_up_to_the_bound_is_fine() -> None:
    assert rendered("{{ " + "(" * 99 + "1" + ")" * 99 + " }}") == "1"
    assert rendered("{{ if 1 }}" * 99 + "x" + "{{ end }}" * 99) == "x"
    assert rendered("{{ if 0 }}" + "{{ else if 0 }}" * 90 + "{{ else }}x{{ end }}") == "x"


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyError(), TypeError(), ValueError()])
def test_a_function_that_goes_wrong_is_an_error_of_the_template(error: Exception) -> None:
    def boom() -> None:
        raise error

    functions = {"boom": Function("boom", boom)}
    text = "{{ boom }}"
    statements = Statements(Expressions(text, functions, {}), parse(text, functions, {}).bodies)
    with pytest.raises(TemplateRuntimeError, match="the function cannot take these values, at 'boom'"):
        statements.render(ROOT, None, Output(time.monotonic))
