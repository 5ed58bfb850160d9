"""Argo Server's REST interface as far as Workflows go: strict about what it gets, with the refusals that it has.

What a request does to a Workflow is only what a caller can tell it by; nodes are left as they are.
"""

from __future__ import annotations

import copy
import json
import re
import ssl
from collections import deque
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.sink import Seen, Sink, answer

TOKEN: Final = "a-token-that-nobody-sees"
OPERATIONS: Final = {
    "retry": {"restartSuccessful", "nodeFieldSelector", "parameters"},
    "resume": {"nodeFieldSelector"},
    "suspend": set(),
    "stop": {"nodeFieldSelector", "message"},
    "terminate": set(),
}
SUBMIT_OPTIONS: Final = {
    *("name", "generateName", "entryPoint", "parameters", "serviceAccount", "labels", "annotations", "priority"),
}
KINDS: Final = {"WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow"}
_PATH: Final = re.compile(r"/api/v1/workflows/(?P<namespace>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<operation>[^/]+))?")


def refusal(status: int, message: str, **headers: str) -> bytes:
    """An error as the gateway writes it."""
    body = {"code": {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8}.get(status, 13), "message": message}
    return answer(status, json.dumps(body).encode(), Content_Type="application/json", **headers)


class FakeArgoServer:
    """`workflows` by namespace and name, `templates` by kind and name. What is in `script` is answered first."""

    def __init__(self, base: str = "", *, tls: ssl.SSLContext | None = None) -> None:
        self.base = base
        self.workflows: dict[tuple[str, str], dict[str, Any]] = {}
        self.templates: set[tuple[str, str]] = set()
        self.script: deque[bytes] = deque()
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.sink = Sink(tls=tls, usual=self._answer)
        self._lose = False

    async def __aenter__(self) -> Self:
        await self.sink.__aenter__()
        self.url = self.sink.url.rstrip("/") + self.base
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.sink.__aexit__(kind, error, trace)

    def add(self, workflow: dict[str, Any]) -> None:
        """One that is there before."""
        metadata = workflow["metadata"]
        self.workflows[metadata.get("namespace", "default"), metadata["name"]] = workflow

    def changes(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Method, path and body of all requests that were to change something."""
        return [each for each in self.asked if each[0] != "GET"]

    def lose_next(self) -> None:
        """Do what the next request wants, and answer nothing useful."""
        self._lose = True

    async def until_asked(self, count: int) -> None:
        """Wait until so many requests have come."""
        await self.sink.until(lambda _: len(self.asked) >= count)

    def _answer(self, seen: Seen) -> bytes:
        target = urlsplit(seen.target)
        body = json.loads(seen.body) if seen.body else {}
        assert target.path.startswith(self.base), target.path
        path = target.path.removeprefix(self.base)
        self.asked.append((seen.method, path, body))
        if self.script:
            return self.script.popleft()
        headers = {name.lower(): value for name, value in seen.headers}
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "token not valid")
        assert not seen.body or headers["content-type"] == "application/json"
        found = _PATH.fullmatch(path)
        assert found is not None, path
        namespace, name, operation = (unquote(found[part] or "") for part in ("namespace", "name", "operation"))
        given = self._act(seen.method, namespace, name, operation, body, parse_qs(target.query))
        if self._lose:
            self._lose = False
            return refusal(503, "gone for a moment")
        return given

    def _act(
        self, method: str, namespace: str, name: str, operation: str, body: dict[str, Any], query: dict[str, list[str]]
    ) -> bytes:
        match method, name, operation:
            case "POST", "", "":
                return self._create(namespace, body)
            case "POST", "submit", "":
                return self._submit(namespace, body)
            case "GET", "", "":
                return self._list(namespace, query)
            case "GET", _, "":
                return self._get(namespace, name, query)
            case "PUT", _, _ if operation in OPERATIONS:
                return self._change(namespace, name, operation, body)
        raise AssertionError(f"{method} {name} {operation}")

    def _create(self, namespace: str, body: dict[str, Any]) -> bytes:
        assert body.keys() == {"workflow"}
        made = copy.deepcopy(body["workflow"])
        assert made["metadata"]["namespace"] == namespace
        return self._store(namespace, made)

    def _submit(self, namespace: str, body: dict[str, Any]) -> bytes:
        assert body.keys() == {"namespace", "resourceKind", "resourceName", "submitOptions"}
        assert body["namespace"] == namespace
        options, kind, name = body["submitOptions"], body["resourceKind"], body["resourceName"]
        assert options.keys() <= SUBMIT_OPTIONS
        assert kind in KINDS
        if (kind, name) not in self.templates:
            return refusal(404, f'{kind.lower()}s.argoproj.io "{name}" not found')
        metadata = {"name": options["name"], "namespace": namespace}
        for part in ("labels", "annotations"):
            metadata[part] = dict(pair.split("=") for pair in options.get(part, "").split(",") if pair)
        spec = {"workflowTemplateRef": {"name": name}, "arguments": options.get("parameters", [])}
        return self._store(namespace, {"metadata": metadata, "spec": spec})

    def _store(self, namespace: str, made: dict[str, Any]) -> bytes:
        name = made["metadata"]["name"]
        if (namespace, name) in self.workflows:
            return refusal(409, f'workflows.argoproj.io "{name}" already exists')
        made["metadata"]["uid"] = f"uid-{len(self.workflows)}"
        self.workflows[namespace, name] = made
        return _workflow(made)

    def _list(self, namespace: str, query: dict[str, list[str]]) -> bytes:
        [selector] = query.get("listOptions.labelSelector", [""])
        wanted = dict(pair.split("=") for pair in selector.split(",") if pair)
        found = [
            each
            for (where, _), each in self.workflows.items()
            if where == namespace and wanted.items() <= each["metadata"].get("labels", {}).items()
        ]
        return answer(
            200, json.dumps({"metadata": {}, "items": found or None}).encode(), Content_Type="application/json"
        )

    def _get(self, namespace: str, name: str, query: dict[str, list[str]]) -> bytes:
        found = self.workflows.get((namespace, name))
        if found is None:
            return refusal(404, f'workflows.argoproj.io "{name}" not found')
        if "fields" in query:
            found = {"metadata": {"uid": found["metadata"].get("uid")}, "status": found.get("status", {})}
        return _workflow(found)

    def _change(self, namespace: str, name: str, operation: str, body: dict[str, Any]) -> bytes:
        assert {"name", "namespace"} <= body.keys() <= {"name", "namespace", *OPERATIONS[operation]}
        assert (body["name"], body["namespace"]) == (name, namespace)
        found = self.workflows[namespace, name]
        spec = found.setdefault("spec", {})
        if operation in ("suspend", "resume") and "nodeFieldSelector" not in body:
            spec["suspend"] = operation == "suspend"
        elif operation in ("stop", "terminate"):
            spec["shutdown"] = operation.capitalize()
        elif operation == "retry":
            found["status"] = {"phase": "Running"}
        return _workflow(found)


def _workflow(object: dict[str, Any]) -> bytes:
    """Without its kind, as the server has it."""
    kept = {name: value for name, value in object.items() if name not in ("apiVersion", "kind")}
    return answer(200, json.dumps(kept).encode(), Content_Type="application/json")
