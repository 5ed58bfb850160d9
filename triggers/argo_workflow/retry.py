"""A Workflow that has failed, made to run again where it failed: the rewriting of its nodes that Argo Server does.

Nodes that failed are forgotten, with all that came after them, and their Pods deleted; what contains them runs again;
the rest stays as it was.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.errors import Permanent
from config.kubernetes.resource import Object
from triggers.argo_workflow.nodes import (
    RUNNING,
    SUCCEEDED,
    Node,
    Nodes,
    failed,
    pod_name,
    read_nodes,
    write_nodes,
)
from triggers.argo_workflow.object import ARCHIVING, COMPLETED, apply_parameters, forget_end
from triggers.argo_workflow.selector import Term, selects

_GROUPS: Final = frozenset({"DAG", "TaskGroup", "StepGroup", "Steps"})
_EXPANDED: Final = frozenset({"TaskGroup", "StepGroup"})
_EXECUTED: Final = frozenset({"Container", "Pod", "HTTP", "Plugin"})
_BROKEN: Final = "the nodes of the Workflow do not fit together"


@dataclass(frozen=True, slots=True)
class Retried:
    """The Workflow as it is to be written, and the names of the Pods to be deleted before."""

    workflow: Object
    pods: Sequence[str]


def retried(
    workflow: Mapping[str, Any],
    *,
    restart: Sequence[Term] = (),
    parameters: Sequence[tuple[str, str]] = (),
    at: str,
) -> Retried:
    """`restart` chooses nodes that are run again although they succeeded; `at` is now, as RFC 3339.

    Raises Permanent if the nodes cannot be read or make no tree.
    """
    tree = _Tree.of(workflow)
    tree.forget(_to_forget(tree, restart))
    if parameters:
        tree.expand_again()
    nodes = {
        name: _without(tree.again(name, at), tree.forgotten)
        for name, node in tree.nodes.items()
        if name not in tree.forgotten and not _at_exit(node, tree.root)
    }
    pods = [tree.nodes[name] for name in tree.forgotten if tree.nodes[name].get("type") == "Pod"]
    pods += tree.below_exit()
    made = copy.deepcopy(dict(workflow))
    _begin_again(made, parameters, at)
    write_nodes(made, nodes)
    return Retried(made, sorted({pod_name(workflow, pod) for pod in pods}))


def _to_forget(tree: _Tree, restart: Sequence[Term]) -> set[str]:
    """The nodes that are to run again, by id."""
    chosen = {name for name, node in tree.nodes.items() if restart and selects(restart, node)}
    broken = set()
    for name, node in tree.nodes.items():
        if not failed(node) or node.get("type") not in _EXECUTED:
            continue
        # Of attempts, it counts what came after the node that made them.
        flag = node.get("nodeFlag")
        attempt = isinstance(flag, Mapping) and flag.get("retried")
        judged = tree.retrying.get(name, name) if attempt else name
        if not tree.succeeded_below(judged, chosen):
            broken.add(name)
    return chosen | broken


@dataclass(slots=True)
class _Tree:
    """The nodes by id, each with one parent; which of them are forgotten and which run again."""

    root: str
    nodes: Nodes
    parents: dict[str, str]
    retrying: dict[str, str]
    """The node of type Retry that made an attempt."""
    forgotten: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, workflow: Mapping[str, Any]) -> _Tree:
        root, nodes = str(workflow["metadata"]["name"]), read_nodes(workflow)
        # A node may follow several others: the choice has to be the same each time.
        parents = {child: name for name in sorted(nodes) for child in nodes[name].get("children") or ()}
        for name, node in nodes.items():
            if name not in parents and node.get("name") != root and not _at_exit(node, root):
                raise Permanent(f"{_BROKEN}: nothing leads to '{name}'")
            for child in node.get("children") or ():
                if child not in nodes:
                    raise Permanent(f"{_BROKEN}: '{child}' is missing")
        retrying = {
            child: name
            for name, node in nodes.items()
            if node.get("type") == "Retry"
            for child in node.get("children") or ()
        }
        return cls(root, nodes, parents, retrying)

    def forget(self, names: Collection[str]) -> None:
        """Forget these nodes, those nearer to the root first: what is below one is forgotten with it."""
        for name in self._from_the_root():
            if name in names and name not in self.forgotten:
                self._forget(name)

    def expand_again(self) -> None:
        """Forget what is in groups that run again: other parameters may make other members."""
        for name in self.running - self.forgotten:
            if self._type(name) in _EXPANDED:
                self.forgotten |= set(self._below(name))

    def again(self, name: str, at: str) -> Node:
        """The node as it is from now on."""
        node = self.nodes[name]
        if name not in self.running:
            return node
        again = {part: value for part, value in node.items() if part not in ("message", "finishedAt")}
        again["startedAt"] = at
        if node.get("phase") != "Skipped":
            again["phase"] = RUNNING
        return again

    def succeeded_below(self, name: str, chosen: Collection[str]) -> bool:
        """Whether anything after the node succeeded, and need not run again."""
        return any(each not in chosen and self.nodes[each].get("phase") == SUCCEEDED for each in self._below(name))

    def below_exit(self) -> list[Node]:
        """The nodes of the exit handler."""
        for name, node in self.nodes.items():
            if node.get("name") == f"{self.root}.onExit":
                return [node, *(self.nodes[each] for each in self._below(name))]
        return []

    def _forget(self, name: str) -> None:
        self.forgotten |= {name, *self._below(name)}
        if self.nodes[name].get("name") == self.root:
            return
        above: str | None = name
        while above is not None:
            node = self.nodes[above]
            if self._type(above) in _GROUPS:
                self.running.add(above)
                above = self._run_around(above)
            elif self._type(above) == "Container":
                pod = self._climb(above, "type", "Pod")
                self.forgotten |= {pod, *self._below(pod)}
                above = pod
            else:
                if self._type(above) == "Retry" and failed(node):
                    self.running.add(above)
                above = self.parents.get(above)

    def _run_around(self, name: str) -> str | None:
        """Run again all that contains a group, to the outermost; what comes before that."""
        while True:
            parent = self.parents.get(name)
            if parent is not None and self._type(parent) == "Retry":
                self.running.add(parent)
                name = parent
                parent = self.parents.get(name)
            if parent is not None and self._type(parent) in _EXPANDED:
                self.running.add(parent)
            boundary = self.nodes[name].get("boundaryID")
            if not boundary:
                return parent
            name = self._climb(name, "id", boundary)
            self.running.add(name)

    def _climb(self, name: str, part: str, value: str) -> str:
        """The node itself, or the nearest above it, that has this value."""
        above: str | None = name
        while above is not None:
            if self.nodes[above].get(part) == value:
                return above
            above = self.parents.get(above)
        raise Permanent(f"{_BROKEN}: nothing above '{name}' has the {part} '{value}'")

    def _type(self, name: str) -> str:
        return str(self.nodes[name].get("type") or "")

    def _below(self, name: str) -> Iterator[str]:
        """All that comes after the node."""
        seen, queue = {name}, deque([name])
        while queue:
            for child in self.nodes[queue.popleft()].get("children") or ():
                if child not in seen:
                    seen.add(child)
                    queue.append(child)
                    yield child

    def _from_the_root(self) -> Iterator[str]:
        """All nodes but those of the exit handler, nearer ones first."""
        for name, node in self.nodes.items():
            if node.get("name") == self.root:
                yield name
                yield from self._below(name)
                return
        raise Permanent(f"{_BROKEN}: there is no first one")


def _at_exit(node: Mapping[str, Any], root: str) -> bool:
    return str(node.get("name") or "").startswith(f"{root}.onExit")


def _without(node: Node, forgotten: Collection[str]) -> Node:
    """The node without what leads to those that are forgotten."""
    kept = dict(node)
    for part in ("children", "outboundNodes"):
        if part in kept:
            kept[part] = [each for each in kept[part] or () if each not in forgotten]
            if not kept[part]:
                del kept[part]
    return kept


def _begin_again(workflow: Object, parameters: Sequence[tuple[str, str]], at: str) -> None:
    """Take out of the Workflow that it has ended."""
    labels = workflow["metadata"].get("labels") or {}
    for label in (COMPLETED, ARCHIVING):
        labels.pop(label, None)
    status = workflow["status"]
    for part in ("phase", "message", "finishedAt", "persistentVolumeClaims"):
        status.pop(part, None)
    status["startedAt"] = at
    others = [one for one in status.get("conditions") or () if one.get("type") != "Completed"]
    status["conditions"] = [*others, {"type": "Completed", "status": "False"}]
    forget_end(workflow["spec"])
    apply_parameters(workflow["spec"], parameters)
    if isinstance(stored := status.get("storedWorkflowTemplateSpec"), dict):
        stored.pop("shutdown", None)
        apply_parameters(stored, parameters)
