"""Recorded cases of the HTTP trigger: the requests that really arrive somewhere, and what a policy makes of the answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from config.block import Marks
from config.decode import decode
from config.errors import Fault, Permanent, Severity, Temporary
from config.sensor import TriggerParameter, TriggerPolicy
from sensors.parameters import EventValues, ParameterCache
from tests.fakes.sink import Seen, Sink, answer
from tests.fakes.values import context
from tests.oracle.events import make_event
from triggers.http import HTTP, HTTPSettings, Request

Case = dict[str, Any]

# Each client names itself, and what it can unpack; the key is ours alone.
_APART: Final = {"accept-encoding", "host", "idempotency-key", "user-agent"}
_FAILURES: Final = {"error", "panic", "crash", "decodeError"}


async def answer_case(case: Case) -> Case:
    """`requests` as they arrived, and `error`, `stage` (`parameters`, `execute`, `policy` or `done`)."""
    async with Sink() as sink:
        if (first := case.get("response")) is not None:
            sink.script.append(answer(first.get("status", 200), b"", **_headers(first, sink)))
        made = await _answer(json.loads(json.dumps(case).replace("SERVER", sink.authority)), sink)
        made["requests"] = [_arrived(seen, sink) for seen in sink.requests]
    # Whether there is a policy is nothing that was recorded, but what of the answer counts depends on it.
    return {**made, "policy": bool((case["trigger"].get("policy") or {}).get("status"))}


async def _answer(case: Case, sink: Sink) -> Case:
    manifest, cache = case["trigger"], ParameterCache()
    events = {name: make_event(event["context"], event["data"]) for name, event in case["events"].items()}
    values = EventValues(events, cache)
    try:
        parameters = [TriggerParameter.model_validate(each) for each in manifest.get("parameters") or ()]
        template = values.apply(manifest["template"], parameters) if parameters else manifest["template"]
        settings = _decoded(HTTPSettings, template["http"])
        trigger = _trigger(settings, manifest, case)
        request = trigger.render(settings, values)
    except Permanent as error:
        return {"stage": "parameters", "error": str(error)}
    return await _fired(trigger, request)


async def _fired(trigger: HTTP, request: Request) -> Case:
    try:
        async with trigger:
            outcome = await trigger.fire(request, "key")
    except (Temporary, Permanent) as error:
        status = getattr(error, "status", None)
        return {"stage": "execute" if status is None else "policy", "error": str(error), "status": status}
    return {"stage": "done", "status": outcome.status}


def _trigger(settings: HTTPSettings, manifest: Case, case: Case) -> HTTP:
    policy = manifest.get("policy")
    # A volume's file has a last line break that is no part of the Secret.
    secrets = {name.split("/")[1]: text.removesuffix("\n") for name, text in case.get("secrets", {}).items()}
    return HTTP(settings, context(_decoded(TriggerPolicy, policy) if policy else None, **secrets))


def _decoded(model: Any, block: Any) -> Any:
    faults: list[Fault] = []
    decoded = decode(model, block, (), Marks("", {}), faults)
    wrong = [str(fault) for fault in faults if fault.severity is Severity.FAULT]
    if decoded is None or wrong:
        raise Permanent("; ".join(wrong))
    return decoded


def _headers(response: Case, sink: Sink) -> dict[str, str]:
    headers = response.get("headers") or {}
    return {name: value.replace("SERVER", sink.authority) for name, value in headers.items()}


def _arrived(seen: Seen, sink: Sink) -> Case:
    headers = [[_canonical(name), value] for name, value in seen.headers if name.lower() not in _APART]
    return {
        "method": seen.method,
        "target": seen.target,
        "host": (seen.header("Host") or "").replace(sink.authority, "SERVER"),
        "headers": sorted([name, value.replace(sink.authority, "SERVER")] for name, value in headers),
        "body": seen.body.decode().replace(sink.authority, "SERVER"),
    }


def _canonical(name: str) -> str:
    """As Go's server spells header names."""
    return "-".join(part.capitalize() for part in name.split("-"))


def agrees(want: Case, got: Case) -> bool:
    """Whether the same requests arrive, and, under a policy or before any request, whether both fail.

    Without a policy a status of 400 and more is a failure here and none there: that is meant to be. Where Argo Events
    crashes, whatever we do is better.
    """
    if "panic" in want or "crash" in want:
        return True
    requests = [{**request, "headers": _compared(request["headers"])} for request in want.get("requests") or ()]
    if requests != got["requests"]:
        return False
    judged = got["policy"] or not requests
    return not judged or bool(_FAILURES & want.keys()) == ("error" in got)


def _compared(headers: list[list[str]]) -> list[list[str]]:
    return sorted(header for header in headers if header[0].lower() not in _APART)


ANSWERS: Final[dict[str, tuple[Callable[[Case], Awaitable[Case]], Callable[[Case, Case], bool]]]] = {
    "http-trigger": (answer_case, agrees)
}
