"""Ports and endpoints of everything that listens for HTTP: each event needs a route of its own.

In a cluster each EventSource has pods of its own; here all share one process, and those with one port share it too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.block import Block, FieldPath
from config.decode import field_of
from config.errors import Fault
from config.findings import Findings
from config.manifests import Manifests

_PORT: Final = re.compile(r"\+?[0-9]{1,18}")
_OWN: Final = "webhook"


def check_routes(manifests: Manifests, faults: list[Fault]) -> None:
    """Faults of events that claim the route of another, and of ports that are to be both with and without TLS."""
    routes: dict[tuple[int, str], _Route] = {}
    ports: dict[int, _Route] = {}
    for source in manifests.eventsources:
        findings = Findings(source.marks, faults)
        for block in source.events:
            if (route := _route(block, source.name)) is None:
                continue
            first = routes.setdefault((route.port, route.endpoint), route)
            if first is not route:
                what = f"'{first.event}' is served at port {route.port}, endpoint {route.endpoint} already"
                findings.fault((*route.path, "endpoint"), what, "give each event an endpoint", "endpoint-taken")
            first = ports.setdefault(route.port, route)
            if first.certificates != route.certificates:
                what = f"port {route.port} has other certificates for '{first.event}'"
                findings.fault((*route.path, "port"), what, "use one port for each certificate", "port-tls")


@dataclass(frozen=True, slots=True)
class _Route:
    event: str
    port: int
    endpoint: str
    certificates: tuple[Any, ...]
    path: FieldPath


def _route(block: Block, source: str) -> _Route | None:
    found = _listener(block)
    if found is None:
        return None
    value, path = found
    endpoint, port = (field_of(value, name)[1] for name in ("endpoint", "port"))
    number = _number(port) if isinstance(port, str) else None
    if not isinstance(endpoint, str) or not endpoint or not number:
        return None
    certificates = tuple(_selector(field_of(value, name)[1]) for name in ("serverCertSecret", "serverKeySecret"))
    # Argo Events serves TLS only if it has both.
    tls = certificates if all(certificates) else ()
    return _Route(f"{source}/{block.name}", number, endpoint, tls, path)


def _listener(block: Block) -> tuple[Mapping[str, Any], FieldPath] | None:
    """The part of a block that says where it listens, and its path."""
    if block.type == _OWN:
        return block.value, block.path
    name, value = field_of(block.value, "webhook")
    return (value, (*block.path, name)) if isinstance(value, dict) else None


def _selector(value: Any) -> tuple[Any, Any] | None:
    return (field_of(value, "name")[1], field_of(value, "key")[1]) if isinstance(value, dict) else None


def _number(port: str) -> int | None:
    """The port, 0 for any that is free; None if that is no port."""
    return int(port) if _PORT.fullmatch(port) and int(port) < 65536 else None
