"""The evaluator: conditions fill up, fire once, and say why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bus.base import Delivery, TriggerName
from bus.event import Event
from config.sensor import Dependency as DependencyManifest
from config.sensor import DependencyFilter
from sensors.conditions import compile_conditions
from sensors.filters import compile_filters
from sensors.step import Dependency, SensorRule, Step, TriggerRule, firing_key, step

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AT = "2026-01-02T03:04:05Z"


def event(name: str, id: str = "", body: bytes = b'{"ok":true}', time: str = AT) -> Event:
    return Event.new(source="es", subject=name, type="webhook", id=id or name, data=body, time=time)


def dependency(name: str, *, subject: str = "", jmespath: list[str] | None = None) -> Dependency:
    filters = DependencyFilter(jmespath=jmespath) if jmespath else None
    return Dependency(
        name=name,
        source="es",
        event=subject or name,
        filters=compile_filters(DependencyManifest(name=name, filters=filters)),
    )


def sensor(dependencies: list[Dependency], **triggers: str) -> SensorRule:
    names = [each.name for each in dependencies]
    rules = [TriggerRule(name=name, conditions=compile_conditions(text, names)) for name, text in triggers.items()]
    return SensorRule.build("default/s", dependencies, rules)


class Bench:
    """Feeds events to a Sensor one after another, as its loop does."""

    def __init__(self, rule: SensorRule) -> None:
        self.rule = rule
        self.state: dict[str, Delivery] = {}
        self.position = 0

    def feed(self, arrived: Event, now: datetime = NOW) -> Step:
        self.position += 1
        result = step(self.rule, self.state, Delivery(self.position, arrived), now, AT)
        for entry, held in result.changes.items():
            if held is None:
                self.state.pop(entry, None)
            else:
                self.state[entry] = held
        return result


def test_one_dependency_fires_at_once_and_holds_nothing() -> None:
    bench = Bench(sensor([dependency("a")], go=""))
    result = bench.feed(event("a"))
    (firing,) = result.firings
    assert firing.name == TriggerName("default/s", "go")
    assert {name: each.id for name, each in firing.events.items()} == {"a": "a"}
    assert result.decision.verdict == "firing"
    assert not result.changes


def test_an_event_of_another_source_concerns_nobody() -> None:
    result = Bench(sensor([dependency("a")], go="")).feed(event("b"))
    assert not result.firings
    assert not result.decision.dependencies


def test_a_filter_that_fails_says_what_it_found() -> None:
    result = Bench(sensor([dependency("a", jmespath=["data.ok == `false`"])], go="")).feed(event("a"))
    assert result.decision.verdict == "filtered"
    (seen,) = result.decision.dependencies
    (failed,) = seen.filters
    assert (failed.kind, failed.asked, failed.verdict) == ("jmespath", "data.ok == `false`", "failed")
    assert failed.found == {"data.ok": True} or failed.found is True


def test_and_waits_for_both_keeps_the_newest_and_clears_when_it_fires() -> None:
    bench = Bench(sensor([dependency("a"), dependency("b")], both="a && b"))
    first = bench.feed(event("a", id="a1"))
    assert first.decision.verdict == "waiting"
    assert first.decision.triggers[0].terms == {"a": True, "b": False}
    bench.feed(event("a", id="a2"))
    assert {held.event.id for held in bench.state.values()} == {"a2"}
    done = bench.feed(event("b", id="b1"))
    assert {name: each.id for name, each in done.firings[0].events.items()} == {"a": "a2", "b": "b1"}
    assert not bench.state
    assert bench.feed(event("b", id="b2")).decision.verdict == "waiting"


def test_a_mixed_condition_fires_with_what_is_held_and_clears_all() -> None:
    bench = Bench(sensor([dependency("a"), dependency("b"), dependency("c")], go="(a && b) || c"))
    bench.feed(event("a"))
    done = bench.feed(event("c"))
    assert set(done.firings[0].events) == {"a", "c"}
    assert not bench.state


def test_or_alone_holds_nothing() -> None:
    bench = Bench(sensor([dependency("a"), dependency("b")], go="a || b"))
    assert set(bench.feed(event("a")).firings[0].events) == {"a"}
    assert set(bench.feed(event("b")).firings[0].events) == {"b"}


def test_one_event_may_satisfy_two_dependencies() -> None:
    bench = Bench(sensor([dependency("a", subject="x"), dependency("b", subject="x")], go="a && b"))
    (firing,) = bench.feed(event("x")).firings
    assert set(firing.events) == {"a", "b"}
    assert not bench.state


def test_each_trigger_holds_for_itself() -> None:
    bench = Bench(sensor([dependency("a"), dependency("b")], both="a && b", any="a || b"))
    result = bench.feed(event("a"))
    assert [firing.name.trigger for firing in result.firings] == ["any"]
    assert set(bench.state) == {"both/a"}
    assert [each.verdict for each in result.decision.triggers] == ["waiting", "firing"]


def test_a_reset_forgets_what_came_before_it() -> None:
    names = ["a", "b"]
    rule = TriggerRule(
        name="both", conditions=compile_conditions("a && b", names), last_reset=lambda now: NOW + timedelta(hours=1)
    )
    bench = Bench(SensorRule.build("default/s", [dependency("a"), dependency("b")], [rule]))
    bench.feed(event("a"))
    later = bench.feed(event("b", time="2026-01-02T05:00:00Z"), now=NOW + timedelta(hours=2))
    assert later.decision.verdict == "waiting"
    assert set(bench.state) == {"both/b"}


def test_a_transform_that_fails_is_an_error_of_its_dependency() -> None:
    def broken(event: Event) -> Event:
        raise ValueError("no object")

    base = dependency("a")
    changed = Dependency(name="a", source="es", event="a", filters=base.filters, transform=broken)
    result = Bench(sensor([changed], go="")).feed(event("a"))
    assert result.decision.verdict == "error"
    assert result.decision.dependencies[0].error == "transform: no object"


def test_what_a_transform_made_is_told_where_it_did_not_pass_and_on_demand() -> None:
    def changing(event: Event) -> Event:
        return event.with_data(b'{"ok":false}')

    for jmespath, passing in (["!data.ok"], True), (["data.ok"], False):
        base = dependency("a", jmespath=jmespath)
        changed = Dependency(name="a", source="es", event="a", filters=base.filters, transform=changing)
        rule = sensor([changed], go="a")
        [result] = step(rule, {}, Delivery(1, event("a")), NOW, AT).decision.dependencies
        assert (result.transform, result.transformed) == ("applied", None if passing else {"ok": False})
        [result] = step(rule, {}, Delivery(1, event("a")), NOW, AT, explain=True).decision.dependencies
        assert result.transformed == {"ok": False}
    untouched = Dependency(name="a", source="es", event="a", filters=base.filters, transform=lambda event: event)
    [result] = step(
        sensor([untouched], go="a"), {}, Delivery(1, event("a")), NOW, AT, explain=True
    ).decision.dependencies
    assert (result.transform, result.transformed) == ("applied", None)


def test_the_key_depends_on_sensor_trigger_and_events_only() -> None:
    name = TriggerName("default/s", "t")
    one = {"a": event("a"), "b": event("b")}
    assert firing_key(name, one) == firing_key(name, dict(reversed(one.items())))
    assert firing_key(name, one) != firing_key(TriggerName("default/s", "u"), one)
    assert firing_key(name, one) != firing_key(name, {"a": event("a", id="other"), "b": event("b")})


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_stepping_again_from_the_same_state_decides_the_same(arrivals: list[str]) -> None:
    """What a crash before the commit relies on."""
    bench = Bench(sensor([dependency(name) for name in "abc"], two="a && b", mixed="(a && c) || b", all=""))
    for number, name in enumerate(arrivals):
        arrived = event(name, id=f"{name}{number}")
        before = dict(bench.state)
        again = step(bench.rule, before, Delivery(bench.position + 1, arrived), NOW, AT)
        result = bench.feed(arrived)
        assert [firing.key for firing in again.firings] == [firing.key for firing in result.firings]
        assert again.changes == result.changes
        assert again.decision == result.decision


@given(st.lists(st.sampled_from("ab"), max_size=40))
def test_an_and_fires_as_often_as_pairs_complete(arrivals: list[str]) -> None:
    bench = Bench(sensor([dependency("a"), dependency("b")], both="a && b"))
    fired, held = 0, set[str]()
    for number, name in enumerate(arrivals):
        fired += len(bench.feed(event(name, id=str(number))).firings)
        held.add(name)
        expected_clear = held == {"a", "b"}
        if expected_clear:
            held.clear()
        assert {entry.removeprefix("both/") for entry in bench.state} == held
    assert fired == _pairs(arrivals)


def _pairs(arrivals: list[str]) -> int:
    count, held = 0, set[str]()
    for name in arrivals:
        held.add(name)
        if len(held) == 2:
            count += 1
            held.clear()
    return count
