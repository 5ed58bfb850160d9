"""triggers/argo_workflow/args.py: arguments as the `argo` command reads them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from triggers.argo_workflow.args import Kind, Options, check_args, parse_args, read_args
from triggers.argo_workflow.flags import FLAGS, OPERATIONS
from triggers.argo_workflow.selector import Term


@pytest.mark.parametrize(
    ("operation", "args", "wanted"),
    [
        ("submit", (), {}),
        ("submit", ("-p", "a=1", "--parameter", "b=x=y"), {"parameters": (("a", "1"), ("b", "x=y"))}),
        ("submit", ("-pa=1", "-p=b=2", "--parameter=c="), {"parameters": (("a", "1"), ("b", "2"), ("c", ""))}),
        ("submit", ("-p", "-v=1"), {"parameters": (("-v", "1"),)}),
        ("submit", ("--name", "one", "--generate-name=x-"), {"name": "one", "generate_name": "x-"}),
        ("submit", ("--entrypoint", "a", "--entrypoint", "b"), {"entrypoint": "b"}),
        ("submit", ("--serviceaccount", "runner"), {"service_account": "runner"}),
        ("submit", ("-l", "a=1,b="), {"labels": (("a", "1"), ("b", ""))}),
        ("submit", ("--labels=", "-n", "other"), {"namespace": "other"}),
        ("submit", ("--priority", "5"), {"priority": 5}),
        ("submit", ("--priority", "-0x10"), {"priority": -16}),
        ("submit", ("-f", "/tmp/p.yaml"), {"parameter_file": "/tmp/p.yaml"}),
        ("submit", ("--instanceid", "blue", "--"), {"instance_id": "blue"}),
        ("submit", ("-vw", "-ojson", "--strict=false", "--log"), {}),
        ("submit", ("--node-field-selector", "phase=Failed", "--watch", "--status", "Failed"), {}),
        ("submit-from", ("--from", "cronwf/nightly"), {"origin": ("cronwf", "nightly")}),
        ("submit-from", ("--from=wftmpl/a/b",), {"origin": ("wftmpl", "a/b")}),
        ("submit-from", ("--scheduled-time", "2026-01-02T03:04:05Z"), {"scheduled_time": "2026-01-02T03:04:05Z"}),
        ("resubmit", ("--memoized", "-p", "a=1"), {"memoized": True, "parameters": (("a", "1"),)}),
        ("resubmit", ("--memoized=false",), {}),
        ("resubmit", ("-l", "a=1,b!=2"), {"selector": "a=1,b!=2"}),
        ("retry", ("--restart-successful",), {"restart_successful": True}),
        (
            "retry",
            ("--node-field-selector", "id=5,name!=x"),
            {"nodes": (Term("id", "5"), Term("name", "x", equal=False)), "node_selector": "id=5,name!=x"},
        ),
        (
            "resume",
            ("--node-field-selector=displayName=approve",),
            {"nodes": (Term("displayName", "approve"),), "node_selector": "displayName=approve"},
        ),
        ("stop", ("--message", "no", "--selector", "pr=3"), {"message": "no", "selector": "pr=3"}),
        ("terminate", ("--field-selector", "metadata.name=x"), {"field_selector": "metadata.name=x"}),
    ],
)
def test_what_is_said(operation: str, args: tuple[str, ...], wanted: dict[str, Any]) -> None:
    assert parse_args(operation, args) == Options(**wanted)


@pytest.mark.parametrize(
    ("operation", "args", "what", "fix"),
    [
        (
            "submit",
            ("--paramter", "a=1"),
            "args[0]: 'argo submit' has no flag '--paramter'",
            "did you mean '--parameter'?",
        ),
        ("suspend", ("-p", "a=1"), "has no flag '-p'", "argo suspend --help"),
        ("submit-from", ("--frm", "x/y"), "has no flag '--frm'", "did you mean '--from'?"),
        ("submit", ("-p",), "args[0]: -p has no value", "next argument"),
        ("submit", ("-v", "-p", "novalue"), "args[2]: 'novalue' is not NAME=VALUE", "NAME=VALUE"),
        ("submit", ("-p", "=x"), "'=x' is not NAME=VALUE", "NAME=VALUE"),
        ("submit", ("-l", "a=1,b"), "'b' is not NAME=VALUE", "NAME=VALUE"),
        ("submit", ("--priority", "high"), "'high' is no priority", "whole number"),
        ("submit", ("--priority", "4294967296"), "is no priority", "whole number"),
        ("submit", ("--from", "cronwf/x"), "--from cannot be used here", "submit-from"),
        ("submit-from", ("--from", "x"), "--from is not KIND/NAME", "workflowtemplate/build"),
        ("submit-from", ("--scheduled-time", "now"), "is no time", "2026-"),
        ("submit", ("--dry-run", "-oyaml"), "--dry-run cannot be used here", "eventyard try"),
        ("submit", ("a=1",), "'a=1' is no flag", "-p NAME=VALUE"),
        ("retry", ("other",), "'other' is no flag", "source"),
        ("retry", ("--", "--memoized"), "args[1]: '--memoized' is no flag", "source"),
        ("resubmit", ("--memoized=maybe",), "neither true nor false", "--memoized"),
        ("submit", ("--argo-server", "argo:2746"), "--argo-server cannot be used here", "server: {url"),
        ("submit", ("-k",), "-k cannot be used here", "server: {url"),
        ("stop", ("--kubeconfig", "x"), "--kubeconfig cannot be used here", "kubeconfig"),
        ("resume", ("--node-field-selector", "approve"), "'approve' selects no field", "displayName="),
        ("resume", ("--node-field-selector", "a=b\\"), "selects no field", "displayName="),
    ],
)
def test_what_cannot_be(operation: str, args: tuple[str, ...], what: str, fix: str) -> None:
    with pytest.raises(Permanent) as failure:
        parse_args(operation, args)
    assert what in failure.value.what
    assert fix in failure.value.fix


def test_flags_that_mean_nothing_here_are_warnings() -> None:
    found = check_args("submit", ["--wait", "-o", "json", "--log"])
    assert [path for path, _, _ in found] == ["args.0", "args.2", "args.3"]
    assert all(what.startswith("warning: ") for _, what, _ in found)
    assert "await: {}" in found[0][2]


def test_unknown_flags_are_faults_and_odd_values_warnings() -> None:
    found = check_args("submit", ["-p", "", "--nam", "x", "placeholder"])
    assert [(path, what.startswith("warning: ")) for path, what, _ in found] == [
        ("args.1", True),
        ("args.2", False),
        ("args.4", True),
    ]


def test_flags_that_need_another_are_warnings() -> None:
    [message] = check_args("stop", ["--message", "enough"])
    [nodes] = check_args("retry", ["--node-field-selector", "id=1"])
    assert "--node-field-selector" in message[1]
    assert "--restart-successful" in nodes[2]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_flags_are_known_once(operation: str) -> None:
    names = [flag.name for flag in FLAGS[operation]]
    letters = [flag.short for flag in FLAGS[operation] if flag.short]
    assert len(set(names)) == len(names)
    assert len(set(letters)) == len(letters)
    fields = set(Options.__dataclass_fields__)
    for flag in FLAGS[operation]:
        assert bool(flag.field) + bool(flag.ignored) + bool(flag.refused) == 1
        assert not flag.field or flag.field in fields


PIECES = st.sampled_from(
    [
        "-p",
        "--parameter",
        "a=1",
        "-l",
        "--",
        "-",
        "--name",
        "-vw",
        "-p=",
        "--=x",
        "--priority=9",
        "-o",
        "",
        "--x=y",
        "-ü",
    ]
)


@given(st.sampled_from(OPERATIONS), st.lists(PIECES | st.text(max_size=8), max_size=8))
def test_reading_never_fails(operation: str, args: list[str]) -> None:
    options, troubles = read_args(operation, args)
    assert isinstance(options, Options)
    assert all(0 <= trouble.index < len(args) for trouble in troubles)
    if not any(trouble.kind is not Kind.IGNORED for trouble in troubles):
        assert parse_args(operation, args) == options


NAMES = st.text(st.characters(exclude_characters="=", codec="utf-8"), min_size=1, max_size=9)


@given(st.lists(st.tuples(NAMES, st.text(max_size=9)), max_size=5))
def test_parameters_come_through_as_they_are(parameters: list[tuple[str, str]]) -> None:
    args = [part for name, value in parameters for part in ("-p", f"{name}={value}")]
    assert parse_args("submit", args).parameters == tuple(parameters)
    joined = [f"--parameter={name}={value}" for name, value in parameters]
    assert parse_args("resubmit", joined).parameters == tuple(parameters)
