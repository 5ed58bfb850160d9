"""The demands that recur in Argo Events' validators, as small functions that a type's entry is put together from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from config.checks.shapes import Finding, Rule
from config.decode import nearest, shorten
from config.duration import parse_duration
from config.errors import EventyardError
from config.model import MECHANISMS

_PORT: Final = re.compile(r"[+-]?[0-9]{1,18}")
_OPERATIONS: Final = ("", "append", "overwrite", "prepend")


def need(*names: str) -> Rule:
    """Each field must be given; an empty list will do."""
    return lambda block: ((name, "", "") for name in names if getattr(block, name) in (None, ""))


def need_some(*names: str) -> Rule:
    """Each field must be given and hold something."""
    return lambda block: ((name, "", "") for name in names if not getattr(block, name))


def one_of(*names: str) -> Rule:
    """At least one of the fields must be given."""
    fix = f"give {' or '.join(names)}"

    def rule(block: Any) -> Iterator[Finding]:
        if all(getattr(block, name) in (None, "") for name in names):
            yield names[0], "", fix

    return rule


def not_both(first: str, second: str) -> Rule:
    """The fields exclude each other."""

    def rule(block: Any) -> Iterator[Finding]:
        if getattr(block, first) not in (None, "") and getattr(block, second) not in (None, ""):
            yield second, f"cannot be given together with {first}", "remove one of them"

    return rule


def together(first: str, second: str) -> Rule:
    """Both fields or neither."""

    def rule(block: Any) -> Iterator[Finding]:
        for name, other in ((first, second), (second, first)):
            if getattr(block, name) in (None, "") and getattr(block, other) not in (None, ""):
                yield name, "", f"{first} and {second} belong together"

    return rule


def one_value(name: str, *values: str) -> Rule:
    """The field must have one of the values."""

    def rule(block: Any) -> Iterator[Finding]:
        value = getattr(block, name)
        if value not in values:
            given = [one for one in values if one]
            what = f"'{shorten(value)}' is none of {', '.join(given)}" if value else ""
            yield name, what, nearest(str(value), given) or f"write {' or '.join(given)}"

    return rule


def duration(name: str) -> Rule:
    """The field must be a Go duration if it is given."""

    def rule(block: Any) -> Iterator[Finding]:
        if text := getattr(block, name):
            try:
                parse_duration(text)
            except EventyardError as error:
                yield name, error.what, error.fix

    return rule


def inner(name: str, *rules: Rule) -> Rule:
    """The rules of a part of the block, which may be absent."""

    def rule(block: Any) -> Iterator[Finding]:
        part = getattr(block, name)
        if part is not None:
            for each in rules:
                yield from ((f"{name}.{path}", what, fix) for path, what, fix in each(part))

    return rule


def unless(name: str, *rules: Rule) -> Rule:
    """Rules that Argo Events forgets when the field is given: its validators return after the first such block."""

    def rule(block: Any) -> Iterator[Finding]:
        if getattr(block, name) is None:
            for each in rules:
                yield from each(block)

    return rule


def listening(block: Any) -> Iterator[Finding]:
    """The endpoint and port of something that listens for HTTP."""
    if not block.endpoint:
        yield "endpoint", "", "give a path such as /push"
    if not block.port:
        yield "port", "", 'give a port in quotes: "12000"'
    elif not _PORT.fullmatch(block.port):
        yield "port", f"'{block.port}' is no port", 'write a number in quotes: "12000"'


def webhook(block: Any) -> Iterator[Finding]:
    """A `webhook` block that must be there."""
    if block.webhook is None:
        yield "webhook", "", "give an endpoint and a port to listen on"
    else:
        yield from inner("webhook", listening)(block)


def _tls(block: Any) -> Iterator[Finding]:
    certificate, key = block.client_cert_secret is not None, block.client_key_secret is not None
    if block.insecure_skip_verify:
        return
    if not (block.ca_cert_secret or certificate or key or block.enabled):
        yield "caCertSecret", "", "give caCertSecret, or clientCertSecret and clientKeySecret, or enabled: true"
    if certificate != key:
        yield "clientKeySecret" if certificate else "clientCertSecret", "", "a client certificate needs both"


def _basic(block: Any) -> Iterator[Finding]:
    if block.username is None:
        yield "username", "", ""
    if block.password is None:
        yield "password", "", ""


def _sasl(block: Any) -> Iterator[Finding]:
    if block.mechanism and block.mechanism not in MECHANISMS:
        what = f"'{block.mechanism}' is none of {', '.join(MECHANISMS)}"
        yield "mechanism", what, nearest(block.mechanism, MECHANISMS)
    if block.user_secret is None:
        yield "userSecret", "", ""
    if block.password_secret is None:
        yield "passwordSecret", "", ""


tls: Final = inner("tls", _tls)
basic_auth: Final = inner("auth", _basic)
sasl: Final = inner("sasl", _sasl)


def parameters(name: str, *, dest_optional: bool = False) -> Rule:
    """Each item of a list of parameters must say where its value comes from and where it goes."""

    def rule(block: Any) -> Iterator[Finding]:
        for index, parameter in enumerate(getattr(block, name) or ()):
            for path, what, fix in check_parameter(parameter, dest_optional=dest_optional):
                yield f"{name}[{index}].{path}", what, fix

    return rule


def check_parameter(parameter: Any, *, dest_optional: bool = False) -> Iterator[Finding]:
    """What is wrong with one TriggerParameter."""
    if parameter.src is None:
        yield "src", "", "say which dependency's event gives the value"
    elif not parameter.src.dependency_name:
        yield "src.dependencyName", "", ""
    if not parameter.dest and not dest_optional:
        yield "dest", "", "say where the value goes"
    if parameter.operation not in _OPERATIONS:
        what = f"'{parameter.operation}' is none of append, overwrite, prepend"
        yield "operation", what, nearest(parameter.operation, _OPERATIONS[1:])
