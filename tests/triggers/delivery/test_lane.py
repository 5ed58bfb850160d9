"""What may begin in a lane."""

from __future__ import annotations

from typing import Any

from bus.base import Firing, TriggerName
from triggers.base import Outcome
from triggers.delivery.lane import Action, Lane
from triggers.delivery.retry import RetryPolicy

NAME = TriggerName("default/s", "t")


async def fire(request: Any, firing: Firing) -> Outcome:
    raise AssertionError("nothing is fired here")


def lane(most: int) -> Lane:
    made = Lane(
        Action(
            name=NAME,
            render=lambda firing: (None, ""),
            fire=fire,
            full_text=str,
            retry=RetryPolicy(),
            max_in_flight=most,
        )
    )
    made.behind = False
    return made


def firing(key: str) -> Firing:
    return Firing(key=key, name=NAME, position=1, events={})


def fail(one: Lane, failed: Firing, *, retry_at: float) -> None:
    one.failed(0.0, retry_at=retry_at, told_to_wait=False)
    one.postpone(failed)


async def test_nothing_overtakes_a_retry_where_one_is_in_flight() -> None:
    serial = lane(1)
    first, second = firing("first"), firing("second")
    assert serial.offer(first)
    assert serial.offer(second)
    assert serial.may_start(0.0)
    assert serial.take() is first
    fail(serial, first, retry_at=1.0)
    # Its time has come, but the outbox does not have it yet, or it was not yet read from there.
    assert not serial.may_start(5.0)
    serial.in_hand.discard("first")
    serial.set_due(1.0)
    assert not serial.may_start(5.0)
    serial.next_due = None
    serial.accept([first], retry=True)
    assert serial.may_start(5.0)
    assert serial.take() is first
    serial.succeeded()
    assert serial.may_start(5.0)
    assert serial.take() is second


async def test_where_several_are_in_flight_others_go_on() -> None:
    wide = lane(2)
    first, second = firing("first"), firing("second")
    wide.offer(first)
    wide.offer(second)
    assert wide.take() is first
    fail(wide, first, retry_at=1.0)
    wide.set_due(1.0)
    assert wide.may_start(0.0)
    assert wide.take() is second


async def test_what_ended_while_the_outbox_was_read_is_not_taken_again() -> None:
    wide = lane(2)
    wide.begin_loading()
    wide.accept([firing("loaded")], retry=False)
    wide.loading = False
    assert wide.take().key == "loaded"
    wide.begin_loading()
    # It has fired and that is durable, but the page that comes now was read before.
    wide.let_go("loaded")
    assert [each.key for each in wide.accept([firing("loaded"), firing("next")], retry=False)] == ["next"]
    wide.loading = False
    # Later on it is a dead letter that is retried.
    wide.begin_loading()
    assert [each.key for each in wide.accept([firing("loaded")], retry=True)] == ["loaded"]
