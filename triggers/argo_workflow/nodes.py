"""The nodes in a Workflow's status: read and written as the controller keeps them, and those that wait for a go-ahead."""

from __future__ import annotations

import gzip
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from config.errors import Permanent
from config.kubernetes.resource import Object
from triggers.argo_workflow.selector import Term, selects, template_of

Node = dict[str, Any]
Nodes = dict[str, Node]
"""By id."""

SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
ERROR: Final = "Error"
RUNNING: Final = "Running"

_POD_NAMES: Final = "workflows.argoproj.io/pod-name-format"
_GZIP: Final = b"\x1f\x8b"
_LONGEST_NODES: Final = 64 << 20
"""Bytes of nodes once they are unpacked; far beyond what a controller makes of 1 MiB."""

_LONGEST_PREFIX: Final = 253 - 10 - 1
_SERVER: Final = "let Argo Server do it: server: {url: …} in the trigger"


def read_nodes(workflow: Mapping[str, Any]) -> Nodes:
    """All nodes, also if they are compressed. Raises Permanent if they lie in Argo's database, or nobody can read them."""
    status = workflow.get("status")
    status = status if isinstance(status, Mapping) else {}
    if status.get("offloadNodeStatusVersion"):
        raise Permanent("the nodes of the Workflow are in the database of Argo Workflows", fix=_SERVER)
    packed = status.get("compressedNodes")
    if not status.get("nodes") and packed:
        return _unpack(str(packed))
    return dict(status.get("nodes") or {})


def write_nodes(workflow: Object, nodes: Nodes) -> None:
    """Put nodes into the status, compressed if they were so before."""
    status = workflow.setdefault("status", {})
    if status.get("compressedNodes"):
        status.pop("nodes", None)
        status["compressedNodes"] = b64encode(gzip.compress(orjson.dumps(nodes), mtime=0)).decode()
    else:
        status["nodes"] = nodes


def waiting(nodes: Nodes, terms: Sequence[Term] = ()) -> list[str]:
    """The ids of the nodes that are suspended now and that the terms select."""
    return [name for name in _suspending(nodes, terms) if nodes[name].get("phase") == RUNNING]


def went_on(nodes: Nodes, terms: Sequence[Term]) -> bool:
    """Whether a node that the terms select was suspended, and is no longer; its phase is as it was then."""
    without_phase = [term for term in terms if term.name != "phase"]
    return any(nodes[name].get("phase") in (SUCCEEDED, FAILED) for name in _suspending(nodes, without_phase))


def end_waiting(node: Node, phase: str, message: str, at: str) -> Node:
    """The suspended node, ended with that phase at that time (RFC 3339); what it should have been told takes its default
    if it succeeded. Raises Permanent if there is none."""
    ended = {**node, "phase": phase, "finishedAt": at}
    if message:
        before = node.get("message") if phase == SUCCEEDED else ""
        ended["message"] = f"{before}; {message}" if before else message
    outputs = node.get("outputs")
    if phase == SUCCEEDED and isinstance(outputs, Mapping) and outputs.get("parameters"):
        ended["outputs"] = {**outputs, "parameters": [_default(one) for one in outputs["parameters"]]}
    return ended


def node_id(workflow_name: str, node_name: str) -> str:
    """The id of a node, which the controller derives from its name."""
    return workflow_name if node_name == workflow_name else f"{workflow_name}-{_fnv(node_name)}"


def pod_name(workflow: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    """The name of a node's Pod."""
    metadata = workflow["metadata"]
    name, node_name = str(metadata["name"]), str(node.get("name") or "")
    if (metadata.get("annotations") or {}).get(_POD_NAMES) == "v1":
        return str(node.get("id") or "")
    if node_name == name:
        return name
    template = template_of(node)
    prefix = f"{name}-{template}" if template else name
    return f"{prefix[:_LONGEST_PREFIX]}-{_fnv(node_name)}"


def failed(node: Mapping[str, Any]) -> bool:
    """Whether it ended, and not well."""
    return node.get("phase") in (FAILED, ERROR)


def _suspending(nodes: Nodes, terms: Sequence[Term]) -> list[str]:
    return [name for name, node in nodes.items() if node.get("type") == "Suspend" and selects(terms, node)]


def _default(parameter: Mapping[str, Any]) -> dict[str, Any]:
    source = parameter.get("valueFrom")
    if not isinstance(source, Mapping) or source.get("supplied") is None:
        return dict(parameter)
    if source.get("default") is None:
        raise Permanent(
            f"the output parameter '{parameter.get('name')}' of the suspended node has no value and no default",
            fix="give valueFrom.default in the template, or set it with `argo node set`",
        )
    kept = {name: value for name, value in parameter.items() if name != "valueFrom"}
    return {**kept, "value": source["default"]}


def _unpack(text: str) -> Nodes:
    try:
        packed = b64decode(text, validate=True)
        if not packed.startswith(_GZIP):
            raise Permanent("the nodes of the Workflow are compressed in a way that only Argo reads", fix=_SERVER)
        engine = zlib.decompressobj(wbits=31)
        unpacked = engine.decompress(packed, _LONGEST_NODES)
        if not engine.eof:
            raise ValueError
        nodes = orjson.loads(unpacked)
    except (ValueError, zlib.error):
        nodes = None
    if not isinstance(nodes, dict):
        raise Permanent("the compressed nodes of the Workflow cannot be read", fix=_SERVER)
    return nodes


def _fnv(text: str) -> int:
    """FNV-1a with 32 bits."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value
