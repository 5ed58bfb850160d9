"""Calls a URL. Fields, their order and their defaults are those of Argo Events' HTTP trigger; the rule of success is ours.

Without `policy.status` a status of 2xx or 3xx is a success; Argo Events counts every status as one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Self

from aiohttp import ClientTimeout
from multidict import CIMultiDict
from pydantic import Field

from config.errors import EventyardError, Permanent, Temporary
from config.model import BasicAuth, Model, SecretKeySelector, SecureHeader, TLSConfig
from config.sensor import TriggerParameter
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.client import Client, time_limit
from triggers.message import Message
from triggers.overrides import overridden
from triggers.status import failure, is_success
from triggers.target import Target, basic, parse_target
from triggers.tls import check_tls, make_context

_METHODS: Final = ("GET", "DELETE", "PATCH", "POST", "PUT")
_BODIED: Final = frozenset({"PATCH", "POST", "PUT"})
_TIMEOUT: Final = 60
_KEY: Final = "Idempotency-Key"
# What the connection itself decides about; Go leaves these out wherever they are written.
_NOT_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "trailer"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_BAD_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TELLTALE: Final = re.compile(r"authorization|cookie|token|secret|password|api-?key|signature", re.IGNORECASE)
