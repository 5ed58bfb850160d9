"""A Workflow that has failed, begun anew under another name with what had succeeded taken over (`resubmit --memoized`)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from config.errors import Permanent
from config.kubernetes.resource import Object
from triggers.argo_workflow.nodes import ERROR, FAILED, SUCCEEDED, Node, Nodes, failed, node_id, read_nodes

_FIX: Final = "remove --memoized, or use operation: retry"


def take_over(workflow: Object, old: Mapping[str, Any], at: str) -> None:
    """Give the new Workflow, which has its name, the nodes of the old one; `at` is now, as RFC 3339.

    Raises Permanent unless the old one has failed.
    """
    status = old.get("status") or {}
    if status.get("phase") not in (FAILED, ERROR):
        what = f"only a Workflow that is {FAILED} or {ERROR} can be resubmitted with --memoized"
        raise Permanent(what, fix=_FIX)
    renaming = _Renaming(str(old["metadata"]["name"]), str(workflow["metadata"]["name"]), read_nodes(old))
    workflow["status"] = {
        "nodes": renaming.taken(at),
        "storedTemplates": copy.deepcopy(status.get("storedTemplates") or {}),
        "conditions": [{"type": "Completed", "status": "False"}],
    }


class _Renaming:
    """Names of nodes begin with that of their Workflow, and their ids are made of their names."""

    def __init__(self, old: str, new: str, nodes: Nodes) -> None:
        self._old, self._new, self._nodes = old, new, nodes

    def taken(self, at: str) -> Nodes:
        taken = {}
        for node in self._nodes.values():
            if str(node.get("name") or "").startswith(f"{self._old}.onExit"):
                continue
            if node.get("type") == "Skipped" and not self._succeeded_below(node):
                continue
            made = self._take(node, at)
            taken[made["id"]] = made
        return taken

    def _take(self, node: Node, at: str) -> Node:
        made = copy.deepcopy(node)
        made["name"] = self._name(node)
        made["id"] = node_id(self._new, made["name"])
        if node.get("boundaryID"):
            made["boundaryID"] = self._id(node["boundaryID"])
        for part in ("children", "outboundNodes"):
            if node.get(part):
                made[part] = [self._id(each) for each in node[part]]
        pod = node.get("type") == "Pod"
        made["startedAt"] = made["finishedAt"] = at
        if pod and failed(node):
            del made["startedAt"], made["finishedAt"]
        if pod and not failed(node):
            made.update(phase="Skipped", type="Skipped", message=f"original pod: {node.get('id')}")
        else:
            made["phase"] = "Pending"
            made.pop("message", None)
        return made

    def _name(self, node: Node) -> str:
        name = str(node.get("name") or "")
        return self._new + name.removeprefix(self._old) if name.startswith(self._old) else name

    def _id(self, old: str) -> str:
        return node_id(self._new, self._name(self._nodes.get(old, {})))

    def _succeeded_below(self, node: Node) -> bool:
        seen: set[str] = set()
        rest = list(node.get("children") or ())
        while rest:
            child = rest.pop()
            if child in seen or child not in self._nodes:
                continue
            seen.add(child)
            if self._nodes[child].get("phase") == SUCCEEDED:
                return True
            rest += self._nodes[child].get("children") or ()
        return False
