from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.kubernetes.known import Change, Known, Step, name_of
from config.kubernetes.resource import Object


def thing(name: str, version: str = "1", uid: str = "", namespace: str = "n", **more: Any) -> Object:
    metadata = {"name": name, "namespace": namespace, "uid": uid or f"uid-{name}", "resourceVersion": version}
    return {"metadata": {key: value for key, value in metadata.items() if value}, **more}


def told(changes: Any) -> list[tuple[str, str, str]]:
    return [(change.type, change.object["metadata"]["name"], change.version) for change in changes]


def test_each_change_is_told_once() -> None:
    known = Known()
    step = known.observe([("ADDED", thing("a", "1")), ("ADDED", thing("a", "1")), ("MODIFIED", thing("a", "2"))])
    assert told(step.changes) == [("ADDED", "a", "1"), ("MODIFIED", "a", "2")]
    known.commit(step)
    step = known.observe([("MODIFIED", thing("a", "2")), ("DELETED", thing("a", "3")), ("DELETED", thing("a", "3"))])
    assert told(step.changes) == [("DELETED", "a", "3")]
    known.commit(step)
    assert not known.entries


def test_what_was_not_committed_comes_again() -> None:
    known = Known()
    assert told(known.compare([thing("a")]).changes) == told(known.compare([thing("a")]).changes) != []


def test_an_object_in_the_place_of_another_is_another() -> None:
    known = Known()
    known.commit(known.compare([thing("a", "1", uid="old")]))
    step = known.compare([thing("a", "9", uid="new")])
    assert [(change.type, change.uid) for change in step.changes] == [("DELETED", "old"), ("ADDED", "new")]
    known.commit(step)
    # A late word of the old one says nothing of the new.
    assert not known.observe([("DELETED", thing("a", "8", uid="old"))]).changes


def test_what_a_list_lacks_is_gone() -> None:
    known = Known()
    known.commit(known.compare([thing("a"), thing("b"), thing("c", namespace="")]))
    present = {name_of(thing("b"))}
    step = known.missing(present)
    assert told(step.changes) == [("DELETED", "a", "1"), ("DELETED", "c", "1")]
    assert step.changes[0].object == {
        "metadata": {"name": "a", "namespace": "n", "uid": "uid-a", "resourceVersion": "1"}
    }
    assert "namespace" not in step.changes[1].object["metadata"]


def test_objects_that_are_kept() -> None:
    known = Known(keep=True)
    first, second = thing("a", "1", x=1), thing("a", "2", x=2)
    for events in ([("ADDED", first)], [("MODIFIED", second)]):
        step = known.observe(events)
        known.commit(step)
    assert step.changes == [Change(type="MODIFIED", object=second, before=first)]
    assert known.missing(set()).changes == [Change(type="DELETED", object=second, before=second)]


def test_what_is_dumped_and_loaded() -> None:
    known = Known(scope="s", version="7", keep=True)
    known.commit(known.compare([thing("a", x="not dumped")]))
    again = Known.load(known.dump())
    assert (again.scope, again.version, again.keep) == ("s", "7", False)
    assert again.entries.keys() == known.entries.keys()
    assert again.entries["n/a"].object is None
    assert not again.compare([thing("a")]).changes
    assert b"not dumped" not in known.dump()


def test_nothing_to_load() -> None:
    assert Known.load(None) == Known.load(b"") == Known.load(b'{"format":0}') == Known.load(b"[]") == Known()
    assert Known.load(None, keep=True).keep


@dataclass
class Simulated:
    """A server with a history that can be forgotten, and somebody who follows it.

    `view` is what the changes add up to; a crash takes both it and what is known back to what was kept together.
    """

    objects: dict[str, Object] = field(default_factory=dict)
    history: list[tuple[int, str, Object]] = field(default_factory=list)
    version: int = 0
    known: Known = field(default_factory=Known)
    view: dict[str, Object] = field(default_factory=dict)
    kept: dict[str, Object] = field(default_factory=dict)
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    crashed: bool = False

    def write(self, name: str) -> None:
        self.version += 1
        kind = "MODIFIED" if name in self.objects else "ADDED"
        uid = self.objects[name]["metadata"]["uid"] if name in self.objects else f"uid-{self.version}"
        self.objects[name] = thing(name, str(self.version), uid)
        self.history.append((self.version, kind, self.objects[name]))

    def delete(self, name: str) -> None:
        if name in self.objects:
            self.version += 1
            uid = self.objects.pop(name)["metadata"]["uid"]
            self.history.append((self.version, "DELETED", thing(name, str(self.version), uid)))

    def watch(self, most: int, crash: bool) -> None:
        since = int(self.known.version or 0)
        news = [one for one in self.history if one[0] > since][:most]
        step = self.known.observe([(kind, object) for _, kind, object in news])
        self.deal(step.changes)
        if crash:
            self.restart()
        elif news:
            self.commit(step, version=str(news[-1][0]))

    def list(self, crash: bool) -> None:
        self.known.version = ""
        compared, missing = (
            self.known.compare(self.objects.values()),
            self.known.missing({f"n/{one}" for one in self.objects}),
        )
        self.deal([*compared.changes, *missing.changes])
        if crash:
            self.restart()
        else:
            self.commit(compared, missing, version=str(self.version))

    def restart(self) -> None:
        self.crashed = True
        self.known, self.view = Known.load(self.known.dump()), dict(self.kept)

    def commit(self, *steps: Step, version: str) -> None:
        for step in steps:
            self.known.commit(step)
        self.known.version, self.kept = version, dict(self.view)

    def deal(self, changes: Any) -> None:
        for change in changes:
            name = change.object["metadata"]["name"]
            self.seen[change.type, change.uid, change.version] += 1
            if change.type == "DELETED":
                self.view.pop(name, None)
            else:
                self.view[name] = change.object


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from("abc")),
        st.tuples(st.just("delete"), st.sampled_from("abc")),
        st.tuples(st.just("watch"), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("list"), st.booleans()),
    ),
    max_size=60,
)


@given(OPERATIONS)
def test_whoever_follows_ends_with_what_is_there(operations: list[Any]) -> None:
    simulated = Simulated()
    for name, *arguments in operations:
        getattr(simulated, name)(*arguments)
    if simulated.known.version:
        simulated.watch(1000, crash=False)
    else:
        simulated.list(crash=False)
    assert simulated.view == simulated.objects
    if not simulated.crashed:
        assert set(simulated.seen.values()) <= {1}
