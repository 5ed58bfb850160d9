"""What an EventSource does that its author may not have meant; each with what happens and the better way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from config.block import Block
from config.checks.listeners import check_listener
from config.decode import field_of
from config.errors import EventyardError
from config.eventsource import EventSourceManifest
from config.findings import Findings
from config.gotime import load_zone
from config.schedule import parse_exclusions, parse_schedule

_SIGNED: Final = {"github": "webhookSecret", "gitlab": "secretToken", "bitbucketserver": "webhookSecret"}


def check_source_traps(source: EventSourceManifest, findings: Findings) -> None:
    """Warnings about an EventSource, and faults of events that could never come."""
    if "." in source.name:
        what = f"events of '{source.name}' cannot be published to a JetStream bus, whose subjects are split at dots"
        findings.warn((*source.path, "metadata", "name"), what, "write - instead of .", "trap-dot")
    for block in source.events:
        if not block.name or set(block.name) & set(". *>\t"):
            what = f"the event name '{block.name}' cannot be part of a JetStream bus's subjects"
            findings.warn(block.path, what, "use letters, digits, - and _", "trap-dot")
        check_listener(block, findings)
        if (check := _CHECKS.get(block.type)) is not None:
            check(block, findings)


def _get(value: Mapping[str, Any], name: str) -> Any:
    return field_of(value, name)[1]


def _hooks(block: Block, findings: Findings) -> None:
    """Whether anyone may send events, for types whose sender can sign them."""
    listener = _get(block.value, "webhook")
    secret = _SIGNED[block.type]
    authenticated = isinstance(listener, dict) and _get(listener, "authSecret") is not None
    if _get(block.value, secret) is None and not authenticated:
        what = "signatures are not checked: whoever reaches the endpoint can send events"
        findings.warn(block.path, what, f"give {secret}", "trap-unsigned")


def _github(block: Block, findings: Findings) -> None:
    _hooks(block, findings)
    listener = _get(block.value, "webhook")
    app = _get(block.value, "githubApp")
    login = _get(block.value, "apiToken") is not None or (isinstance(app, dict) and _get(app, "privateKey") is not None)
    if login and isinstance(listener, dict) and _get(listener, "url") and _get(block.value, "active") is not True:
        what = "hooks are registered as inactive, so GitHub sends nothing"
        findings.warn((*block.path, "active"), what, "write active: true", "trap-inactive-hook")


def _calendar(block: Block, findings: Findings) -> None:
    schedule, interval = _text(block, "schedule"), _text(block, "interval")
    exclusions = _get(block.value, "exclusionDates")
    dates = [date for date in exclusions if isinstance(date, str)] if isinstance(exclusions, list) else []
    zone = _text(block, "timezone")
    for name, read in (
        ("timezone", lambda: load_zone(zone)),
        ("exclusionDates", lambda: parse_exclusions(dates)),
        ("schedule" if schedule else "interval", lambda: parse_schedule(schedule, interval)),
    ):
        try:
            read()
        except EventyardError as error:
            findings.fault((*block.path, name), error.what, error.fix, "bad-calendar")
    for index, date in enumerate(dates):
        if not date.startswith("EXDATE:"):
            what = f"'{date}' is ignored, for it does not begin with EXDATE:"
            findings.warn((*block.path, "exclusionDates", index), what, f"write EXDATE:{date}", "trap-exclusion")


def _text(block: Block, name: str) -> str:
    value = _get(block.value, name)
    return value if isinstance(value, str) else ""


def _amqp(block: Block, findings: Findings) -> None:
    consume = _get(block.value, "consume")
    if isinstance(consume, dict) and _get(consume, "autoAck") is not True:
        what = "with a consume block Argo Events never acknowledges a message unless autoAck is true"
        findings.warn((*block.path, "consume"), what, "write autoAck: true", "trap-never-acknowledged")


def _kafka(block: Block, findings: Findings) -> None:
    group = _get(block.value, "consumerGroup")
    if group is None and _get(block.value, "partition") is not None:
        what = "without a consumerGroup one partition is read, from its end: what came while this was away is lost"
        findings.warn((*block.path, "partition"), what, "give a consumerGroup", "trap-kafka-partition")
    if isinstance(group, dict) and not _get(group, "groupName"):
        what = "a group without a name cannot be joined"
        findings.warn((*block.path, "consumerGroup"), what, "give groupName", "trap-kafka-group")


def _generic(block: Block, findings: Findings) -> None:
    if _get(block.value, "insecure") is not True:
        what = "Argo Events cannot connect to a generic source without insecure: true"
        findings.warn((*block.path, "insecure"), what, "write insecure: true", "trap-generic-insecure")


_CHECKS: Final[Mapping[str, Callable[[Block, Findings], None]]] = {
    **dict.fromkeys(_SIGNED, _hooks),
    "github": _github,
    "calendar": _calendar,
    "amqp": _amqp,
    "kafka": _kafka,
    "generic": _generic,
}
