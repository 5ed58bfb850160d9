"""The HTTP client of triggers: aiohttp under the rules of Go's net/http, which manifests for Argo Events rely on.

One session per trigger, without cookies; connections are kept alive, and there are no more of them than firings in
flight (`flow.maxInFlight`). A whole exchange, redirects and the reading of the answer included, has one time limit.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Final, Self
from urllib.request import getproxies_environment, proxy_bypass_environment

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientTimeout
from multidict import CIMultiDict
from yarl import URL

from config.errors import Permanent, Temporary
from triggers.target import Target

MOST_REQUESTS: Final = 10
"""Requests of one exchange, redirects included."""

ANSWER_LIMIT: Final = 64 << 10
"""Bytes of an answer that are read at most; a longer one costs its connection."""

CONNECT_TIMEOUT: Final = 30.0
"""Seconds until a connection must stand."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SENSITIVE: Final = frozenset(
    {"authorization", "cookie", "cookie2", "www-authenticate", "proxy-authorization", "proxy-authenticate"}
)
_OF_THE_BODY: Final = frozenset({"content-type", "content-encoding", "content-language", "content-location"})
_SIZED: Final = frozenset({"POST", "PUT", "PATCH"})
