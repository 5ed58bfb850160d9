"""As much of the packets of MQTT 3.1.1 and 5 (OASIS MQTT 5.0, section 3) as fakes have to read and write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers

from bus.mqtt.settings import V5


class Kind(IntEnum):
    """The type of a packet (2.1.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class Frame(NamedTuple):
    """A packet as it came: its first byte, and its body."""

    first: int
    body: bytes


class Sent(NamedTuple):
    """What a PUBLISH says."""

    topic: str
    payload: bytes
    packet_id: int
    user: Sequence[tuple[str, str]]


class Frames:
    """Cuts a stream of bytes into packets."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The packets that these bytes complete."""
        self._buffer += data
        while (head := self._head()) is not None:
            begin, end = head
            if len(self._buffer) < end:
                break
            first, body = self._buffer[0], self._buffer[begin:end]
            self._buffer = self._buffer[end:]
            yield Frame(first, body)

    def _head(self) -> tuple[int, int] | None:
        size = 0
        for at, byte in enumerate(self._buffer[1:5]):
            size += (byte & 0x7F) << 7 * at
            if byte < 0x80:
                return at + 2, at + 2 + size
        return None


def packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    """A packet with this body."""
    size: bytes = VariableByteIntegers.encode(len(body))  # type: ignore[no-untyped-call]
    return bytes((kind << 4 | flags,)) + size + body


def publish(topic: str, payload: bytes, *, qos: int = 0, packet_id: int = 0, properties: bytes = b"") -> bytes:
    """A PUBLISH of MQTT 5; its properties, of less than 128 bytes, are written out."""
    name = topic.encode()
    number = packet_id.to_bytes(2, "big") if qos else b""
    return packet(
        Kind.PUBLISH,
        len(name).to_bytes(2, "big") + name + number + bytes((len(properties),)) + properties + payload,
        qos << 1,
    )


def read_publish(version: int, frame: Frame) -> Sent:
    """What such a packet says, in either version."""
    first, body = frame
    at = 2 + int.from_bytes(body[:2], "big")
    topic, packet_id = body[2:at].decode(), 0
    if first >> 1 & 3:
        packet_id = int.from_bytes(body[at : at + 2], "big")
        at += 2
    user: Sequence[tuple[str, str]] = ()
    if version == V5:
        properties, size = Properties(PacketTypes.PUBLISH).unpack(body[at:])  # type: ignore[no-untyped-call]
        user = getattr(properties, "UserProperty", ())
        at += size
    return Sent(topic, body[at:], packet_id, user)


def read_answer(frame: Frame) -> tuple[int, int]:
    """The packet that a PUBACK, PUBREC or PUBCOMP is about, and its reason code."""
    body = frame.body
    return int.from_bytes(body[:2], "big"), body[2] if len(body) > 2 else 0
