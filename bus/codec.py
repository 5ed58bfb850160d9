"""CloudEvents to bytes and back: JSON, one or a batch, and HTTP headers; pure functions.

What is written is what Argo Events writes, down to the order of the members, so that both can share a bus. What is read is any
CloudEvent 1.0 or 0.3, by the CloudEvents JSON format and HTTP protocol binding. The usual event takes a fast way; everything
else, and every fault, takes a second look that can say all that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, unquote_to_bytes

import msgspec

from bus.event import Event

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"

_JSON: Final = "application/json"
_JSON_TYPE: Final = re.compile(r"[^/;]+/([^;]+\+)?json\s*(;|$)", re.IGNORECASE)
_RFC_3339: Final = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
    r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
)
_EXTENSION_NAME: Final = re.compile(r"[a-z0-9]+")
_UNSAFE_IN_HEADER: Final = re.compile(r"[^\x21-\x7e]|[\"%]")
_SAFE_IN_HEADER: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_ATTRIBUTES: Final = ("id", "source", "type", "subject", "time", "datacontenttype", "dataschema")
_REQUIRED: Final = ("id", "source", "type")


class MalformedEvent(ValueError):
    """Something that claims to be a CloudEvent and is none; `faults` says everything that is wrong with it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("not a CloudEvent: " + "; ".join(faults))


_Text = Annotated[str, msgspec.Meta(min_length=1)]
_NOTHING: Final = msgspec.Raw()
_NULL: Final = msgspec.Raw(b"null")


class _Written(msgspec.Struct, omit_defaults=True):
    """The members in the order in which they are written."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str = ""
    datacontenttype: str = ""
    dataschema: str = ""
    time: str = ""
    data_base64: bytes | None = None


class _Read(msgspec.Struct, forbid_unknown_fields=True):
    """The usual event."""

    specversion: Literal["1.0"]
    id: _Text
    source: _Text
    type: _Text
    subject: str = ""
    datacontenttype: str = _JSON
    dataschema: str = ""
    time: str = ""
    data: msgspec.Raw = _NOTHING
    data_base64: bytes | None = None


_encode: Final = msgspec.json.Encoder().encode
_decode_usual: Final = msgspec.json.Decoder(_Read).decode
_decode_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_base64: Final = msgspec.json.Decoder(bytes).decode
_decode_scalar: Final = msgspec.json.Decoder(str | bool | int | None).decode


def encode(event: Event) -> bytes:
    """An event as CloudEvents JSON, the data as `data_base64`, extensions last."""
    text = _encode(
        _Written(
            "1.0",
            event.id,
            event.source,
            event.type,
            event.subject,
            event.datacontenttype,
            event.dataschema,
            event.time,
            event.data,
        )
    )
    if event.extensions:
        return text[:-1] + b"," + _encode(dict(event.extensions))[1:]
    return text


def decode(text: bytes) -> Event:
    """An event from CloudEvents JSON. Raises MalformedEvent."""
    try:
        read = _decode_usual(text)
    except msgspec.MsgspecError:
        return _look_again(text)
    if (read.time and not _RFC_3339.fullmatch(read.time)) or (read.data and read.data_base64 is not None):
        return _look_again(text)
    data = read.data_base64
    if read.data:
        if not _JSON_TYPE.match(read.datacontenttype):
            return _look_again(text)
        data = bytes(read.data)
    return Event(
        id=read.id,
        source=read.source,
        type=read.type,
        subject=read.subject,
        time=read.time,
        datacontenttype=read.datacontenttype or _JSON,
        dataschema=read.dataschema,
        data=data,
    )


def encode_batch(events: Sequence[Event]) -> bytes:
    """Events as a CloudEvents JSON batch."""
    return b"[" + b",".join(map(encode, events)) + b"]"


def decode_batch(text: bytes) -> list[Event]:
    """The events of a CloudEvents JSON batch, which may be empty. Raises MalformedEvent with the faults of all."""
    try:
        items = _decode_list(text)
    except msgspec.MsgspecError as error:
        raise MalformedEvent([f"the batch is no JSON array: {error}"]) from error
    events: list[Event] = []
    faults: list[str] = []
    for index, item in enumerate(items):
        try:
            events.append(decode(bytes(item)))
        except MalformedEvent as error:
            faults += (f"[{index}]: {fault}" for fault in error.faults)
    if faults:
        raise MalformedEvent(faults)
    return events


def encode_headers(event: Event) -> dict[str, str]:
    """The headers of HTTP's binary content mode; the body is the event's data."""
    headers = {"ce-specversion": "1.0"}
    for name in _ATTRIBUTES:
        if value := getattr(event, name):
            if name == "datacontenttype":
                headers["content-type"] = value
            else:
                headers[f"ce-{name}"] = _to_header(value)
    for name, value in event.extensions.items():
        headers[f"ce-{name}"] = _to_header(value)
    return headers


def decode_binary(headers: Mapping[str, str], body: bytes) -> Event:
    """An event from HTTP's binary content mode. Header names may be in any case; an empty body is no data. Raises
    MalformedEvent."""
    attributes: dict[str, str] = {}
    faults: list[str] = []
    for name, value in headers.items():
        lower = name.lower()
        if lower.startswith("ce-"):
            try:
                attributes[lower[3:]] = unquote(value)
            except UnicodeError:
                faults.append(f"the header '{lower}' is not UTF-8")
        elif lower == "content-type":
            attributes["datacontenttype"] = value
    return decode_attributes(attributes, body, faults)


def decode_attributes(attributes: Mapping[str, str], data: bytes | None, faults: Sequence[str] = ()) -> Event:
    """An event from its attributes, `specversion` among them; empty data is none. Raises MalformedEvent with `faults` and
    those found here."""
    known, found = dict(attributes), list(faults)
    version = known.pop("specversion", None)
    if version == "0.3":
        known["dataschema"] = known.pop("schemaurl", "")
    found += _faults_of_version(version)
    return _event(known, data or None, found)


def decode_http(headers: Mapping[str, str], body: bytes) -> list[Event]:
    """The events of an HTTP message in any content mode: a batch, one structured or one binary. Raises MalformedEvent."""
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == BATCH:
        return decode_batch(body)
    if media_type == STRUCTURED:
        return [decode(body)]
    if media_type.startswith("application/cloudevents"):
        raise MalformedEvent([f"the event format '{media_type}' is not known; {STRUCTURED} and {BATCH} are"])
    return [decode_binary(headers, body)]


def _to_header(value: str) -> str:
    return quote(value, safe=_SAFE_IN_HEADER) if _UNSAFE_IN_HEADER.search(value) else value


def unquote(value: str) -> str:
    """The value of an attribute in a header: undo quoting (RFC 7230, 3.2.6), then percent-encoding, once. Raises
    UnicodeError."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return unquote_to_bytes(value).decode() if "%" in value or not value.isascii() else value


def _look_again(text: bytes) -> Event:
    """The slow way: an event with extensions, of version 0.3 or with text as data, or everything that is wrong with it."""
    try:
        members = {name: raw for name, raw in _decode_members(text).items() if raw != _NULL or name == "data"}
    except msgspec.MsgspecError as error:
        raise MalformedEvent([f"no JSON object: {error}"]) from error
    faults: list[str] = []
    data = members.pop("data", _NOTHING)
    encoded = members.pop("data_base64", _NOTHING)
    attributes: dict[str, str] = {}
    for name, raw in members.items():
        value = _scalar(raw)
        if isinstance(value, str) or (value is not None and name not in (*_ATTRIBUTES, "specversion")):
            attributes[name] = value if isinstance(value, str) else str(value).lower()
        else:
            wanted = "a string" if name in _ATTRIBUTES else "a string, an integer or a boolean"
            faults.append(f"'{name}' must be {wanted}")
    version = attributes.pop("specversion", None)
    if version == "0.3":
        attributes["dataschema"] = attributes.pop("schemaurl", "")
        encoding = attributes.pop("datacontentencoding", "")
        if encoding.lower() == "base64":
            data, encoded = _NOTHING, data
        elif encoding:
            faults.append(f"'datacontentencoding' must be base64, not '{encoding}'")
    if "specversion" not in members or version is not None:
        faults += _faults_of_version(version)
    attributes["datacontenttype"] = attributes.get("datacontenttype") or _JSON
    return _event(attributes, _data(data, encoded, attributes["datacontenttype"], faults), faults)


def _data(data: msgspec.Raw, encoded: msgspec.Raw, content_type: str, faults: list[str]) -> bytes | None:
    if encoded:
        if data and data != _NULL:
            faults.append("'data' and 'data_base64' are both there")
        try:
            return _decode_base64(encoded)
        except msgspec.MsgspecError:
            faults.append("the data is not base64")
            return None
    if not data:
        return None
    if _JSON_TYPE.match(content_type):
        return bytes(data)
    if data == _NULL:
        return None
    text = _scalar(data)
    if not isinstance(text, str):
        faults.append(f"'data' must be a string, because '{content_type}' is not JSON")
        return None
    return text.encode()


def _scalar(raw: msgspec.Raw) -> Any:
    """A string, boolean or integer; None for anything else."""
    try:
        return _decode_scalar(raw)
    except msgspec.MsgspecError:
        return None


def _faults_of_version(version: str | None) -> list[str]:
    if version is None:
        return ["'specversion' is missing"]
    return [] if version in ("1.0", "0.3") else [f"'specversion' is '{version}'; 1.0 and 0.3 are known"]


def _event(attributes: dict[str, str], data: bytes | None, faults: list[str]) -> Event:
    """The event of these attributes. Raises MalformedEvent with `faults` and those found here."""
    known: dict[str, Any] = {name: attributes.pop(name, "") for name in _ATTRIBUTES}
    said = " ".join(faults)
    faults += (f"'{name}' is missing or empty" for name in _REQUIRED if not known[name] and f"'{name}'" not in said)
    if known["time"] and not _RFC_3339.fullmatch(known["time"]):
        faults.append(f"'time' is not RFC 3339: '{known['time']}'")
    for name in attributes:
        if not _EXTENSION_NAME.fullmatch(name) or name == "data":
            faults.append(f"'{name}' is no attribute name: only lower-case letters and digits are allowed")
    if faults:
        raise MalformedEvent(faults)
    return Event(data=data, extensions=attributes, **known) if attributes else Event(data=data, **known)
