"""How the AWS client library behaves here, whichever service is called."""

from __future__ import annotations

from typing import Any, Final

from aiobotocore.config import AioConfig

CONNECT_TIMEOUT: Final = 10.0
"""Seconds until a connection must stand."""


def client_config(**options: Any) -> AioConfig:
    """Retries are the dispatcher's, time limits the caller's, and there are as many connections as firings in flight."""
    return AioConfig(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=None,
        max_pool_connections=0,
        retries={"mode": "standard", "total_max_attempts": 1},
        # The descriptions of the services are large; reading them in a thread lets others work meanwhile.
        warm_up_loader_caches=True,
        user_agent_extra="eventyard",
        **options,
    )
