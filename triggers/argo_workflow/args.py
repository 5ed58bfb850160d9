"""The `args` of an argoWorkflow trigger, read as the `argo` command reads its arguments (by the rules of Go's pflag)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, Final

from config.decode import nearest, shorten
from config.errors import Permanent
from triggers.argo_workflow.flags import FLAGS, Flag
from triggers.argo_workflow.selector import Term, parse_selector

_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the flags say; texts are empty if they say nothing. `parameters` are (name, value) in their order, `nodes`
    the terms of a node field selector and `node_selector` its text."""

    parameters: tuple[tuple[str, str], ...] = ()
    parameter_file: str = ""
    name: str = ""
    generate_name: str = ""
    entrypoint: str = ""
    service_account: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    priority: int | None = None
    origin: tuple[str, str] | None = None
    scheduled_time: str = ""
    nodes: tuple[Term, ...] = ()
    node_selector: str = ""
    message: str = ""
    memoized: bool = False
    restart_successful: bool = False
    selector: str = ""
    field_selector: str = ""
    namespace: str = ""
    instance_id: str = ""

    @property
    def selects(self) -> bool:
        """Whether Workflows are chosen by more than their name."""
        return bool(self.selector or self.field_selector)


class Kind(Enum):
    """What is wrong: a flag that cannot be used, a value that may be another when the trigger fires, or nothing much."""

    FLAG = auto()
    VALUE = auto()
    IGNORED = auto()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about the argument at `index`."""

    index: int
    kind: Kind
    what: str
    fix: str


@dataclass(slots=True)
class _Reading:
    """The arguments of one operation, while they are read."""

    operation: str
    args: Sequence[str]
    options: Options = field(default_factory=Options)
    troubles: list[Trouble] = field(default_factory=list)

    def read(self) -> None:
        flags = FLAGS[self.operation]
        by_name = {flag.name: flag for flag in flags}
        by_letter = {flag.short: flag for flag in flags if flag.short}
        rest = list(enumerate(self.args))
        while rest:
            at, text = rest.pop(0)
            if text == "--":
                for index, positional in rest:
                    self._positional(index, positional)
                return
            if text.startswith("--"):
                name, equals, value = text[2:].partition("=")
                self._take(at, f"--{name}", by_name.get(name), value if equals else None, rest, list(by_name))
            elif text.startswith("-") and text != "-":
                self._letters(at, text[1:], by_letter, rest)
            else:
                self._positional(at, text)

    def _letters(self, at: int, text: str, known: Mapping[str, Flag], rest: list[tuple[int, str]]) -> None:
        """`-p`, `-pVALUE`, `-p=VALUE`, and several switches in one: `-vw`."""
        while text:
            letter, text = text[0], text[1:]
            flag = known.get(letter)
            if flag is not None and flag.switch and not text.startswith("="):
                self._take(at, f"-{letter}", flag, None, rest, ())
                continue
            value = text.removeprefix("=") if text else None
            self._take(at, f"-{letter}", flag, value, rest, ())
            return

    def _take(
        self,
        at: int,
        written: str,
        flag: Flag | None,
        value: str | None,
        rest: list[tuple[int, str]],
        known: Sequence[str],
    ) -> None:
        if flag is None:
            command = f"argo {self.operation.replace('-from', ' --from')}"
            fix = nearest(written.lstrip("-"), known).replace("'", "'--", 1)
            fix = fix or f"see `argo {self.operation.removesuffix('-from')} --help`"
            self._say(at, Kind.FLAG, f"'{command}' has no flag '{shorten(written)}'", fix)
            if value is None and rest and not rest[0][1].startswith("-"):
                rest.pop(0)  # its value, in all likelihood
            return
        if value is None and not flag.switch:
            if not rest:
                self._say(at, Kind.FLAG, f"{written} has no value", "write the value as the next argument")
                return
            at, value = rest.pop(0)
        if flag.refused:
            self._say(at, Kind.FLAG, f"{written} cannot be used here", flag.refused)
        elif flag.ignored:
            self._say(at, Kind.IGNORED, f"{written} is ignored", flag.ignored)
        elif flag.switch:
            self._switch(at, flag, value)
        else:
            self._set(at, flag, value or "")

    def _switch(self, at: int, flag: Flag, value: str | None) -> None:
        if value is not None and value not in _TRUE | _FALSE:
            self._say(at, Kind.VALUE, f"'{shorten(value)}' is neither true nor false", f"write --{flag.name}")
            return
        self._put(flag.field, value is None or value in _TRUE)

    def _set(self, at: int, flag: Flag, value: str) -> None:
        try:
            match flag.field:
                case "parameters":
                    self._put("parameters", (*self.options.parameters, _pair(value)))
                case "labels":
                    self._put("labels", tuple(_pair(one) for one in value.split(",")) if value else ())
                case "priority":
                    self._put("priority", _number(value))
                case "origin":
                    kind, slash, name = value.partition("/")
                    if not (kind and slash and name):
                        raise Permanent("--from is not KIND/NAME", fix="write it like workflowtemplate/build")
                    self._put("origin", (kind, name))
                case "scheduled_time":
                    if not _TIME.fullmatch(value):
                        raise Permanent("the scheduled time is no time", fix="write it like 2026-01-02T15:04:05Z")
                    self._put("scheduled_time", value)
                case "nodes":
                    self._put("nodes", parse_selector(value))
                    self._put("node_selector", value)
                case name:
                    self._put(name, value)
        except Permanent as error:
            self._say(at, Kind.VALUE, error.what, error.fix)

    def _positional(self, at: int, text: str) -> None:
        fix = "parameters are given with -p NAME=VALUE" if "=" in text else "the object is named by source"
        self._say(at, Kind.VALUE, f"'{shorten(text)}' is no flag", fix)

    def _put(self, name: str, value: Any) -> None:
        self.options = replace(self.options, **{name: value})

    def _say(self, at: int, kind: Kind, what: str, fix: str) -> None:
        self.troubles.append(Trouble(at, kind, what, fix))


def read_args(operation: str, args: Sequence[str]) -> tuple[Options, list[Trouble]]:
    """What the arguments of one of `OPERATIONS` say, and what is to be said about them. Never fails."""
    reading = _Reading(operation, args)
    reading.read()
    return reading.options, reading.troubles


def parse_args(operation: str, args: Sequence[str]) -> Options:
    """The same for a firing. Raises Permanent."""
    options, troubles = read_args(operation, args)
    for trouble in troubles:
        if trouble.kind is not Kind.IGNORED:
            raise Permanent(f"args[{trouble.index}]: {trouble.what}", fix=trouble.fix)
    return options


def check_args(operation: str, args: Sequence[str]) -> list[tuple[str, str, str]]:
    """Faults and warnings, as `Trigger.check` returns them. Values may yet be replaced by parameters, so whatever is
    wrong with one is a warning."""
    options, troubles = read_args(operation, args)
    found = [
        (f"args.{one.index}", one.what if one.kind is Kind.FLAG else f"warning: {one.what}", one.fix)
        for one in troubles
    ]
    if options.message and not options.nodes:
        what = "warning: --message is for nodes that --node-field-selector chooses"
        found.append(("args", what, "add that flag, or remove --message"))
    if options.nodes and operation == "retry" and not options.restart_successful:
        what = "warning: --node-field-selector chooses among successful nodes, and those are not retried"
        found.append(("args", what, "add --restart-successful"))
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise Permanent(f"'{shorten(text)}' is not NAME=VALUE", fix="write NAME=VALUE")
    return name, value


def _number(text: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        number = 1 << 31
    if not -(1 << 31) <= number < 1 << 31:
        raise Permanent(f"'{shorten(text)}' is no priority", fix="write a whole number")
    return number
