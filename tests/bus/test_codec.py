from __future__ import annotations

import base64
import json
import random
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import (
    HTTPMessage,
    from_binary_event,
    from_structured_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v03.event import CloudEvent as CloudEventV03
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from bus.codec import (
    BATCH,
    STRUCTURED,
    MalformedEvent,
    decode,
    decode_batch,
    decode_binary,
    decode_http,
    encode,
    encode_batch,
    encode_headers,
)
from bus.event import Event
from tests.bus.strategies import events, extension_names, json_texts, json_values, texts, times

WRITTEN_BY_ARGO_EVENTS = (
    b'{"specversion":"1.0","id":"7c8635d744d44e9b8f88dc1800a418d6","source":"wire-brokers","type":"redis",'
    b'"subject":"redis-json","datacontenttype":"application/json","time":"2026-11-23T21:52:33.826583157Z",'
    b'"data_base64":"eyJjaGFubmVsIjoiY2gyIiwicGF0dGVybiI6IiIsImJvZHkiOnsiYSI6MX19"}'
)


def test_writes_what_argo_events_writes() -> None:
    event = decode(WRITTEN_BY_ARGO_EVENTS)
    assert event == Event(
        id="7c8635d744d44e9b8f88dc1800a418d6",
        source="wire-brokers",
        type="redis",
        subject="redis-json",
        time="2026-11-23T21:52:33.826583157Z",
        data=b'{"channel":"ch2","pattern":"","body":{"a":1}}',
    )
    assert encode(event) == WRITTEN_BY_ARGO_EVENTS


def test_order_of_all_members() -> None:
    event = Event(
        id="i",
        source="s",
        type="t",
        subject="u",
        time="2026-01-01T00:00:00Z",
        dataschema="d",
        data=b"",
        extensions={"x": "é<"},
    )
    assert (
        encode(event)
        == (
            '{"specversion":"1.0","id":"i","source":"s","type":"t","subject":"u","datacontenttype":"application/json",'
            '"dataschema":"d","time":"2026-01-01T00:00:00Z","data_base64":"","x":"é<"}'
        ).encode()
    )
    assert list(encode_headers(event)) == [
        "ce-specversion",
        "ce-id",
        "ce-source",
        "ce-type",
        "ce-subject",
        "ce-time",
        "content-type",
        "ce-dataschema",
        "ce-x",
    ]


@given(events())
def test_json_round_trip(event: Event) -> None:
    assert decode(encode(event)) == event


@given(st.lists(events(), max_size=4))
def test_batch_round_trip(batch: list[Event]) -> None:
    assert decode_batch(encode_batch(batch)) == batch
    assert decode_http({"Content-Type": f"{BATCH}; charset=utf-8"}, encode_batch(batch)) == batch


@given(events())
def test_binary_round_trip(event: Event) -> None:
    event = msgspec.structs.replace(event, data=event.data or None)
    headers = encode_headers(event)
    assert all(value.isascii() and value.isprintable() for value in headers.values())
    assert decode_binary(headers, event.data or b"") == event
    assert decode_http({name.title(): value for name, value in headers.items()}, event.data or b"") == [event]


# The cloudevents SDK as the oracle


@given(events())
def test_sdk_reads_what_is_written(event: Event) -> None:
    read = from_structured_event(HTTPMessage({"content-type": STRUCTURED}, encode(event)))
    invented = {} if event.time else {"time": read.get_attributes()["time"]}
    assert attributes(read) == context(event) | invented
    assert read.get_data() == event.data


@given(events())
def test_sdk_reads_what_is_sent_as_headers(event: Event) -> None:
    data = event.data if event.data and event.datacontenttype == "application/json" else None
    read = from_binary_event(HTTPMessage(encode_headers(event), data or b""))
    invented = {} if event.time else {"time": read.get_attributes()["time"]}
    assert attributes(read) == context(event) | invented
    assert read.get_data() == (None if data is None else json.loads(data))


@st.composite
def foreign_events(draw: st.DrawFn) -> BaseCloudEvent:
    version = draw(st.sampled_from(["1.0", "0.3"]))
    known: dict[str, Any] = {"id": draw(texts), "source": draw(texts), "type": draw(texts), "specversion": version}
    schema = "dataschema" if version == "1.0" else "schemaurl"
    known |= draw(st.fixed_dictionaries({}, optional={"subject": texts, schema: texts}))
    known["time"] = datetime.fromisoformat(draw(times))
    known |= draw(st.dictionaries(extension_names, texts, max_size=3))
    kind = draw(st.sampled_from(["json", "text", "bytes", "none"]))
    data: Any = None
    if kind == "json":
        data = draw(json_values.filter(lambda value: value is not None))
        known["datacontenttype"] = draw(
            st.sampled_from(["application/json", "text/json; charset=utf-8", "application/x+json"])
        )
    elif kind == "text":
        data, known["datacontenttype"] = draw(texts), "text/plain"
    elif kind == "bytes":
        data, known["datacontenttype"] = draw(st.binary()), draw(st.sampled_from(["application/json", "image/png"]))
    return (CloudEvent if version == "1.0" else CloudEventV03)(known, data)


@given(foreign_events())
def test_reads_what_the_sdk_writes(foreign: BaseCloudEvent) -> None:
    message = to_structured_event(foreign)
    event = decode(message.body)
    assert context(event) == {"datacontenttype": "application/json", **attributes(foreign)}
    data = foreign.get_data()
    if isinstance(data, bytes):
        assert event.data == data
    elif isinstance(data, str) and foreign.get_datacontenttype() == "text/plain":
        assert event.data == data.encode()
    elif data is None:
        assert event.data is None
    else:
        assert event.data is not None and json.loads(event.data) == data
    assert decode_http({"content-type": STRUCTURED}, message.body) == [event]


@given(foreign_events().filter(lambda event: isinstance(event.get_data(), bytes | None)))
def test_reads_what_the_sdk_sends_as_headers(foreign: BaseCloudEvent) -> None:
    message = to_binary_event(foreign)
    event = decode_binary(message.headers, message.body)
    assert context(event) == attributes(foreign)
    assert event.data == (foreign.get_data() or None)


def attributes(event: BaseCloudEvent) -> dict[str, Any]:
    found = dict(event.get_attributes())
    if found.pop("specversion") == "0.3":
        found.pop("datacontentencoding", None)
        if "schemaurl" in found:
            found["dataschema"] = found.pop("schemaurl")
    return found


def context(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {**event.context(), **event.extensions}
    del found["specversion"]
    # The SDK keeps microseconds, and invents a time where there is none.
    if "time" in found:
        found["time"] = datetime.fromisoformat(found["time"])
    return found


# What others may write


@given(events(), json_texts, st.integers(), st.sampled_from(["", " ", "\n\t"]))
def test_inline_json_is_kept_byte_for_byte_in_any_order(event: Event, data: bytes, seed: int, space: str) -> None:
    event = msgspec.structs.replace(event, datacontenttype="application/json", data=data)
    members = [
        f"{json.dumps(name)}{space}:{space}{json.dumps(value)}"
        for name, value in {**event.context(), **event.extensions}.items()
    ]
    random.Random(seed).shuffle(members)
    members.insert(seed % (len(members) + 1), f'"data":{space}{data.decode()}')
    text = f"{space}{{{f'{space},'.join(members)}}}{space}"
    assert decode(text.encode()) == event


MINIMAL = {"specversion": "1.0", "id": "i", "source": "s", "type": "t"}


@pytest.mark.parametrize(
    ("members", "data"),
    [
        ({}, None),
        ({"data": None}, b"null"),
        ({"data": None, "data_base64": "YQ=="}, b"a"),
        ({"data": None, "datacontenttype": "text/plain"}, None),
        ({"data": "a"}, b'"a"'),
        ({"data": "\u00fc", "datacontenttype": "text/plain"}, "\u00fc".encode()),
        ({"data": [1], "datacontenttype": "application/vnd.x+JSON; charset=utf-8"}, b"[1]"),
        ({"data": "", "datacontenttype": "text/xml"}, b""),
        ({"data_base64": ""}, b""),
        ({"specversion": "0.3", "data": "YQ==", "datacontentencoding": "Base64"}, b"a"),
        ({"specversion": "0.3", "data": {"a": 1}}, b'{"a":1}'),
    ],
)
def test_data(members: dict[str, Any], data: bytes | None) -> None:
    assert decode(json.dumps({**MINIMAL, **members}, separators=(",", ":")).encode()).data == data


def test_extensions_become_text_and_null_is_absent() -> None:
    members = {
        **MINIMAL,
        "a": True,
        "b": -5,
        "c": "x",
        "d": None,
        "subject": None,
        "time": None,
        "datacontenttype": None,
    }
    event = decode(json.dumps(members).encode())
    assert event.extensions == {"a": "true", "b": "-5", "c": "x"}
    assert (event.subject, event.time, event.datacontenttype) == ("", "", "application/json")


def test_version_0_3_has_its_own_names() -> None:
    event = decode(json.dumps({**MINIMAL, "specversion": "0.3", "schemaurl": "u"}).encode())
    assert event.dataschema == "u"
    headers = {"ce-specversion": "0.3", "ce-id": "i", "ce-source": "s", "ce-type": "t", "ce-schemaurl": "u"}
    assert decode_binary(headers, b"") == Event(id="i", source="s", type="t", dataschema="u", datacontenttype="")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € \U0001f600"),
        ('"a b"', "a b"),
        (r'"say \"hi\" \\"', r'say "hi" \ '.strip()),
        ('"%22"', '"'),
        ("%2541", "%41"),
        ("100%", "100%"),
        ("%e2%82%ac", "€"),
        ("€", "€"),
        ('"', '"'),
    ],
)
def test_header_values(sent: str, meant: str) -> None:
    headers = {"CE-SpecVersion": "1.0", "Ce-Id": sent, "ce-source": "s", "ce-type": "t", "x-other": "ignored"}
    assert decode_binary(headers, b"").id == meant


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (b"", ["no JSON object"]),
        (b"[]", ["no JSON object"]),
        (b'{"a":}', ["no JSON object"]),
        (b"{}", ["'specversion' is missing", "'id' is missing", "'source' is missing", "'type' is missing"]),
        (
            b'{"specversion":"1.0","id":"","source":null,"type":5}',
            ["'type' must be", "'id' is missing", "'source' is missing"],
        ),
        (b'{"specversion":"2.0","id":"i","source":"s","type":"t"}', ["'specversion' is '2.0'"]),
        (b'{"specversion":1,"id":"i","source":"s","type":"t"}', ["'specversion' must be"]),
        (
            b'{"specversion":"1.0","id":"i","source":"s","type":"t","time":"yesterday","data":1,"data_base64":"?",'
            b'"Bad_Name":"x","list":[1],"number":1.5,"subject":1}',
            [
                "'list' must be",
                "'number' must be",
                "'subject' must be",
                "'data' and 'data_base64' are both there",
                "not base64",
                "'time' is not RFC 3339",
                "'Bad_Name' is no attribute name",
            ],
        ),
        (
            b'{"specversion":"1.0","id":"i","source":"s","type":"t","datacontenttype":"text/plain","data":{}}',
            ["a string"],
        ),
        (b'{"specversion":"0.3","id":"i","source":"s","type":"t","datacontentencoding":"x"}', ["must be base64"]),
    ],
)
def test_all_faults_at_once(text: bytes, faults: list[str]) -> None:
    with pytest.raises(MalformedEvent) as caught:
        decode(text)
    assert len(caught.value.faults) == len(faults), caught.value.faults
    assert all(any(fault in found for found in caught.value.faults) for fault in faults), caught.value.faults
    assert all(fault in str(caught.value) for fault in caught.value.faults)


def test_faults_of_a_batch_say_where() -> None:
    good, bad = encode(Event(id="i", source="s", type="t")), b'{"specversion":"1.0","id":"i","source":"s"}'
    with pytest.raises(MalformedEvent) as caught:
        decode_batch(b"[" + b",".join((good, bad, b"5")) + b"]")
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["[1]", "[2]"]
    with pytest.raises(MalformedEvent, match="no JSON array"):
        decode_batch(good)


def test_faults_of_headers() -> None:
    with pytest.raises(MalformedEvent) as caught:
        decode_binary({"ce-id": "%C0%A0", "ce-source": "\udcff", "ce-time": "x", "ce-b_c": "d"}, b"")
    assert [fault[:24] for fault in caught.value.faults] == [
        "the header 'ce-id' is no",
        "the header 'ce-source' i",
        "'specversion' is missing",
        "'id' is missing or empty",
        "'source' is missing or e",
        "'type' is missing or emp",
        "'time' is not RFC 3339: ",
        "'b_c' is no attribute na",
    ]
    with pytest.raises(MalformedEvent, match="avro"):
        decode_http({"Content-Type": "application/cloudevents+avro"}, b"")


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_malformed(text: bytes) -> None:
    for function in (decode, decode_batch):
        with suppress(MalformedEvent):
            function(text)


SOME_NAMES = st.sampled_from([*MINIMAL, "time", "subject", "data", "data_base64", "x", "Y"])


@given(st.dictionaries(SOME_NAMES, json_values), st.booleans())
def test_nearly_events(members: dict[str, Any], complete: bool) -> None:
    try:
        event = decode(json.dumps({**members, **(MINIMAL if complete else {})}).encode())
    except MalformedEvent as error:
        assert error.faults
    else:
        assert decode(encode(event)) == event


@given(
    st.dictionaries(
        st.sampled_from(["ce-id", "CE-source", "ce-type", "ce-specversion", "ce-x", "content-type"]), st.text()
    )
)
def test_any_headers(headers: dict[str, str]) -> None:
    try:
        event = decode_binary(headers, b"x")
    except MalformedEvent as error:
        assert error.faults
    else:
        assert event.data == b"x"


def test_base64_is_strict() -> None:
    for text in ("YQ", "Y Q==", "YQ==\n", "_-__"):
        with pytest.raises(MalformedEvent, match="not base64"):
            decode(json.dumps({**MINIMAL, "data_base64": text}).encode())
    assert decode(json.dumps({**MINIMAL, "data_base64": base64.b64encode(b"a").decode()}).encode()).data == b"a"
