"""The OpenAPI 3.1 description of the API of a running instance."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from bus.base import Attempt
from eventyard.catch_up import CatchUpRequest, CaughtUpSource
from eventyard.explain import Explained
from eventyard.version import VERSION

_JSON: Final = "application/json"
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_NUMBER: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}

_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The attributes of a CloudEvent and its position in the log.",
    "required": ["position", "id", "source", "type", "specversion"],
    "properties": {
        "position": _NUMBER,
        "id": _TEXT,
        "source": _TEXT,
        "subject": _TEXT,
        "type": _TEXT,
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": _TEXT,
        "specversion": _TEXT,
        "size": {**_NUMBER, "description": "Bytes of data; in lists."},
        "verdicts": {
            "type": "object",
            "additionalProperties": _TEXT,
            "description": "What each Sensor decided; in lists.",
        },
        "data": {"description": "Parsed if it is JSON, else text; where one event is shown."},
    },
}
_LETTER: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A firing that was given up.",
    "properties": {
        "id": _NUMBER,
        "at": {"type": "string", "format": "date-time"},
        **dict.fromkeys(("sensor", "trigger", "key", "reason", "rendered"), _TEXT),
        "attempts": {"type": "array", "items": {"$ref": "#/components/schemas/Attempt"}},
        "events": {
            "type": "object",
            "description": "By dependency: the event's id in lists, the whole event where one is shown.",
        },
    },
}
_ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": _TEXT, "fix": {**_TEXT, "description": "How to put it right."}},
}
_SEND: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A test event for an EventSource that runs; one of cloudevent, data and payload, or an empty object.",
    "required": ["source", "event"],
    "additionalProperties": False,
    "properties": {
        "source": {**_TEXT, "description": "Name of the EventSource."},
        "event": {**_TEXT, "description": "Name of the event in it."},
        "namespace": _TEXT,
        "cloudevent": {"type": "object", "description": "A whole CloudEvent; its source and subject are replaced."},
        "data": {"description": "The event's data as JSON."},
        "payload": {
            **_TEXT,
            "contentEncoding": "base64",
            "description": "The body of a delivery, of which the EventSource makes the event's data.",
        },
        "headers": {"type": "object", "additionalProperties": _TEXT, "description": "Headers of that delivery."},
    },
}
_IDS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["ids"],
    "additionalProperties": False,
    "properties": {"ids": {"type": "array", "items": _NUMBER}},
}
_QUERY: Final = ("limit", "before", "source", "subject", "type", "since", "until")


def openapi() -> dict[str, Any]:
    """The document, as JSON-able values."""
    _, components = msgspec.json.schema_components(
        (Attempt, Explained, CatchUpRequest, CaughtUpSource), ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "eventyard",
            "version": VERSION,
            "description": "A running instance: events, decisions, dead letters.",
        },
        "security": [{}, {"token": []}],
        "paths": {
            "/api/v1/openapi.json": {"get": _operation("This document", {"type": "object"})},
            "/api/v1/status": {"get": _operation("What runs and how it is doing", {"type": "object"})},
            "/api/v1/events": {
                "get": _operation("Events, newest first", _list("Event"), query=_QUERY),
                "post": _operation(
                    "Publish a test event",
                    _object(id=_TEXT, stored={"type": "boolean", "description": "False if the bus had it already."}),
                    body="Send",
                ),
            },
            "/api/v1/events/{id}": {"get": _operation("The events that an id means", _list("Event"), id=_TEXT)},
            "/api/v1/events/{id}/explain": {
                "get": _operation("Why they did or did not fire", _list("Explained"), id=_TEXT)
            },
            "/api/v1/dead-letters": {
                "get": _operation(
                    "Dead letters, newest first", _list("DeadLetter"), query=("limit", "before", "sensor")
                )
            },
            "/api/v1/dead-letters/{id}": {"get": _operation("One dead letter", _ref("DeadLetter"), id=_NUMBER)},
            "/api/v1/dead-letters/retry": {
                "post": _operation("Fire dead letters again", _object(retried=_NUMBER), body="Ids")
            },
            "/api/v1/dead-letters/drop": {
                "post": _operation("Delete dead letters", _object(dropped=_NUMBER), body="Ids")
            },
            "/api/v1/sources/catch-up": {
                "post": _operation(
                    "Have sources fetch what did not arrive", _list("CaughtUpSource"), body="CatchUpRequest"
                )
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                **components,
                "Event": _EVENT,
                "DeadLetter": _LETTER,
                "Error": _ERROR,
                "Send": _SEND,
                "Ids": _IDS,
            },
        },
    }


def _operation(
    summary: str,
    answer: dict[str, Any],
    *,
    query: tuple[str, ...] = (),
    id: dict[str, Any] | None = None,
    body: str = "",
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": {_JSON: {"schema": answer}}},
            "default": {"description": "What is wrong", "content": {_JSON: {"schema": _ref("Error")}}},
        },
    }
    parameters: list[dict[str, Any]] = []
    if id is not None:
        parameters.append({"name": "id", "in": "path", "required": True, "schema": id})
    for name in query:
        schema = _NUMBER if name in ("limit", "before") else _TEXT
        parameters.append({"name": name, "in": "query", "schema": schema})
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _ref(body)}}}
    return operation


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}
