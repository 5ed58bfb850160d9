"""Operations on Applications through Argo CD's REST interface.

It has no place for a key but among the infos of a sync, where a repetition finds it. Any other operation is decided by the
Application as it is: what is so already is not asked for again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from multidict import CIMultiDict

from config.credentials import Secrets
from config.decode import nearest
from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.resource import Object
from triggers.argo_cd.application_ends import find_end
from triggers.argo_cd.application_operations import can_be_terminated, deployment, is_deployed
from triggers.argo_cd.applications import BEFORE, IDLE, Applications, Done, about, called
from triggers.argo_cd.order import API_VERSION, DONE, KIND, Order
from triggers.base import Result
from triggers.client import Answer, Client, time_limit
from triggers.cluster.object import KEY
from triggers.cluster.waits import LOST
from triggers.message import Message
from triggers.server_address import ServerAddress
from triggers.status import is_success, parse_retry_after
from triggers.target import Target, parse_target

TIMEOUT: Final = 60.0
"""Seconds for one request; a refresh is answered when it is done."""

LARGEST: Final = 16 << 20
"""Bytes of an answer: an Application lists all its resources."""

PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds between the first two looks at an Application that is awaited, and what that comes to."""

ROLLBACKS: Final = 1024
"""Firings whose deployment is remembered, should they come again: afterwards the one before the last is another."""

_ROOT: Final = "/api/v1/applications"
_LOGIN: Final = "give server.token a token that is still valid"
_BUSY: Final = "another operation is already in progress"
_IDLE: Final = "no operation is in progress"
_WINDOW: Final = "sync window"
_PASSING: Final = frozenset({401, 408, 429})


class GoneError(Permanent):
    """There is no such Application, or its token does not say so."""


class ServerApplications(Applications):
    """`client` is entered, and made for LARGEST bytes. The token needs `applications, get` and `applications, sync`."""

    def __init__(
        self,
        client: Client,
        address: ServerAddress,
        secrets: Secrets,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._where = address.target.authority
        self._client, self._address, self._secrets, self._sleep = client, address, secrets, sleep
        self._rollbacks: OrderedDict[str, int] = OrderedDict()

    async def operate(self, order: Order, key: str) -> Done:
        try:
            match order.operation:
                case "refresh":
                    return Done("refreshed", await self._read(order, {"refresh": order.refresh}))
                case "terminate":
                    return await self._terminate(order)
                case "rollback":
                    return await self._roll_back(order, key)
            return await self._sync(order, key)
        except (Temporary, Permanent) as error:
            if error.where:
                raise
            raise about(error, order, self._where) from None

    async def result(self, waited: Mapping[str, Any]) -> Result:
        judge, pause = find_end(waited), PAUSE
        order = Order(
            operation=waited["operation"],
            name=waited["name"],
            namespace=waited["namespace"],
            project=waited["project"],
        )
        while True:
            try:
                live = await self._read(order)
            except GoneError:
                return LOST
            if live["metadata"].get("uid") != waited["uid"]:
                return LOST
            if (result := judge(live)) is not None:
                return result
            await self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    async def _sync(self, order: Order, key: str) -> Done:
        live = await self._read(order)
        if _has_begun(live, key):
            return Done(f"had been {DONE['sync']} {BEFORE}", live)
        fields = dict(order.sync)
        strategy, options = fields.pop("syncStrategy", None), fields.pop("syncOptions", None)
        body: dict[str, Any] = {**fields, "infos": [*order.info, {"name": KEY, "value": key}]}
        body |= {"strategy": strategy} if strategy is not None else {}
        body |= {"syncOptions": {"items": options}} if options is not None else {}
        body |= {"retryStrategy": order.retry} if order.retry is not None else {}
        if order.revisions:
            body["revisions"] = list(order.revisions)
            body["sourcePositions"] = list(order.positions or range(1, len(order.revisions) + 1))
        return Done(DONE["sync"], _whole(await self._call("POST", order, "/sync", body=body)))

    async def _roll_back(self, order: Order, key: str) -> Done:
        live = await self._read(order)
        if order.id is None:
            before = int(deployment(order, live).get("id") or 0)
            order = replace(order, id=self._rollbacks.setdefault(key, before))
            while len(self._rollbacks) > ROLLBACKS:
                self._rollbacks.popitem(last=False)
        if is_deployed(deployment(order, live), live):
            return Done("need not be rolled back: that is what was deployed last", live)
        body = {"id": order.id, **order.sync}
        return Done(DONE["rollback"], _whole(await self._call("POST", order, "/rollback", body=body)))

    async def _terminate(self, order: Order) -> Done:
        live = await self._read(order)
        if not can_be_terminated(live):
            return Done(IDLE, live)
        try:
            await self._call("DELETE", order, "/operation")
        except Permanent as error:
            if _IDLE not in error.what.lower():
                raise
            return Done(IDLE, live)
        return Done(DONE["terminate"], live)

    async def _read(self, order: Order, query: Mapping[str, str] = {}) -> Object:
        return _whole(await self._call("GET", order, query=query))

    async def _call(
        self,
        method: str,
        order: Order,
        path: str = "",
        *,
        query: Mapping[str, str] = {},
        body: Mapping[str, Any] | None = None,
    ) -> Object:
        scope = {"appNamespace": order.namespace, "project": order.project}
        scope = {name: value for name, value in scope.items() if value}
        if body is None:
            query = {**query, **scope}
        target = self._at(f"{_ROOT}/{quote(order.name, safe='')}{path}", query)
        answer = await self._send(method, target, None if body is None else {**body, **scope})
        if not is_success(answer.status, None):
            raise await self._failure(answer, order)
        return self._object(answer)

    async def _send(self, method: str, target: Target, body: Mapping[str, Any] | None = None) -> Answer:
        headers = CIMultiDict({"Accept": "application/json", "User-Agent": "eventyard"})
        if authorization := self._address.authorization(self._secrets):
            headers["Authorization"] = authorization
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = b"" if body is None else orjson.dumps(body)
        return await self._client.send(Message(method, target, headers, data), time_limit(TIMEOUT))

    def _at(self, path: str, query: Mapping[str, str]) -> Target:
        base = str(self._address.target.url).rstrip("/")
        return parse_target(f"{base}{path}" + (f"?{urlencode(query)}" if query else ""))

    def _object(self, answer: Answer) -> Object:
        try:
            found = orjson.loads(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Temporary("what answered is not Argo CD", where=self._where, fix="check server.url")
        return found

    async def _failure(self, answer: Answer, order: Order) -> EventyardError:
        said, status, where = _message(answer), answer.status, self._where
        what = f"{called(order)}: Argo CD answered {status}: {said}"
        if status in _PASSING or status >= 500:
            after = parse_retry_after(answer.headers.get("Retry-After"))
            return Temporary(what, where=where, fix=_LOGIN if status == 401 else "", after=after)
        if status == 400 and _BUSY in said:
            return Temporary(what, where=where, fix="wait, or terminate it: operation: terminate")
        if status == 403 and _WINDOW in said:
            fix = "wait until the window opens, or allow manualSync in the sync windows of the AppProject"
            return Temporary(what, where=where, fix=fix)
        if status in (403, 404):
            # Whether there is such an Application is not told to those who may not see it.
            fix = await self._similar(order) or (
                f"check name, namespace and project, or let the token do it: p, SUBJECT, applications, "
                f"{'get' if order.operation == 'refresh' else 'sync'}, PROJECT/{order.name}, allow"
            )
            return (GoneError if status == 404 else Permanent)(what, where=where, fix=fix)
        return Permanent(what, where=where, fix="look at what Argo CD says, then at the Application")

    async def _similar(self, order: Order) -> str:
        """A name that was probably meant, if the one that was given is none."""
        with suppress(EventyardError):
            answer = await self._send("GET", self._at(_ROOT, {"fields": "items.metadata.name"}))
            if is_success(answer.status, None):
                names = [str(each["metadata"]["name"]) for each in self._object(answer).get("items") or ()]
                return "" if order.name in names else nearest(order.name, names)
        return ""


def _has_begun(application: Object, key: str) -> bool:
    """Whether the last operation of an Application has the key among its infos."""
    state = (application.get("status") or {}).get("operationState") or {}
    operations = (application.get("operation") or {}, state.get("operation") or {})
    return any(
        each.get("name") == KEY and each.get("value") == key
        for operation in operations
        for each in operation.get("info") or ()
    )


def _whole(object: Object) -> Object:
    """With the kind, which the server leaves out."""
    return {**object, "apiVersion": API_VERSION, "kind": KIND}


def _message(answer: Answer) -> str:
    try:
        found = orjson.loads(answer.body)
    except ValueError:
        found = None
    text = str(found.get("message") or found.get("error") or "") if isinstance(found, dict) else answer.text
    return " ".join(text.split())[:600] or "nothing more"
