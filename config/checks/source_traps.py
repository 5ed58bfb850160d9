"""What an EventSource does that its author may not have meant; each with what happens and the better way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from config.block import Block
from config.decode import field_of
from config.eventsource import EventSourceManifest
from config.findings import Findings

_SIGNED: Final = {"gitlab": "secretToken", "bitbucketserver": "webhookSecret"}


def check_source_traps(source: EventSourceManifest, findings: Findings) -> None:
    """Warnings about an EventSource; what concerns a type that has an adapter is the adapter's to say."""
    if "." in source.name:
        what = f"events of '{source.name}' cannot be published to a JetStream bus, whose subjects are split at dots"
        findings.warn((*source.path, "metadata", "name"), what, "write - instead of .", "trap-dot")
    for block in source.events:
        if not block.name or set(block.name) & set(". *>\t"):
            what = f"the event name '{block.name}' cannot be part of a JetStream bus's subjects"
            findings.warn(block.path, what, "use letters, digits, - and _", "trap-dot")
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


def _amqp(block: Block, findings: Findings) -> None:
    consume = _get(block.value, "consume")
    if isinstance(consume, dict) and _get(consume, "autoAck") is not True:
        what = "with a consume block Argo Events never acknowledges a message unless autoAck is true"
        findings.warn((*block.path, "consume"), what, "write autoAck: true", "trap-never-acknowledged")


def _generic(block: Block, findings: Findings) -> None:
    if _get(block.value, "insecure") is not True:
        what = "Argo Events cannot connect to a generic source without insecure: true"
        findings.warn((*block.path, "insecure"), what, "write insecure: true", "trap-generic-insecure")


_CHECKS: Final[Mapping[str, Callable[[Block, Findings], None]]] = {
    **dict.fromkeys(_SIGNED, _hooks),
    "amqp": _amqp,
    "generic": _generic,
}
