"""triggers/delivery/retry.py: when a failed firing is tried again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.backoff import Backoff
from config.duration import Duration
from triggers.delivery.retry import GIVE_UP_AFTER, LONGEST_DELAY, RetryPolicy

DEFAULT = RetryPolicy.from_backoff(None)

attempts = st.integers(1, 10_000)
ages = st.floats(0, 2 * GIVE_UP_AFTER)
asked = st.none() | st.floats(0, 2 * GIVE_UP_AFTER)
chances = st.floats(0, 1, exclude_max=True)
backoffs = st.builds(
    Backoff,
    duration=st.integers(0, 10**12).map(Duration),
    factor=st.floats(0, 10),
    jitter=st.floats(0, 10),
    steps=st.integers(1, 20),
)


def always(chance: float) -> Callable[[], float]:
    """A source of randomness that gives one number."""
    return lambda: chance


def full(attempts_made: int) -> float | None:
    """The default's delay at the upper end of its jitter."""
    return DEFAULT.next_delay(attempts_made, 0.0, None, False, always(1.0))


class TestDefault:
    def test_delays_double_from_a_second_to_five_minutes(self) -> None:
        assert [full(count) for count in range(1, 12)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]

    def test_jitter_is_full(self) -> None:
        assert DEFAULT.next_delay(5, 0.0, None, False, always(0.0)) == 0.0
        assert DEFAULT.next_delay(5, 0.0, None, False, always(0.25)) == 4.0

    @given(attempts, ages, asked, chances)
    def test_never_beyond_a_day_nor_before_it_was_asked(
        self, count: int, age: float, after: float | None, chance: float
    ) -> None:
        delay = DEFAULT.next_delay(count, age, after, False, always(chance))
        if delay is None:
            assert age + max(LONGEST_DELAY, after or 0.0) > GIVE_UP_AFTER
        else:
            assert delay >= (after or 0.0)
            assert delay <= max(LONGEST_DELAY, after or 0.0)
            assert age + delay <= GIVE_UP_AFTER

    @given(attempts, ages, asked, chances)
    def test_what_will_not_pass_is_given_up_at_once(
        self, count: int, age: float, after: float | None, chance: float
    ) -> None:
        assert DEFAULT.next_delay(count, age, after, True, always(chance)) is None

    @given(chances)
    def test_a_day_of_failures_ends(self, chance: float) -> None:
        age, count = 0.0, 1
        while (delay := DEFAULT.next_delay(count, age, None, False, always(max(chance, 0.01)))) is not None:
            age, count = age + delay, count + 1
        assert GIVE_UP_AFTER - LONGEST_DELAY < age <= GIVE_UP_AFTER


class TestRetryStrategy:
    @given(backoffs, attempts, ages, asked, st.booleans(), chances)
    def test_it_is_followed_whatever_the_failure(
        self, backoff: Backoff, count: int, age: float, after: float | None, permanent: bool, chance: float
    ) -> None:
        delay = RetryPolicy.from_backoff(backoff).next_delay(count, age, after, permanent, always(chance))
        if count >= backoff.attempts:
            assert delay is None
        else:
            assert delay == max(backoff.delay(count, always(chance)), after or 0.0)

    @pytest.mark.parametrize("steps", [1, 2, 5])
    def test_steps_are_attempts_in_all(self, steps: int) -> None:
        policy = RetryPolicy.from_backoff(Backoff(steps=steps, jitter=0.0))
        made = 1
        while policy.next_delay(made, 0.0, None, True, always(0.5)) is not None:
            made += 1
        assert made == steps


def test_once() -> None:
    assert RetryPolicy.once().next_delay(1, 0.0, None, False, always(0.5)) is None
