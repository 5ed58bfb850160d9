from __future__ import annotations

import msgspec

from bus.base import Attempt, Delivery, EventQuery, History, Record, Report
from bus.event import Event
from eventyard.explain import Explained, explain, explained_text, explained_view, size_text
from eventyard.report import attempt_words
from eventyard.views import event_view
from sensors.decision import Decision, DependencyResult, FilterResult, TriggerResult, encode

EVENT = Event(
    id="7f3c52aa",
    source="github",
    subject="pushes",
    type="github",
    time="2026-11-23T21:14:03Z",
    data=b'{"body":{"ref":"refs/heads/main"}}',
)

FIRED = Decision(
    "default/deploy-main",
    "2026-11-23T21:14:03.4Z",
    "firing",
    [
        DependencyResult(
            "push",
            filters=[
                FilterResult("jmespath", "data.body.ref == 'refs/heads/main'"),
                FilterResult("jmespath", "!data.body.deleted"),
            ],
        )
    ],
    [
        TriggerResult(
            "announce",
            "push",
            {"push": True},
            "firing",
            key="3e1b0000000000000000000000000000",
            events={"push": "7f3c52aa"},
        ),
        TriggerResult("gather", "push && release", {"push": True, "release": False}, "waiting"),
    ],
)

FILTERED = Decision(
    "team/release",
    "2026-11-23T21:14:03.4Z",
    "filtered",
    [
        DependencyResult(
            "tag",
            "filtered",
            filters=[
                FilterResult("jmespath", "starts_with(data.body.ref, 'refs/tags/')", "failed", found="refs/heads/main"),
                FilterResult("data", "body.size", "failed", wanted=["> 5"], found="3"),
            ],
        ),
        DependencyResult(
            "other", "error", "failed", error="transform: the expression must give an object; it gave null"
        ),
        DependencyResult("size", "filtered", "applied", transformed={"size": 3}),
    ],
)

REPORT = Report(
    sensor="default/deploy-main",
    trigger="announce",
    key="3e1b0000000000000000000000000000",
    status="fired",
    rendered='POST http://127.0.0.1:12000/deploys  {"commit":"1f"}',
    attempts=[
        Attempt("2026-11-23T21:14:03.412Z", 0.008, 503, "come back", "503 Service Unavailable", 1.0),
        Attempt("2026-11-23T21:14:04.43Z", 0.006, 202, "thanks"),
    ],
)

TEXT = """\
event 7f3c52aa  github/pushes  type github  2026-11-23T21:14:03Z  34 B
  sensor deploy-main
    dependency push                             passed
      jmespath  data.body.ref == 'refs/heads/main'                    true
      jmespath  !data.body.deleted                                    true
    trigger announce             conditions: push                   fired
      rendered  POST http://127.0.0.1:12000/deploys  {"commit":"1f"}   key 3e1b0000…
      attempt 1  21:14:03.412  503 after 8 ms, again in 1 s  'come back'
      attempt 2  21:14:04.430  202 after 6 ms
    trigger gather               conditions: push && release        waiting
      has       push: yes, release: no
  sensor team/release
    dependency tag                              filtered
      jmespath  starts_with(data.body.ref, 'refs/tags/')              false    found "refs/heads/main"
      data      body.size                                             false    wanted ["> 5"]    found "3"
    dependency other                            error
      transform  failed
      transform: the expression must give an object; it gave null
    dependency size                             filtered
      transform  applied    made {"size":3}"""


class Told(History):
    """A history of one event."""

    async def events(self, query: EventQuery) -> list[Delivery]:
        return [Delivery(5, EVENT)]

    async def find(self, id: str) -> list[Delivery]:
        return [Delivery(5, EVENT)] if EVENT.id.startswith(id) else []

    async def records(self, position: int) -> list[Record]:
        return [Record(5, each.sensor, each.verdict, encode(each)) for each in (FIRED, FILTERED)]

    async def reports(self, position: int) -> list[Report]:
        return [REPORT]

    async def verdicts(self, positions: object) -> dict[int, list[tuple[str, str]]]:
        return {5: [("default/deploy-main", "fired"), ("team/release", "filtered")]}


async def test_a_decision_is_told_with_what_became_of_it_later() -> None:
    (explained,) = await explain(Told(), "7f3c")
    assert explained_text(explained) == TEXT


async def test_it_survives_being_sent_as_json() -> None:
    (explained,) = await explain(Told(), "7f3c52aa")
    sent = msgspec.json.decode(msgspec.json.encode(explained_view(explained)))
    assert explained_text(msgspec.convert(sent, Explained)) == TEXT
    assert sent["event"] == event_view(EVENT, data=False)
    assert sent["decisions"][0]["dependencies"][0]["filters"][0]["verdict"] == "passed", "a verdict is never left out"


async def test_an_unknown_id_means_nothing() -> None:
    assert await explain(Told(), "x") == []


def test_an_event_that_nobody_listened_to() -> None:
    text = explained_text(Explained(1, event_view(EVENT, data=False), 0, []))
    assert text.splitlines()[1:] == ["  no Sensor listened to it, or none has decided yet"]


def test_data_is_shown_as_what_it_is() -> None:
    assert event_view(EVENT)["data"] == {"body": {"ref": "refs/heads/main"}}
    binary = Event(id="1", source="s", type="t", data=b"\xffa")
    assert event_view(binary)["data"] == "�a"


def test_what_a_target_without_a_status_said() -> None:
    made = Attempt("2026-11-23T21:14:04.43Z", 0.006, 0, "Job shop/backup-x7\ncreated")
    assert attempt_words(made) == "Job shop/backup-x7 created after 6 ms"
    assert attempt_words(Attempt("", 0.006)) == "done after 6 ms"


async def test_what_would_help_is_said_after_a_failure() -> None:
    refused = Attempt("2026-11-23T21:14:04.43Z", 0.006, error="the token is refused", fix="renew it")
    report = msgspec.structs.replace(
        REPORT, status="dead", attempts=[refused], reason="refused for good: the token is refused"
    )

    class Failed(Told):
        async def reports(self, position: int) -> list[Report]:
            return [report]

    (explained,) = await explain(Failed(), "7f3c")
    assert "refused for good: the token is refused\n      fix: renew it\n" in explained_text(explained)


def test_sizes() -> None:
    assert [size_text(size) for size in (0, 999, 7700, 1_200_000)] == ["0 B", "999 B", "7.7 KB", "1.2 MB"]
