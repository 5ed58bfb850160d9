"""Commands that ask a running instance, and those of them that can read a stopped one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus.sqlite import SqliteBus
from tests.eventyard.cli.conftest import Run
from tests.eventyard.running import Running, running

CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "order-17",
    "source": "elsewhere",
    "type": "com.example.order",
    "time": "2026-01-02T15:04:05Z",
    "region": "eu",
    "data": {"body": {"total": 130}},
}

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as told:
        yield told


def _write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_a_test_event_is_sent_listed_shown_and_explained(instance: Running, tmp_path: Path, run: Run) -> None:
    ops = ("--ops", instance.address)
    sent = run("send", "shop/orders", _write(tmp_path / "event.json", CLOUD_EVENT), *ops)
    assert sent.stdout == "sent order-17\nwhat became of it: eventyard explain order-17\n"
    instance.finish()

    listed = run("events", "list", *ops)
    lines = [line.split("  ") for line in listed.stdout.splitlines()]
    assert [cell.strip() for cell in lines[0] if cell] == ["POSITION", "TIME", "EVENT", "ID", "SIZE", "VERDICTS"]
    assert listed.stdout.splitlines()[1].split()[:7] == [
        "1", "2026-01-02T15:04:05Z", "shop/orders", "order-17", "24", "B", "large",
    ]  # fmt: skip
    (row,) = json.loads(run("events", "list", *ops, "--output", "json").stdout)
    assert row["verdicts"].keys() == {"default/large"}
    assert (row["type"], row["region"], row["size"]) == ("com.example.order", "eu", 24)

    shown = json.loads(run("events", "show", "order-17", *ops, "--output", "json").stdout)
    assert shown[0]["data"] == {"body": {"total": 130}}
    text = run("events", "show", "order-17", *ops).stdout
    assert "source           shop\n" in text
    assert '    "total": 130\n' in text

    explained = run("explain", "order-1…", *ops)
    assert explained.stdout.startswith(
        "event order-17  shop/orders  type com.example.order  2026-01-02T15:04:05Z  24 B\n"
    )
    assert "trigger call                 conditions: order                  dead" in explained.stdout
    (view,) = json.loads(run("explain", "order-17", *ops, "--output", "json").stdout)
    assert [each["verdict"] for each in view["decisions"][0]["triggers"]] == ["fired", "dead"]


def test_filters_of_the_list(instance: Running, run: Run) -> None:
    ops = ("--ops", instance.address)
    for name in ("shop/orders", "shop/returns"):
        assert run("send", name, *ops).exit_code == 0
    assert len(json.loads(run("events", "list", *ops, "--output", "json").stdout)) == 2
    (only,) = json.loads(run("events", "list", "--event", "returns", *ops, "--output", "json").stdout)
    assert only["subject"] == "returns"
    assert json.loads(run("events", "list", "--source", "other", *ops, "--output", "json").stdout) == []
    assert run("events", "list", "--source", "other", *ops).stdout == "no events\n"
    (last,) = json.loads(run("events", "list", "--limit", "1", *ops, "--output", "json").stdout)
    assert last["subject"] == "returns"
    before = str(last["position"])
    (first,) = json.loads(run("events", "list", "--before", before, *ops, "--output", "json").stdout)
    assert first["subject"] == "orders"


def test_an_event_sent_twice_is_stored_once(instance: Running, tmp_path: Path, run: Run) -> None:
    file = _write(tmp_path / "event.json", CLOUD_EVENT)
    run("send", "shop/orders", file, "--ops", instance.address)
    again = run("send", "shop/orders", file, "--ops", instance.address, "--output", "json")
    assert json.loads(again.stdout) == {"id": "order-17", "stored": False}


def test_standard_input_can_be_sent(instance: Running, run: Run) -> None:
    sent = run("send", "shop/orders", "-", "--ops", instance.address, input=json.dumps(CLOUD_EVENT).encode())
    assert sent.stdout.startswith("sent order-17\n")


def test_what_cannot_be_sent(instance: Running, tmp_path: Path, run: Run) -> None:
    ops = ("--ops", instance.address)
    unknown = run("send", "shop/nothing", *ops)
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "eventyard: no EventSource 'shop/nothing' runs here\n  fix: there are shop/orders, shop/returns\n",
    )
    late = _write(tmp_path / "late.json", {**CLOUD_EVENT, "time": "yesterday"})
    refused = run("send", "shop/orders", late, *ops)
    assert refused.exit_code == 1
    assert "'time' is not RFC 3339" in refused.stderr
    assert run("send", "shop", *ops).exit_code == 2
    assert run("send", "shop/orders", tmp_path / "none.json", *ops).exit_code == 2
    assert run("send", "shop/orders", late, "--header", "nonsense", *ops).exit_code == 2


def test_what_is_not_there(instance: Running, run: Run) -> None:
    ops = ("--ops", instance.address)
    for command in (("events", "show", "x"), ("explain", "x"), ("dlq", "show", "99")):
        result = run(*command, *ops)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.startswith("eventyard: no ")
    assert run("dlq", "list", *ops).stdout == "no dead letters\n"


def test_dead_letters_are_listed_shown_retried_and_dropped(instance: Running, tmp_path: Path, run: Run) -> None:
    ops = ("--ops", instance.address)
    run("send", "shop/orders", _write(tmp_path / "event.json", CLOUD_EVENT), *ops)
    instance.finish()
    (letter,) = json.loads(run("dlq", "list", *ops, "--output", "json").stdout)
    assert (letter["sensor"], letter["trigger"], letter["events"]) == ("default/large", "call", {"order": "order-17"})
    listed = run("dlq", "list", "--sensor", "large", *ops).stdout.splitlines()
    assert listed[1].split()[:1] == [str(letter["id"])]
    assert "retries are spent" in listed[1]

    shown = run("dlq", "show", letter["id"], *ops).stdout
    assert f"key {letter['key']}" in shown
    assert "attempt 1" in shown
    whole = json.loads(run("dlq", "show", letter["id"], *ops, "--output", "json").stdout)
    assert whole["events"]["order"]["data"] == {"body": {"total": 130}}

    retried = run("dlq", "retry", letter["id"], *ops)
    assert (retried.exit_code, retried.stdout) == (0, "retried 1 dead letter\n")
    assert instance.firings.get(timeout=20).status == "dead"
    dropped = run("dlq", "drop", "--all", *ops, "--output", "json")
    assert json.loads(dropped.stdout) == {"dropped": 1}
    gone = run("dlq", "drop", letter["id"], *ops)
    assert (gone.exit_code, gone.stderr) == (1, "1 id not found\n")


def test_dead_letters_have_to_be_named(instance: Running, run: Run) -> None:
    for arguments in ((), ("1", "--all"), ("1", "--sensor", "large"), ("x",)):
        assert run("dlq", "drop", *arguments, "--ops", instance.address).exit_code == 2


def test_the_address_and_the_token_come_from_the_environment(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, token="sesame") as instance:
        monkeypatch.setenv("EVENTYARD_OPS", instance.address)
        refused = run("events", "list")
        assert refused.exit_code == 1
        assert "a bearer token is needed" in refused.stderr
        monkeypatch.setenv("EVENTYARD_OPS_TOKEN", "sesame")
        assert run("events", "list").stdout == "no events\n"


def test_a_stopped_instance_answers_from_its_data_directory(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / ".eventyard"
    event = _write(tmp_path / "event.json", CLOUD_EVENT)
    with running(tmp_path, SqliteBus(data)) as instance:
        run("send", "shop/orders", event, "--ops", instance.address)
        instance.finish()
        asked = [
            run(*command, "--ops", instance.address, "--output", "json").stdout
            for command in (
                ("events", "list"),
                ("events", "show", "order-17"),
                ("explain", "order-17"),
                ("dlq", "list"),
            )
        ]
    (letter,) = json.loads(asked[3])
    read = [
        run(*command, "--data-dir", data, "--output", "json").stdout
        for command in (("events", "list"), ("events", "show", "order-17"), ("explain", "order-17"), ("dlq", "list"))
    ]
    assert read == asked
    assert "attempt 1" in run("dlq", "show", letter["id"], "--data-dir", data).stdout

    monkeypatch.chdir(tmp_path)
    assert run("explain", "order-17", "--ops", NOWHERE, "--output", "json").stdout == asked[2]
    missing = run("explain", "nothing", "--ops", NOWHERE)
    assert (missing.exit_code, missing.stderr.splitlines()[0]) == (1, "eventyard: no event 'nothing'")
    for command in (("send", "shop/orders"), ("dlq", "retry", letter["id"]), ("dlq", "drop", letter["id"])):
        assert run(*command, "--ops", NOWHERE).exit_code == 1


def test_nobody_there(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("events", "list", "--ops", NOWHERE)
    assert result.exit_code == 1
    assert result.stderr == (
        f"eventyard: nothing answers at {NOWHERE}: Connection refused\n"
        "  fix: start an instance with 'eventyard run', or say with --ops where one listens\n"
    )
    assert run("events", "list", "--ops", "nonsense").exit_code == 1
    assert "there is no store here" in run("events", "list", "--data-dir", tmp_path).stderr
