"""Manifests that change under load: no event is lost, no connection broken, and what is wrong changes nothing."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.instance import Instance, Sink, free_port, instance
from tests.e2e.manifests import API, post, secret, sensor, webhooks, write
from tests.e2e.senders import post_all, sending


async def ask(port: int, path: str, id: str = "?", **headers: str) -> int:
    """The status that an event is answered with."""
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as session, session.post(url, json={"id": id}, headers=headers) as answer:
        return answer.status


async def test_sensors_and_sources_come_change_and_go_under_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = str(free_port())
    always = {"endpoint": "/in", "port": port}
    async with Sink() as first, Sink() as second:
        write(tmp_path, "hooks", webhooks({"in": always}))
        write(tmp_path, "first", sensor("first", post(first.url)))
        async with instance(tmp_path) as running, sending(f"http://127.0.0.1:{port}/in") as load:
            await load.until_accepted(20)

            write(tmp_path, "second", sensor("second", post(second.url)))
            await running.until_said("added Sensor default/second")
            added = len(load.accepted)
            await load.until_accepted(20)

            write(tmp_path, "second", sensor("second", post(second.url), jmespath="starts_with(data.body.id, 'no')"))
            await running.until_said("changed Sensor default/second")
            filtered = len(load.accepted)
            await load.until_accepted(20)

            (tmp_path / "manifests" / "second.yaml").unlink()
            await running.until_said("removed Sensor default/second")

            write(
                tmp_path,
                "hooks",
                webhooks({"in": {**always, "maxPayloadSize": 4096}, "more": {"endpoint": "/more", "port": port}}),
            )
            await running.until_said("added EventSource hooks/more")
            assert "changed EventSource hooks/in" in running.said
            assert await ask(int(port), "/more") == 200
            await load.until_accepted(20)

            write(tmp_path, "hooks", webhooks({"in": always}))
            await running.until_said("removed EventSource hooks/more")
            assert await ask(int(port), "/more") == 404
            await load.until_accepted(20)

            load.stop()
            await first.until(lambda: set(load.accepted) <= first.ids.keys())
            assert await running.stop() == 0
    with capsys.disabled():
        print(
            f"\n6 changes under load: {len(load.accepted)} accepted, {len(first.ids)} fired, "
            f"{len(load.refused)} refused, {len(load.broken)} connections broken"
        )
    assert load.broken == []
    assert not load.refused
    # A change is applied before it is told, and events that came in between went both ways.
    assert set(load.accepted[added:filtered][:10]) <= second.ids.keys()
    assert not second.ids.keys() & set(load.accepted[filtered:])
    assert all(len(keys) == 1 for keys in first.keys.values())


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("forward", sensor("forward", post("http://127.0.0.1:9/"), listen={"event": "inn"}), "'inn'"),
    (
        "forward",
        sensor("forward", post("http://127.0.0.1:9/"), jmespath="data.body.id =="),
        "not a JMESPath expression",
    ),
    ("more", {"apiVersion": API, "kind": "Sensor", "metadata": {"name": "x"}}, "spec"),
    ("more", {"apiVersion": API, "kind": "EventSource", "metadata": {}, "spec": {}}, "name"),
]
"""File, what is written to it, what has to be said."""


async def test_a_wrong_change_is_refused_with_its_faults(tmp_path: Path) -> None:
    port = str(free_port())
    async with Sink() as sink:
        write(tmp_path, "hooks", webhooks({"in": {"endpoint": "/in", "port": port}}))
        write(tmp_path, "forward", sensor("forward", post(sink.url)))
        async with instance(tmp_path) as running:
            for number, (name, document, fault) in enumerate(WRONG, 1):
                errors = len(running.errors.read_text())
                changed = write(tmp_path, name, document)
                await running.until_said("the change is refused, the running configuration stays", times=number)
                line = re.compile(rf"^{changed}:\d+:\d+: fault: .*{fault}", re.MULTILINE)
                await running.until(lambda _: line.search(running.errors.read_text(), errors) is not None)  # noqa: B023
                await post_all(f"http://127.0.0.1:{port}/in", [str(number)])
                await sink.until(lambda: str(number) in sink.ids)  # noqa: B023
            (tmp_path / "manifests" / "more.yaml").unlink()
            write(tmp_path, "forward", sensor("forward", post(sink.url), jmespath="`true`"))
            await running.until_said("changed Sensor default/forward")
            assert await running.stop() == 0


async def test_a_change_that_cannot_be_started_changes_nothing(tmp_path: Path) -> None:
    port = str(free_port())
    old = webhooks({"in": {"endpoint": "/in", "port": port}})
    async with Sink() as sink, Sink() as other:
        write(tmp_path, "hooks", secret("old", value="1"), old, sensor("forward", post(sink.url)))
        async with instance(tmp_path) as running, sending(f"http://127.0.0.1:{port}/in") as load:
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                moved = webhooks({"in": {"endpoint": "/in", "port": str(taken.getsockname()[1])}})
                write(tmp_path, "hooks", moved, sensor("forward", post(other.url)), sensor("new", post(other.url)))
                await running.until_said("the change is refused, the running configuration stays")
            assert "cannot listen" in running.said
            await load.until_accepted(20)
            assert [each["sensor"] for each in (await running.api("status"))["sensors"]] == ["default/forward"]
            load.stop()
            await sink.until(lambda: set(load.accepted) <= sink.ids.keys())
            # The port is free now, and the same change goes through.
            write(tmp_path, "hooks", moved, sensor("forward", post(other.url)), sensor("new", post(other.url)))
            await running.until_said("added Sensor default/new")
            assert await running.stop() == 0
    assert not load.broken
    assert not load.refused
    assert not other.ids


async def test_a_changed_secret_takes_effect(tmp_path: Path) -> None:
    port = free_port()
    hooks = webhooks({"in": {"endpoint": "/in", "port": str(port), "authSecret": {"name": "door", "key": "token"}}})
    async with Sink() as sink:
        write(tmp_path, "hooks", hooks, sensor("forward", post(sink.url)))
        write(tmp_path, "secret", secret("door", token="xyzzy-1"))
        async with instance(tmp_path) as running:
            assert await ask(port, "/in", Authorization="Bearer xyzzy-1") == 200
            write(tmp_path, "secret", secret("door", token="xyzzy-2"))
            await running.until_said("Secret", times=1)
            assert await ask(port, "/in", Authorization="Bearer xyzzy-1") == 401
            assert await ask(port, "/in", "new", Authorization="Bearer xyzzy-2") == 200
            await sink.until(lambda: "new" in sink.ids)
            assert await running.stop() == 0
    assert "xyzzy" not in running.said


async def test_a_source_moves_to_another_port(tmp_path: Path) -> None:
    before, after = free_port(), free_port()
    async with Sink() as sink:
        write(tmp_path, "hooks", webhooks({"in": {"endpoint": "/in", "port": str(before)}}))
        write(tmp_path, "forward", sensor("forward", post(sink.url)))
        async with instance(tmp_path) as running, sending(f"http://127.0.0.1:{before}/in") as load:
            await load.until_accepted(10)
            write(tmp_path, "hooks", webhooks({"in": {"endpoint": "/in", "port": str(after)}}))
            await running.until_said("changed EventSource hooks/in")
            await load.until_broken()  # nobody listens there any more
            await post_all(f"http://127.0.0.1:{after}/in", ["moved"])
            load.stop()
            await sink.until(lambda: {"moved", *load.accepted} <= sink.ids.keys())
            assert await running.stop() == 0


async def test_half_met_conditions_survive_the_change_of_another_sensor(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with Sink() as sink, Sink() as other:
        write(
            tmp_path,
            "hooks",
            webhooks({name: {"endpoint": f"/{name}", "port": str(port)} for name in ("in", "approved")}),
        )
        write(
            tmp_path,
            "both",
            sensor(
                "both", post(sink.url, conditions="event && approved"), listen={"event": "in", "approved": "approved"}
            ),
        )
        write(tmp_path, "other", sensor("other", post(other.url)))
        async with instance(tmp_path) as running:
            await post_all(f"{url}/in", ["half"])
            await running.until(lambda status: any(each["waiting"] for each in status["sensors"]))
            write(tmp_path, "other", sensor("other", post(other.url), jmespath="`false`"))
            await running.until_said("changed Sensor default/other")
            await post_all(f"{url}/approved", ["whole"])
            await sink.until(lambda: "half" in sink.ids)
            assert await running.stop() == 0
        # And so they do over a stop and a start.
        async with instance(tmp_path) as running:
            await post_all(f"{url}/approved", ["first"])
            await running.until(lambda status: any(each["waiting"] for each in status["sensors"]))
            assert await running.stop() == 0
            await running.start()
            await post_all(f"{url}/in", ["second"])
            await sink.until(lambda: "second" in sink.ids)
            assert await running.stop() == 0


async def test_a_single_file_is_watched_whichever_way_it_is_replaced(tmp_path: Path) -> None:
    port = free_port()
    hooks = webhooks({"in": {"endpoint": "/in", "port": str(port)}})
    async with Sink() as sink:
        running = Instance(tmp_path)
        running.manifests = write(tmp_path, "all", hooks, sensor("forward", post(sink.url)))
        try:
            await running.start()
            for number in range(1, 3):
                write(tmp_path, "all", hooks, sensor("forward", post(sink.url), jmespath=f"`{number}`"))
                await running.until_said("changed Sensor default/forward", times=number)
            running.manifests.write_text(running.manifests.read_text().replace('"forward"', '"onward"'))
            await running.until_said("added Sensor default/onward")
            assert await running.stop() == 0
        finally:
            await running.gone()


async def test_names_and_endpoints_are_exchanged_under_load(tmp_path: Path) -> None:
    port = str(free_port())
    at_a, at_b = {"endpoint": "/a", "port": port}, {"endpoint": "/b", "port": port}
    url = f"http://127.0.0.1:{port}"
    async with Sink() as sink:
        both = sensor("both", post(sink.url, conditions="event || other"), listen={"event": "one", "other": "two"})
        both["spec"]["triggers"][0]["template"]["http"]["payload"] = [
            {"src": {"dependencyName": name, "dataKey": "body.id"}, "dest": "id"} for name in ("event", "other")
        ]
        write(tmp_path, "hooks", webhooks({"one": at_a, "two": at_b}))
        write(tmp_path, "both", both)
        async with (
            instance(tmp_path) as running,
            sending(f"{url}/a", "a", senders=2) as at_first,
            sending(f"{url}/b", "b", senders=2) as at_second,
        ):
            await at_first.until_accepted(20)
            write(tmp_path, "hooks", webhooks({"one": at_b, "two": at_a}))
            await running.until_said("changed EventSource hooks/two")
            await at_first.until_accepted(20)

            both["metadata"]["name"] = "doors"
            for dependency in both["spec"]["dependencies"]:
                dependency["eventSourceName"] = "doors"
            write(tmp_path, "hooks", webhooks({"one": at_a, "two": at_b}, name="doors"), both)
            (tmp_path / "manifests" / "both.yaml").unlink()
            await running.until_said("removed Sensor default/both")
            await at_first.until_accepted(20)

            at_first.stop()
            at_second.stop()
            accepted = {*at_first.accepted, *at_second.accepted}
            await sink.until(lambda: accepted <= sink.ids.keys())
            assert await running.stop() == 0
    for load in (at_first, at_second):
        assert not load.broken
        assert not load.refused
