from __future__ import annotations

from bus.base import Attempt, Firing, Progress, Record, Subject, TriggerName
from bus.event import Event
from bus.memory import MemoryBus
from eventyard.archive import Archive
from sensors.decision import Decision, TriggerResult, encode

NAME = TriggerName("default/s", "t")


async def test_the_list_says_what_became_of_firings_that_were_not_finished_at_first() -> None:
    async with MemoryBus() as bus:
        async with bus.subscribe("default/s", [Subject("shop", "order")]) as subscription:
            event = Event.new(source="shop", subject="order", type="webhook", data=b"{}")
            await bus.publish([event])
            (delivery,) = await subscription.next()
            firing = Firing(key="k", name=NAME, position=delivery.position, events={"order": event}, attempts=[])
            fires = TriggerResult("t", "order", verdict="firing", key="k")
            decision = Decision(sensor="default/s", at="2026-01-01T00:00:00Z", verdict="firing", triggers=[fires])
            record = Record(delivery.position, "default/s", "firing", encode(decision))
            await subscription.commit(Progress(position=delivery.position, firings=[firing], records=[record]))
        archive = Archive(bus.history, bus.dead_letters)
        assert [each["verdicts"] for each in await archive.events({})] == [{"default/s": "firing"}]
        firing.status, firing.attempts = "fired", [Attempt(at="2026-01-01T00:00:00Z", status=200)]
        await bus.outbox.settle([firing])
        assert [each["verdicts"] for each in await archive.events({})] == [{"default/s": "fired"}]
