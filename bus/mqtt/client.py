"""An MQTT client made for what this program promises: nothing is acknowledged before it is stored.

The protocol is aiomqtt's and paho-mqtt's, by way of `Link`. Here an incoming message is the broker's until `acknowledge`, what
does not fit is not read, and whatever the broker says is told.
"""

from __future__ import annotations

import asyncio
import math
import struct
from collections import deque
from collections.abc import Awaitable, Sequence
from typing import Final, Literal, Self, TypeAlias, TypeVar

import aiomqtt
from paho.mqtt import MQTTException
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from bus.mqtt.link import Connack, Link, Message
from bus.mqtt.reasons import FAILURE, UNSUPPORTED_VERSION, reason
from bus.mqtt.settings import V5, Options
from config.errors import Permanent, Temporary

T = TypeVar("T")
_Answer: TypeAlias = "tuple[int, Properties | None]"

CONNECT_WAIT: Final = 10.0
"""Seconds for a connection with all its formalities."""

ANSWER_WAIT: Final = 30.0
"""Seconds that a broker may take to acknowledge something."""

WINDOW: Final = 1024
"""Published messages that may be unacknowledged at once; a broker may allow less."""

INBOX_MESSAGES, INBOX_BYTES = 4096, 16 << 20
"""Messages that have come and were not taken yet, and their bytes; while there are more, nothing is read."""

_PACKET_MOST: Final = 268_435_455
_HEAD: Final = 9
"""Bytes of a packet that are not topic, properties and payload, at most."""


class MqttClient:
    """A connection with its messages, for as long as it is entered. Once it is lost, every method raises Temporary: whoever
    wants another one makes another client. To be used by one task at a time, except for `publish`.

    Entering raises Temporary, with the reason, if the broker cannot be reached or does not want us. `version` and
    `session_present` are what the broker said.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.where = str(options.address)
        self.version = 0
        self.session_present = False
        self._link: Link | None = None
        self._inbox: deque[Message] = deque()
        self._inbox_bytes = 0
        self._arrived = asyncio.Event()
        self._asking: asyncio.Timeout | None = None
        self._waiting: dict[int, asyncio.Future[_Answer | None]] = {}

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(CONNECT_WAIT):
                self._link, answer = await self._open()
        except TimeoutError:
            what = f"no answer within {CONNECT_WAIT:g} s"
            fix = "check url; check that the port is one for MQTT, with TLS or without"
            raise Temporary(what, where=self.where, fix=fix) from None
        self.session_present = answer.session_present
        limits = answer.said
        self._window = asyncio.Semaphore(min(WINDOW, getattr(limits, "ReceiveMaximum", WINDOW)))
        self._packet_most: int = getattr(limits, "MaximumPacketSize", _PACKET_MOST)
        self._qos_most: int = getattr(limits, "MaximumQoS", 2)
        self._retains = bool(getattr(limits, "RetainAvailable", 1))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._connected.leave()

    @property
    def is_lost(self) -> bool:
        """Whether it is over."""
        return self._link is not None and self._link.gone is not None

    async def until_lost(self) -> None:
        """Wait for the end."""
        await self._connected.over.wait()

    # -- messages that come in

    async def subscribe(self, topic: str, *, qos: Literal[0, 1], only_new_retained: bool = False) -> int:
        """Subscribe to a filter; the QoS that the broker grants. Raises Temporary if it refuses.

        There is no QoS 2, for which paho answers PUBREC as soon as a message comes in: the broker counts it as delivered then,
        and whoever crashes before it is stored has lost it. A broker delivers with the lower one of what was published and what
        was subscribed, so with 1 each message comes at least once, whatever its publisher chose.
        """
        link = self._connected
        if self.version == V5:
            options = SubscribeOptions(
                qos=qos,
                retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB if only_new_retained else 0,
            )
            asked = link.subscribe(topic, options=options, timeout=math.inf)
        else:
            asked = link.subscribe(topic, qos, timeout=math.inf)
        answer = (await self._ask(asked))[0]
        code = answer if isinstance(answer, int) else answer.value
        if code >= FAILURE:
            why = reason(code)
            what = f"the broker refuses the subscription to '{topic}': {why.what}"
            # A broker of 3.1.1 says no more than that.
            fix = "check topic, and what the broker allows this user" if code == FAILURE else why.fix
            raise Temporary(what, where=self.where, fix=fix)
        return code

    async def unsubscribe(self, topic: str) -> None:
        """Leave a filter; it need not be subscribed."""
        await self._ask(self._connected.unsubscribe(topic, timeout=math.inf))

    async def receive(self, limit: int) -> Sequence[Message]:
        """Wait for messages: 1 to `limit` of them, in order. Raises Temporary once the connection is lost."""
        while not self._inbox:
            self._check_connection()
            self._arrived.clear()
            await self._arrived.wait()
        messages = [self._inbox.popleft() for _ in range(min(limit, len(self._inbox)))]
        self._inbox_bytes -= sum(len(message.payload) for message in messages)
        if self._has_room():
            self._connected.resume()
        return messages

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker, in the order in which they came, that the messages are stored and no longer its concern.
        Raises Temporary if the connection is lost; the broker then sends them again to the same session."""
        self._check_connection()
        for message in messages:
            if message.qos:
                self._connected.acknowledge(message.packet_id, message.qos)

    # -- messages that go out

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retain: bool = False, user: Sequence[tuple[str, str]] = ()
    ) -> int:
        """Publish a message, with user properties where the protocol has them (MQTT 5); the broker's reason code once it is
        responsible (for QoS 0: 0 once it was sent).

        Raises Temporary or Permanent, as the broker's reason is. If this is cancelled it is not known what came of it.
        """
        self._check_connection()
        properties = _user_properties(user) if self.version == V5 else None
        self._check_limits(topic, payload, qos, retain, properties)
        await self._window.acquire()
        try:
            self._check_connection()
            packet_id = self._connected.send(
                topic, payload, qos=qos, retain=retain, properties=properties, taken=self._waiting
            )
            if packet_id is None:
                raise Temporary("the message could not be sent", where=self.where)
        except BaseException:
            self._window.release()
            raise
        # From here on the place in the window is the id's, until it is answered.
        waiting: asyncio.Future[_Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting[packet_id] = waiting
        try:
            async with asyncio.timeout(ANSWER_WAIT):
                answer = await waiting
        except TimeoutError:
            raise self._unanswered() from None
        if answer is None:
            raise self._gone()
        code, said = answer
        if code >= FAILURE:
            why = reason(code, said)
            error_type = Permanent if why.final else Temporary
            raise error_type(f"the broker refuses the message to '{topic}': {why.what}", where=self.where, fix=why.fix)
        return code

    # -- what the connection says

    def take(self, message: Message) -> bool:
        self._inbox.append(message)
        self._inbox_bytes += len(message.payload)
        self._arrived.set()
        return self._has_room()

    def published(self, packet_id: int, code: int, said: Properties | None) -> None:
        # The id is free again, whether or not somebody still waits.
        waiting = self._waiting.pop(packet_id, None)
        if waiting is not None:
            self._window.release()
            if not waiting.done():
                waiting.set_result((code, said))

    def ended(self) -> None:
        if not self.options.clean:
            # The broker sends the others again.
            self._inbox = deque(message for message in self._inbox if message.qos == 0)
        self._arrived.set()
        if self._asking is not None:
            self._asking.reschedule(0)
        for waiting in self._waiting.values():
            self._window.release()
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    @property
    def _connected(self) -> Link:
        assert self._link is not None, "not entered"
        return self._link

    async def _open(self) -> tuple[Link, Connack]:
        *others, last = self.options.versions
        for self.version in (*others, last):
            link = Link(self.options, self.version, self)
            answer = await link.open()
            if answer.code < FAILURE:
                break
            await link.leave()
            if answer.code != UNSUPPORTED_VERSION or self.version == last:
                why = reason(answer.code, answer.said)
                raise Temporary(f"the broker refuses the connection: {why.what}", where=self.where, fix=why.fix)
        return link, answer

    def _check_connection(self) -> None:
        if self.is_lost:
            raise self._gone()

    def _gone(self) -> Temporary:
        gone = self._connected.gone
        assert gone is not None
        return Temporary(gone.what, where=gone.where, fix=gone.fix)

    def _check_limits(self, topic: str, payload: bytes, qos: int, retain: bool, properties: Properties | None) -> None:
        if qos > self._qos_most:
            what, fix = f"the broker takes no more than QoS {self._qos_most}", f"write qos: {self._qos_most}"
            raise Permanent(what, where=self.where, fix=fix)
        if retain and not self._retains:
            raise Permanent("the broker retains no messages", where=self.where, fix="remove retain")
        try:
            name, described = topic.encode(), b"" if properties is None else properties.pack()  # type: ignore[no-untyped-call]
        except (struct.error, ValueError, MQTTException) as error:
            raise Permanent(f"the message does not fit into MQTT: {error}", where=self.where, fix="send less") from None
        if len(name) > 0xFFFF:
            what = f"the message does not fit into MQTT: its topic has {len(name)} bytes, and 65535 are allowed"
            raise Permanent(what, where=self.where, fix="choose a shorter topic")
        size = _HEAD + len(name) + len(described) + len(payload)
        if size > self._packet_most:
            what = f"the message is too large: {size} bytes, and the broker takes no more than {self._packet_most}"
            raise Permanent(what, where=self.where, fix="send less, or let the broker take more")

    async def _ask(self, call: Awaitable[T]) -> T:
        """Wait for an answer to a subscription; aiomqtt would wait in vain when the connection is lost meanwhile."""
        self._check_connection()
        # The answer comes behind all those messages that the broker has sent already, and nobody takes any now.
        self._connected.resume()
        try:
            try:
                async with asyncio.timeout(ANSWER_WAIT) as self._asking:
                    return await call
            finally:
                self._asking = None
        except (TimeoutError, aiomqtt.MqttError):
            raise self._unanswered() from None

    def _unanswered(self) -> Temporary:
        self._connected.lose(f"the broker has not acknowledged within {ANSWER_WAIT:g} s")
        return self._gone()

    def _has_room(self) -> bool:
        crowded = len(self._inbox) >= INBOX_MESSAGES or self._inbox_bytes >= INBOX_BYTES
        return not crowded or self._asking is not None


def _user_properties(pairs: Sequence[tuple[str, str]]) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if pairs:
        properties.UserProperty = list(pairs)
    return properties
