"""What differs between two configurations, and how that is said."""

from __future__ import annotations

from pathlib import Path

from eventyard.build import build, read_manifests
from eventyard.changes import difference, in_words, same_values
from eventyard.plan import Plan
from eventyard.registry import Registry
from tests.e2e.manifests import post, secret, sensor, webhooks, write

URL = "http://127.0.0.1:9/"


def plan(folder: Path) -> Plan:
    """The manifests of a folder made ready."""
    registry = Registry()
    made = build(read_manifests([folder / "manifests"], registry), registry)
    assert not made.faults
    return made


def changes(old: Plan, new: Plan) -> list[str]:
    """From one to the other in words."""
    return in_words(difference(old.sensors, new.sensors), difference(old.sources, new.sources))


def test_what_comes_changes_and_goes(tmp_path: Path) -> None:
    at = {"port": "12000"}
    write(tmp_path, "hooks", webhooks({"in": {**at, "endpoint": "/in"}, "out": {**at, "endpoint": "/out"}}))
    for name in ("a", "b", "c"):
        write(tmp_path, name, sensor(name, post(URL)))
    old = plan(tmp_path)
    assert changes(old, plan(tmp_path)) == []

    write(tmp_path, "hooks", webhooks({"in": {**at, "endpoint": "/inn"}, "new": {**at, "endpoint": "/new"}}))
    (tmp_path / "manifests" / "a.yaml").unlink()
    write(tmp_path, "b", sensor("b", post(URL, atLeastOnce=True)))
    write(tmp_path, "d", sensor("d", post(URL)))
    new = plan(tmp_path)
    assert changes(old, new) == [
        "removed Sensor default/a",
        "removed EventSource hooks/out",
        "changed Sensor default/b",
        "changed EventSource hooks/in",
        "added Sensor default/d",
        "added EventSource hooks/new",
    ]
    sensors = difference(old.sensors, new.sensors)
    assert sensors.coming.keys() == {"default/b", "default/d"}
    assert sensors.leaving == ("default/b", "default/a")


def test_values_of_secrets(tmp_path: Path) -> None:
    write(tmp_path, "secret", secret("door", key="one"))
    old = plan(tmp_path).manifests
    assert same_values(old, plan(tmp_path).manifests)
    write(tmp_path, "secret", secret("door", key="two"))
    assert not same_values(old, plan(tmp_path).manifests)
