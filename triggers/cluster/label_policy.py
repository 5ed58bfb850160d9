"""`policy.k8s` of a trigger: an object that was made has to get certain labels, by whoever works on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from config.backoff import Backoff
from config.errors import Temporary
from config.sensor import TriggerPolicy


async def await_labels(
    policy: TriggerPolicy | None,
    read: Callable[[], Awaitable[Mapping[str, Any]]],
    what: str,
    where: str,
    *,
    sleep: Callable[[float], Awaitable[None]],
    chance: Callable[[], float],
) -> None:
    """Read the object until it has all labels of the policy, as often as its backoff says.

    Raises as `read` does, and Temporary if they do not appear and the policy calls that a failure.
    """
    wanted = policy.k8s if policy is not None else None
    if wanted is None or not wanted.labels:
        return
    backoff = wanted.backoff or Backoff()
    for attempt in range(1, backoff.attempts + 1):
        live = await read()
        if wanted.labels.items() <= ((live.get("metadata") or {}).get("labels") or {}).items():
            return
        if attempt < backoff.attempts:
            await sleep(backoff.delay(attempt, chance))
    if wanted.error_on_backoff_timeout:
        raise Temporary(
            f"{what} did not get the labels of policy.k8s in time",
            where=where,
            fix="see what its controller does, or give policy.k8s.backoff more steps",
        )
