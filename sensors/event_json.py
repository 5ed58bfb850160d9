"""An event as the JSON texts in which Argo Events looks things up: its data, its context, and all of it.

Each is made once for an event (`event.view(data_of)`) and shared by all filters and parameters.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from config.documents import read_documents
from config.errors import Severity
from sensors.languages.gjson.get import Document, valid
from sensors.languages.gjson.text import quote

if TYPE_CHECKING:
    from bus.event import Event

_JSON: Final = "application/json"
_YAML: Final = "application/yaml"


def data_of(event: Event) -> Document:
    """The data. Raises ValueError if it is absent or not JSON."""
    data = event.data if event.data is not None else b""
    try:
        return Document(data, event.json(), trusted=event.is_written)
    except ValueError:
        # A lone half of a surrogate pair is JSON to Go, though not to the parser.
        if valid(data):
            return Document(data)
    raise ValueError("the event's data is not valid JSON")


def payload_of(event: Event) -> Document:
    """The data as parameters see it: JSON or YAML, by its exact content type. Raises ValueError if it is neither."""
    if event.datacontenttype == _JSON:
        return event.view(data_of)
    if event.datacontenttype == _YAML:
        return _yaml_of(event.data or b"")
    raise ValueError(f"the event's content type is '{event.datacontenttype}', not '{_JSON}' or '{_YAML}'")


def _yaml_of(data: bytes) -> Document:
    """The first YAML document as JSON, its keys sorted as Go writes maps."""
    documents, found = read_documents(data, "")
    for fault in found:
        if fault.severity is Severity.FAULT:
            raise ValueError(f"the event's data cannot be read: {fault.what}, in line {fault.place.line}")
    value = documents[0].value if documents else None
    return Document(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def context_of(event: Event) -> Document:
    """The seven context attributes that Argo Events has, empty ones included."""
    attributes = {
        "id": event.id,
        "source": event.source,
        "specversion": "1.0",
        "type": event.type,
        "datacontenttype": event.datacontenttype,
        "subject": event.subject,
        "time": _whole_seconds(event.time),
    }
    members = (f'"{name}":{"null" if value is None else quote(value)}' for name, value in attributes.items())
    return Document(f"{{{','.join(members)}}}", attributes)


def whole_text(event: Event) -> str:
    """The whole event: `{"context":{…},"data":"<base64>"}`."""
    data = "null" if event.data is None else f'"{base64.b64encode(event.data).decode()}"'
    return f'{{"context":{event.view(context_of).string},"data":{data}}}'


def _whole_seconds(time: str) -> str | None:
    """RFC 3339 in UTC without a fraction, as Kubernetes writes times; what is no time stays as it is."""
    if not time:
        return None
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else time
