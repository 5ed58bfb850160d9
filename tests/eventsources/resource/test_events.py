"""eventsources/resource/events.py: which changes become events, and by which ids they are known again."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kubernetes.known import Change, Known
from config.kubernetes.resource import Object, Resource
from eventsources.base import anything
from eventsources.http.server import HttpListeners
from eventsources.resource.events import Events
from eventsources.resource.settings import ResourceSettings
from eventyard.text_tests import compile_tests
from tests.eventsources.surroundings import make_context

MAPS = Resource(group="", version="v1", kind="ConfigMap", plural="configmaps", namespaced=True)
ALL_TYPES = ["ADD", "UPDATE", "DELETE"]
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

Told = list[tuple[str, Object]]


def make(
    known: Known | None = None,
    *,
    come_and_go: bool = False,
    holds: Callable[[Any], bool] = anything,
    rejected: Sequence[str] = (),
    **fields: Any,
) -> Events:
    given = {"version": "v1", "resource": "configmaps", "eventTypes": ALL_TYPES, **fields}
    settings = ResourceSettings.model_validate(given)
    context = dataclasses.replace(make_context(HttpListeners()), holds=holds)
    return Events(settings, context, MAPS, known or Known(), come_and_go=come_and_go, rejected=rejected)


def an_object(name: str = "a", uid: str = "u", version: int = 1, **more: Any) -> Object:
    metadata = {"name": name, "namespace": "n", "uid": uid, "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more}


def passes(object: Object, **filter: Any) -> bool:
    holds = compile_tests(ResourceSettings.model_validate({"filter": filter}).tests())
    return make(filter=filter, holds=holds).event(Change(type="ADDED", object=object)) is not None


def field(key: str, operation: str, value: str) -> dict[str, str]:
    return {"key": key, "operation": operation, "value": value}


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ([], True),
        ([field("data.a", "==", "x")], True),
        ([field("data.a", "=", "^x$")], False),
        ([field("data.a", "!=", "^x$")], True),
        ([field("data.a", "!=", "x")], False),
        ([field("data.a", "==", "")], True),
        ([field("data.none", "==", "")], False),
        ([field("data.none", "!=", "x")], False),
        # What is no text counts as an empty one.
        ([field("data.n", "==", "1")], False),
        ([field("data.n", "==", "^$")], True),
        ([field("data.n", "!=", "1")], True),
        ([field("data", "==", "^$")], True),
        ([field("data.null", "==", "^$")], True),
        ([field("list.1.name", "==", "^two$")], True),
        ([field("list.#", "!=", "2")], True),
        ([field('list.#(name=="two").name', "==", "two")], True),
        ([field("data.z*", "==", "first")], True),
        ([field("metadata.labels.a\\.b/c", "==", "d")], True),
        ([field("data.a", "==", "x"), field("data.n", "==", "1")], False),
    ],
)
def test_fields(fields: list[dict[str, str]], holds: bool) -> None:
    data = {"a": "axa", "n": 1, "null": None, "zb": "second", "za": "first"}
    object = an_object(data=data, list=[{"name": "one"}, {"name": "two"}])
    object["metadata"]["labels"] = {"a.b/c": "d"}
    assert passes(object, fields=fields) is holds


@pytest.mark.parametrize(
    ("prefix", "holds"), [("", True), ("web", True), ("web-1", True), ("eb", False), ("web-12", False)]
)
def test_prefix(prefix: str, holds: bool) -> None:
    assert passes(an_object("web-1"), prefix=prefix) is holds


@pytest.mark.parametrize(("seconds", "holds"), [(-1, False), (0, True), (1, True)])
def test_created_by(seconds: int, holds: bool) -> None:
    object = an_object()
    object["metadata"]["creationTimestamp"] = CREATED.isoformat().replace("+00:00", "Z")
    assert passes(object, createdBy=(CREATED + timedelta(seconds=seconds)).isoformat()) is holds


@pytest.mark.parametrize("created", [None, "", "soon"])
def test_an_object_without_a_time(created: str | None) -> None:
    object = an_object()
    object["metadata"]["creationTimestamp"] = created
    assert passes(object, createdBy=CREATED.isoformat())


def test_a_deletion_that_was_found_out() -> None:
    """Nothing but its metadata is known; whether it had passed is remembered."""
    bare = {"metadata": an_object()["metadata"]}
    gone = Change(type="DELETED", object=bare)
    made = make(holds=lambda _: False).event(gone)
    assert made is not None
    assert made.json()["body"] == {"apiVersion": "v1", "kind": "ConfigMap", **bare}
    assert make(rejected=["n/a"]).event(gone) is None


def test_what_did_not_pass_is_remembered_while_it_is_there() -> None:
    wanted: set[str] = set()
    events = make(holds=lambda object: object["metadata"]["resourceVersion"] in wanted)
    events.event(Change(type="ADDED", object=an_object()))
    assert events.rejected == {"n/a"}
    wanted.add("2")
    assert events.event(Change(type="MODIFIED", object=an_object(version=2))) is not None
    assert events.rejected == set()
    events.look(an_object(version=3))
    assert events.rejected == {"n/a"}
    assert events.event(Change(type="DELETED", object=an_object(version=4))) is None
    assert events.rejected == set()


@st.composite
def histories(draw: st.DrawFn, come_and_go: bool) -> Told:
    """What a server tells of two objects that come, change and go."""
    history: Told = []
    there: dict[str, str] = {}
    left: dict[str, str] = {}
    for version in range(1, draw(st.integers(1, 12))):
        name = draw(st.sampled_from("ab"))
        if name in there:
            kind = draw(st.sampled_from(["MODIFIED", "DELETED"]))
            uid = there.pop(name) if kind == "DELETED" else there[name]
            if kind == "DELETED" and come_and_go and draw(st.booleans()):
                left[name] = uid
        else:
            kind = "ADDED"
            there[name] = uid = left.pop(name, f"u{version}")
        history.append((kind, an_object(name, uid, version)))
    return history


def listen(known: Known, history: Told, sizes: Sequence[int], come_and_go: bool, most: int | None = None) -> list[str]:
    """The ids of the events, if the changes come in batches of these sizes; of the first batches only."""
    events = make(known, come_and_go=come_and_go)
    ids: list[str] = []
    rest = iter(history)
    for size in itertools.islice(itertools.cycle(sizes), most):
        batch = list(itertools.islice(rest, size))
        if not batch:
            break
        step = known.observe(batch)
        ids += [event.id for change in step.changes if (event := events.event(change)) is not None]
        known.commit(step)
    return ids


@pytest.mark.parametrize("come_and_go", [False, True])
@given(data=st.data())
def test_ids_name_a_change_and_no_other(come_and_go: bool, data: st.DataObject) -> None:
    """However changes come together, and from wherever they are told again after a crash."""
    history = data.draw(histories(come_and_go))
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    ids = listen(Known(keep=True), history, sizes, come_and_go)
    assert len(set(ids)) == len(ids) == len(history)
    assert listen(Known(keep=True), history, [1], come_and_go) == ids
    noted = Known(keep=True)
    before = listen(noted, history, sizes, come_and_go, most=data.draw(st.integers(0, 5)))
    again = listen(Known.load(noted.dump(), keep=True), history[len(before) :], [1], come_and_go)
    assert before + again == ids
