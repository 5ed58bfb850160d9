"""Where log records of this program go: standard error, as text or as JSON; the log trigger's lines to standard output."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        return f"{at}  {record.levelname.lower()}  {record.getMessage()}"


class _JSON(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "kind": "log",
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        return orjson.dumps(line, default=str).decode()


def configure_logging(log_format: str) -> None:
    """Once, at the start of `run`. No stack traces: what is logged is meant for the person who runs it."""
    formatter = _JSON() if log_format == "json" else _Text()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    ours = logging.getLogger("eventyard")
    ours.handlers = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(formatter)
    written = logging.getLogger("eventyard.triggers.log")
    written.handlers = [lines]
    written.propagate = False
