"""Operations on Workflows through Argo Server's REST interface.

It has no place for a key beside what a Workflow itself carries. So whatever makes one gives it its name (a resubmitted one
is made from the old one as it was read), and whatever changes one looks first whether that is done already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from multidict import CIMultiDict

from config.credentials import Secrets
from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.resource import Object
from triggers.argo_workflow.args import Options
from triggers.argo_workflow.carrier import DONE, Done, Workflows, about, called
from triggers.argo_workflow.object import API_VERSION, CRON, KIND, from_template
from triggers.argo_workflow.states import already
from triggers.base import Result
from triggers.client import Answer, Client, time_limit
from triggers.cluster.judges import judge_workflow
from triggers.cluster.object import key_of
from triggers.cluster.waits import LOST
from triggers.message import Message
from triggers.server_address import ServerAddress
from triggers.status import is_success, parse_retry_after
from triggers.target import Target, parse_target

TIMEOUT: Final = 60.0
"""Seconds for one request."""

LARGEST: Final = 16 << 20
"""Bytes of an answer: a Workflow has its nodes in it even if they are in a database."""

PAUSE: Final = 1.0
"""Seconds between the first two looks at a Workflow that is awaited; later it is longer each time."""

LONGEST_PAUSE: Final = 15.0
"""Seconds that this comes to."""

_BRIEF: Final = "metadata.name,metadata.uid,status.phase"
_ROOT: Final = "/api/v1/workflows"
_LOGIN: Final = "give server.token the token of a service account, or of a user, that is still valid"
_PASSING: Final = frozenset({401, 408, 429})


class NotThereError(Permanent):
    """There is no such Workflow or template."""


class ExistsError(Permanent):
    """There is a Workflow of that name."""


class ServerWorkflows(Workflows):
    """`client` is entered, and made for LARGEST bytes."""

    def __init__(
        self,
        client: Client,
        address: ServerAddress,
        secrets: Secrets,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.where = address.target.authority
        self._client, self._address, self._secrets, self._sleep = client, address, secrets, sleep

    async def create(self, workflow: Object, key: str) -> Done:
        namespace = workflow["metadata"]["namespace"]
        return await self._make(_path(namespace), {"workflow": workflow}, workflow, key)

    async def begin_from(self, kind: str, name: str, namespace: str, at: str) -> Object:
        if kind != CRON:
            return from_template(kind, name)
        # The server reads it, and adds all that a CronWorkflow says to what is asked for.
        return {"apiVersion": API_VERSION, "kind": KIND, "metadata": {"generateName": f"{name}-"}, "spec": {}}

    async def create_from(self, kind: str, name: str, workflow: Object, key: str) -> Done:
        namespace = workflow["metadata"]["namespace"]
        body = {"namespace": namespace, "resourceKind": kind, "resourceName": name, "submitOptions": _asked(workflow)}
        try:
            return await self._make(f"{_path(namespace)}/submit", body, workflow, key)
        except NotThereError as error:
            what = f"there is no {called(name, namespace, kind)}: {error.what}"
            raise Permanent(what, where=self.where, fix="check its name and namespace") from None

    async def read(self, name: str, namespace: str) -> Object:
        return _whole(await self._call("GET", _path(namespace, name), subject=called(name, namespace)))

    async def select(self, namespace: str, labels: str, fields: str) -> list[Object]:
        given = {"listOptions.labelSelector": labels, "listOptions.fieldSelector": fields}
        query = {name: value for name, value in given.items() if value}
        query["fields"] = ",".join(
            f"items.{field}" for field in ("metadata.name", "metadata.annotations", "status.phase")
        )
        answer = await self._call("GET", _path(namespace), query=query, subject=f"Workflows in namespace '{namespace}'")
        return [_whole(each) for each in answer.get("items") or ()]

    async def operate(self, operation: str, name: str, namespace: str, options: Options, *, key: str, by: str) -> Done:
        live = await self.read(name, namespace)
        try:
            if said := already(operation, live, options):
                return Done(said, live)
        except Permanent as error:
            raise about(error, name, namespace, self.where) from None
        body: dict[str, Any] = {"name": name, "namespace": namespace}
        if options.nodes:
            body["nodeFieldSelector"] = options.node_selector
        if operation == "stop" and options.message:
            body["message"] = options.message
        if operation == "retry":
            body["restartSuccessful"] = options.restart_successful
            body["parameters"] = [f"{each}={value}" for each, value in options.parameters]
        path = f"{_path(namespace, name)}/{operation}"
        return Done(DONE[operation], _whole(await self._call("PUT", path, body, subject=called(name, namespace))))

    async def result(self, started: Mapping[str, Any]) -> Result:
        name, namespace, pause = started["name"], started["namespace"], PAUSE
        path = _path(namespace, name)
        while True:
            try:
                live = await self._call("GET", path, query={"fields": _BRIEF}, subject=called(name, namespace))
                if judge_workflow(live) is not None:
                    live = await self.read(name, namespace)
            except NotThereError:
                return LOST
            if (live.get("metadata") or {}).get("uid") != started["uid"]:
                return LOST
            if (result := judge_workflow(live)) is not None:
                return result
            await self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    async def _make(self, path: str, body: Mapping[str, Any], workflow: Object, key: str) -> Done:
        name, namespace = workflow["metadata"]["name"], workflow["metadata"]["namespace"]
        try:
            made = await self._call("POST", path, body, subject=called(name, namespace))
        except ExistsError as error:
            there = await self.read(name, namespace)
            if key_of(there) != key:
                raise Permanent(
                    f"{called(name, namespace)} is there already, made by {_maker(there)}",
                    where=self.where,
                    fix="let generateName or a parameter make names that differ",
                ) from error
            return Done("had been submitted by this firing before", there)
        return Done("submitted", _whole(made))

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] = {},
        subject: str,
    ) -> Object:
        headers = CIMultiDict({"Accept": "application/json", "User-Agent": "eventyard"})
        if authorization := self._address.authorization(self._secrets):
            headers["Authorization"] = authorization
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = b"" if body is None else orjson.dumps(body)
        answer = await self._client.send(Message(method, self._at(path, query), headers, data), time_limit(TIMEOUT))
        if not is_success(answer.status, None):
            raise self._failure(answer, method, subject)
        try:
            found = orjson.loads(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Temporary("what answered is not Argo Server", where=self.where, fix="check server.url")
        return found

    def _at(self, path: str, query: Mapping[str, str]) -> Target:
        base = str(self._address.target.url).rstrip("/")
        return parse_target(f"{base}{path}" + (f"?{urlencode(query)}" if query else ""))

    def _failure(self, answer: Answer, method: str, subject: str) -> EventyardError:
        what, where, status = (
            f"{subject}: Argo Server answered {answer.status}: {_message(answer)}",
            self.where,
            answer.status,
        )
        if status in _PASSING or status >= 500:
            after = parse_retry_after(answer.headers.get("Retry-After"))
            return Temporary(what, where=where, fix=_LOGIN if status == 401 else "", after=after)
        if status == 404:
            return NotThereError(what, where=where, fix="check name and namespace")
        if status == 409 and method == "POST":
            return ExistsError(what, where=where)
        if status == 403:
            fix = "give whom server.token belongs to the right to do that, by a Role and a RoleBinding"
            return Permanent(what, where=where, fix=fix)
        if status == 409:
            return Temporary(what, where=where)
        return Permanent(what, where=where, fix="look at what Argo Server says, then at the Workflow")


def _path(namespace: str, name: str = "") -> str:
    parts = [_ROOT, quote(namespace, safe=""), *([quote(name, safe="")] if name else [])]
    return "/".join(parts)


def _asked(workflow: Object) -> dict[str, Any]:
    """The options that make the server's Workflow what this one is."""
    metadata, spec = workflow["metadata"], workflow["spec"]
    options: dict[str, Any] = {"name": metadata["name"], "generateName": metadata.get("generateName", "")}
    for option in ("labels", "annotations"):
        options[option] = ",".join(f"{name}={value}" for name, value in (metadata.get(option) or {}).items())
    options["entryPoint"] = spec.get("entrypoint", "")
    options["serviceAccount"] = spec.get("serviceAccountName", "")
    options["priority"] = spec.get("priority")
    given = (spec.get("arguments") or {}).get("parameters") or ()
    options["parameters"] = [f"{one['name']}={one['value']}" for one in given]
    return {name: value for name, value in options.items() if value not in ("", None, [])}


def _whole(object: Object) -> Object:
    """With the kind, which the server leaves out."""
    return {**object, "apiVersion": API_VERSION, "kind": KIND}


def _maker(workflow: Object) -> str:
    return "another firing" if key_of(workflow) else "somebody else"


def _message(answer: Answer) -> str:
    try:
        found = orjson.loads(answer.body)
    except ValueError:
        found = None
    text = str(found.get("message") or found.get("error") or "") if isinstance(found, dict) else answer.text
    return " ".join(text.split())[:600] or "nothing more"
