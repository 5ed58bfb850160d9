from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.backoff import Backoff, doubts
from config.duration import Duration
from config.errors import Severity

DEFAULT = Backoff()
LONGEST = ((1 << 63) - 1) / 1e9


def never() -> float:
    return 0.0


def always() -> float:
    return 1.0


def test_defaults() -> None:
    assert Backoff.model_validate({"duration": None, "factor": None, "jitter": None, "steps": None}) == DEFAULT
    assert (DEFAULT.duration, DEFAULT.factor, DEFAULT.jitter, DEFAULT.attempts) == (
        Duration(1_000_000_000),
        1.0,
        1.0,
        5,
    )


@pytest.mark.parametrize("steps", [0, -3, None])
def test_steps_that_are_not_positive_are_five(steps: int | None) -> None:
    assert Backoff.model_validate({"steps": steps}).attempts == 5


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        ({"duration": "500ms"}, Backoff(duration=Duration(500_000_000))),
        ({"duration": 5}, Backoff(duration=Duration(5))),
        ({"factor": 0}, Backoff(factor=0.0)),
        ({"factor": -1}, Backoff(factor=-1.0)),
        ({"factor": "2"}, Backoff(factor=2.0)),
        ({"jitter": "0.5"}, Backoff(jitter=0.5)),
        ({"jitter": ".5e-1"}, Backoff(jitter=0.05)),
        ({"steps": 10, "cap": "1m"}, Backoff(steps=10)),
    ],
)
def test_read(block: dict[str, object], wanted: Backoff) -> None:
    assert Backoff.model_validate(block) == wanted


@pytest.mark.parametrize(
    "block",
    [
        {"duration": "bad"},
        {"duration": True},
        {"duration": 1.5},
        {"factor": True},
        {"factor": "fast"},
        {"factor": "nan"},
        {"factor": "1_0"},
        {"factor": "1e999"},
        {"factor": float("inf")},
        {"factor": 10**400},
        {"jitter": {"value": 1}},
        {"steps": 2.5},
        {"steps": 2.0},
        {"steps": "3"},
        {"steps": True},
        {"steps": 1 << 31},
        [],
    ],
)
def test_refuse(block: object) -> None:
    with pytest.raises(ValidationError):
        Backoff.model_validate(block)


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [
        (Backoff(), [1.0, 1.0, 1.0]),
        (Backoff(factor=2.0), [1.0, 2.0, 4.0]),
        (Backoff(factor=0.0), [1.0, 1.0, 1.0]),
        (Backoff(factor=-1.0), [1.0, 0.0, 1.0]),
        (Backoff(duration=Duration(-1)), [0.0, 0.0, 0.0]),
        (Backoff(factor=1e308), [1.0, LONGEST, LONGEST]),
        (Backoff(duration=Duration(0), factor=1e300), [0.0, 0.0, 0.0]),
    ],
)
def test_delay_without_jitter(backoff: Backoff, waits: list[float]) -> None:
    assert [backoff.delay(attempt, never) for attempt in (1, 2, 3)] == waits


def test_jitter_adds_up_to_that_part_of_the_wait() -> None:
    assert Backoff(jitter=0.5, factor=2.0).delay(2, always) == 3.0
    assert Backoff(jitter=0.0).delay(1, always) == 1.0
    assert Backoff(jitter=-2.0).delay(1, always) == 1.0


def test_chance_is_the_default() -> None:
    assert 1.0 <= DEFAULT.delay(1) < 2.0


@given(
    st.builds(
        Backoff,
        duration=st.integers(-(1 << 63), (1 << 63) - 1).map(Duration),
        factor=st.floats(allow_nan=False, allow_infinity=False),
        jitter=st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.integers(1, 1 << 31),
    st.floats(0, 1, exclude_max=True),
)
def test_a_delay_can_always_be_slept(backoff: Backoff, attempt: int, random: float) -> None:
    assert 0.0 <= backoff.delay(attempt, lambda: random) <= LONGEST


def test_doubts() -> None:
    found = doubts({"duration": 10, "factor": "2", "jitter": "0.5"})
    assert [(fault.path, fault.code) for fault in found] == [
        ("factor", "quoted-number"),
        ("jitter", "quoted-number"),
        ("duration", "nanoseconds"),
    ]
    assert {fault.severity for fault in found} == {Severity.WARNING}
    assert 'write "10s"' in found[-1].fix


def test_no_doubts() -> None:
    assert not doubts({"duration": "10s", "factor": 2, "jitter": 0.5, "steps": 3})
    assert not doubts({"duration": 1_000_000_000})
    assert not doubts({"duration": True})


def test_json_schema() -> None:
    properties = Backoff.model_json_schema()["properties"]
    assert properties["duration"]["default"] == "1s"
    assert properties["factor"]["anyOf"] == [{"type": "number"}, {"type": "string"}]
    assert properties["steps"]["type"] == "integer"
