"""Recorded cases of the k8s trigger: what it does to a cluster."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from config.block import Marks
from config.decode import decode
from config.errors import EventyardError, Fault, Permanent, Severity
from config.sensor import TriggerParameter, TriggerPolicy
from sensors.parameters import EventValues, ParameterCache
from tests.fakes.cluster import FakeCluster
from tests.fakes.values import FakeSecrets
from tests.oracle.events import make_event
from triggers.artifacts import Artifacts
from triggers.base import TriggerContext
from triggers.cluster.object import KEY, TIMESTAMP, generated_name
from triggers.k8s.adapter import K8s, K8sSettings

Case = dict[str, Any]

IDEMPOTENCY: Final = "4f" * 16
_FAILURES: Final = {"error", "panic", "crash", "decodeError"}


async def answer(case: Case) -> Case:
    """`actions` as they arrived, `result` or `error`."""
    cluster = FakeCluster(copy.deepcopy(case["existing"]))
    manifest = case["trigger"]
    events = {name: make_event(event["context"], event["data"]) for name, event in case["events"].items()}
    values = EventValues(events, ParameterCache())
    try:
        parameters = [TriggerParameter.model_validate(each) for each in manifest.get("parameters") or ()]
        template = values.apply(manifest["template"], parameters) if parameters else manifest["template"]
        settings = _decoded(K8sSettings, template["k8s"])
        trigger = K8s(settings, _context(case), sleep=_no_sleep)
        trigger.api = cluster
        async with Artifacts(trigger.context.secrets) as trigger.artifacts:
            outcome = await trigger.fire(trigger.render(settings, values), IDEMPOTENCY)
    except EventyardError as error:
        return {"actions": [_plain(action) for action in cluster.actions], "error": str(error)}
    assert outcome.started is not None
    return {"actions": [_plain(action) for action in cluster.actions]}


def _context(case: Case) -> TriggerContext:
    policy = case["trigger"].get("policy")
    return TriggerContext(
        sensor=case["sensor"]["name"],
        namespace=case["sensor"]["namespace"],
        trigger=case["trigger"]["template"]["name"],
        secrets=FakeSecrets(),
        policy=_decoded(TriggerPolicy, policy) if policy else None,
    )


async def _no_sleep(seconds: float) -> None:
    assert seconds >= 0


def _decoded(model: Any, block: Any) -> Any:
    faults: list[Fault] = []
    decoded = decode(model, block, (), Marks("", {}), faults)
    wrong = [str(fault) for fault in faults if fault.severity is Severity.FAULT]
    if decoded is None or wrong:
        raise Permanent("; ".join(wrong))
    return decoded


def _plain(action: Case) -> Case:
    """The action as Argo Events would have it: its annotation and its name made of the key are ours alone."""
    plain = copy.deepcopy(action)
    for object in (plain.get("object"), plain.get("patch")):
        if isinstance(object, dict):
            metadata = object["metadata"]
            assert action["verb"] == "get" or metadata["annotations"].pop(KEY) == IDEMPOTENCY
            if not metadata.get("annotations", True):
                del metadata["annotations"]
            prefix = metadata.get("generateName")
            if action["verb"] == "create" and prefix and metadata.get("name") == generated_name(prefix, IDEMPOTENCY):
                del metadata["name"]
            if TIMESTAMP in (metadata.get("labels") or {}):
                assert metadata["labels"][TIMESTAMP].isdecimal()
                metadata["labels"][TIMESTAMP] = "<ms>"
    return plain


def agrees(want: Case, got: Case) -> bool:
    """Whether the same is done in the same order, and whether both fail. Rows that could not be carried out there have
    only their actions.

    An object is read once where Argo Events reads it twice in a row, and one that cannot be created because it is there
    is read to see who made it.
    """
    wanted, done = _actions(want["actions"]), _actions(got["actions"])
    refused = "error" in want and wanted and wanted[-1]["verb"] == "create"
    if refused and done and done[-1]["verb"] == "get":
        done.pop()
    if wanted != done:
        return False
    return "stage" not in want or bool(_FAILURES & want.keys()) == ("error" in got)


def _actions(actions: list[Case]) -> list[Case]:
    compared: list[Case] = []
    for action in actions:
        one = {name: value for name, value in action.items() if value or name not in ("namespace", "name")}
        if isinstance(one.get("patch"), str):
            one["patch"] = json.loads(one["patch"])
        if not (one["verb"] == "get" and compared and compared[-1] == one):
            compared.append(one)
    return compared


ANSWERS: Final[dict[str, tuple[Callable[[Case], Awaitable[Case]], Callable[[Case, Case], bool]]]] = {
    "k8s-trigger": (answer, agrees)
}
