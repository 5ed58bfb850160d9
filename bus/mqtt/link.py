"""One connection to an MQTT broker by aiomqtt, and what that library or paho-mqtt below it does not do by itself.

They acknowledge a message before anybody has stored it, read on however much is unread, and keep to themselves what a broker
says: that is mended here, each with its reason beside it, and so is what they would leave open.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Container
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

import aiomqtt
import msgspec
from paho.mqtt import MQTTException
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, Client, MQTTMessage, _WebsocketWrapper
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers
from paho.mqtt.reasoncodes import ReasonCode

from bus.mqtt.reasons import FAILURE, KEEP_ALIVE_TIMEOUT, PROTOCOL_ERROR, reason
from bus.mqtt.settings import V5, Options
from config.errors import Temporary

DIAL_WAIT: Final = 5.0
"""Seconds for each of TCP, TLS and the WebSocket: they are made in a thread, which nothing can cancel."""

LEAVE_WAIT: Final = 3.0
"""Seconds that a broker may take to hear that a client leaves; it may have much to read before."""

READ_MOST: Final = 256
"""Messages read before others have their turn."""

_CHECK_PORT: Final = "check that the port is one for MQTT, with TLS or without"


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message that came in. `packet_id` is 0 for QoS 0; `size` is that of the payload, which is empty if `cut`. `user` and
    `content_type` are properties of MQTT 5."""

    topic: str
    payload: bytes
    qos: int
    packet_id: int
    size: int
    user: tuple[tuple[str, str], ...] = ()
    content_type: str = ""

    @property
    def cut(self) -> bool:
        """Whether it was larger than wanted."""
        return len(self.payload) < self.size


class Connack(NamedTuple):
    """How the broker answers CONNECT, in reason codes of MQTT 5 whatever the version; what it `said` beside."""

    session_present: bool
    code: int
    said: Properties | None


class Listener(Protocol):
    """Who is told, and returns at once."""

    def take(self, message: Message, /) -> bool:
        """A message has come; whether there is room for more."""

    def published(self, packet_id: int, code: int, said: Properties | None, /) -> None:
        """The broker has answered a message, or one of QoS 0 was sent."""

    def ended(self) -> None:
        """The connection is over."""


class Link(aiomqtt.Client):
    """A connection in one version of the protocol. `gone` says why there is none any more, `over` is set then."""

    def __init__(self, options: Options, version: int, listener: Listener) -> None:
        address = options.address
        is_5 = version == V5
        super().__init__(
            address.host,
            address.port,
            protocol=aiomqtt.ProtocolVersion(version),
            identifier=options.client_id,
            clean_session=None if is_5 else options.clean,
            transport="websockets" if address.path else "tcp",
            tls_context=options.tls,
            max_inflight_messages=0,  # bounded by whoever publishes: paho looks through all of them at each answer
        )
        self._options, self._listener = options, listener
        self._where = str(address)
        self._connect = partial(
            self._client.connect,
            address.host,
            address.port,
            options.keep_alive,
            clean_start=options.clean if is_5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=_session(options) if is_5 else None,
        )
        self._connack: asyncio.Future[Connack | None] = self._loop.create_future()
        self._reads, self._heard = False, 0
        self.gone: Temporary | None = None
        self.over = asyncio.Event()
        # aiomqtt puts here what goes wrong in writing.
        self._disconnected.add_done_callback(self._broke)
        paho = self._client
        paho.disable_logger()  # what it says is told to whoever uses the connection
        paho.manual_ack_set(True)
        paho._create_socket = self._create_socket  # type: ignore[method-assign]
        paho._handle_publish = self._handle_publish  # type: ignore[method-assign]
        paho._handle_pubrec = self._handle_pubrec  # type: ignore[method-assign]
        user, password = options.user, options.password
        if user is None and password is not None:
            user = ""  # there is no password without a user in 3.1.1, and in paho
        name = None if user is None else user.encode("utf-8", "replace").decode()
        secret = None if password is None else password.reveal().encode("utf-8", "surrogateescape")
        paho.username_pw_set(name, secret)  # type: ignore[arg-type]

    async def open(self) -> Connack:
        """Connect. Raises Temporary if that fails, and leaves nothing behind if it does, or if it is cancelled. What a broker
        answers that refuses is for the caller to look at; the connection is closed then."""
        dialled = self._loop.run_in_executor(None, self._connect)
        try:
            await asyncio.wait((dialled,))
            try:
                dialled.result()
            except (OSError, ValueError) as error:
                raise _unreachable(error, self._where) from None
            answer = await self._connack
            if answer is None:
                assert self.gone is not None
                raise self.gone
        except BaseException:
            # A thread goes on when its caller is cancelled, and what it opens then has to be closed.
            await asyncio.wait((dialled,))
            dialled.exception()
            await self._close()
            raise
        return answer

    async def leave(self) -> None:
        """Take leave, and wait until the broker has heard it."""
        try:
            with suppress(OSError, TimeoutError, aiomqtt.MqttError):
                async with asyncio.timeout(LEAVE_WAIT):
                    await self._part()
        finally:
            await self._close()

    def lose(self, what: str, fix: str = "") -> None:
        """The connection is over. The first reason counts."""
        if self.gone is None:
            self.gone = Temporary(what, where=self._where, fix=fix)
            if not self._connack.done():
                self._connack.set_result(None)
            self.over.set()
            self.pause()
            self._listener.ended()

    def pause(self) -> None:
        """Read nothing: aiomqtt has no bound for what was not taken yet but to drop what comes then."""
        if self._reads and (sock := self._client.socket()) is not None:
            self._loop.remove_reader(sock.fileno())
        self._reads = False

    def resume(self) -> None:
        """Read again."""
        if not self._reads and (sock := self._client.socket()) is not None:
            self._reads = True
            self._loop.add_reader(sock.fileno(), self._read)
            if _has_pending(sock):
                self._loop.call_soon(self._read)

    def send(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool,
        properties: Properties | None,
        taken: Container[int],
    ) -> int | None:
        """Begin to publish a message: its id, which is none of the `taken` ones; None if there is no connection. aiomqtt's own
        `publish` tells neither the id nor how the broker answers."""
        paho = self._client
        while paho._last_mid % 0xFFFF + 1 in taken:
            paho._mid_generate()  # paho gives them out in turn, whether they are free or not
        info = paho.publish(topic, payload, qos, retain, properties)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def acknowledge(self, packet_id: int, qos: int) -> None:
        """The message is no longer the broker's concern."""
        self._client.ack(packet_id, qos)

    # -- what aiomqtt and paho call

    def _create_socket(self) -> Any:
        """In the thread that connects. As paho does it, but where a handshake fails that leaves the socket open."""
        address, tls = self._options.address, self._options.tls
        sock = socket.create_connection((address.host, address.port), timeout=DIAL_WAIT)
        try:
            if tls is not None:
                sock = tls.wrap_socket(sock, server_hostname=address.host)
            if address.path:
                return _WebsocketWrapper(sock, address.host, address.port, tls is not None, address.path, None)
        except BaseException:
            sock.close()
            raise
        return sock

    def _on_socket_open(self, client: Client, userdata: Any, sock: Any) -> None:
        super()._on_socket_open(client, userdata, sock)
        # In place of aiomqtt's reader, which cannot be stopped.
        self._loop.call_soon_threadsafe(self.resume)

    def _on_socket_register_write(self, client: Client, userdata: Any, sock: Any) -> None:
        # aiomqtt begins to watch a descriptor a moment later, when it may be closed, or another's.
        self._loop.call_soon_threadsafe(self._watch, sock)

    def _watch(self, sock: Any) -> None:
        if self._client.socket() is sock:
            super()._on_socket_register_write(self._client, None, sock)

    def _on_connect(
        self,
        client: Client,
        userdata: Any,
        flags: Any,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connack.done():
            self._connack.set_result(Connack(flags.session_present, reason_code.value, properties))

    def _on_disconnect(
        self,
        client: Client,
        userdata: Any,
        flags: Any,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        code = reason_code.value
        if flags.is_disconnect_packet_from_server:
            why = reason(code, properties)
            self.lose(f"the broker closed the connection: {why.what}", why.fix)
        elif code == KEEP_ALIVE_TIMEOUT:
            self.lose(f"the broker has been silent for {self._client.keepalive} s")
        elif code == PROTOCOL_ERROR:
            self.lose(
                "what it sent is not MQTT, or not of this version", f"{_CHECK_PORT}; or try protocolVersion: 3.1.1"
            )
        elif not self._connack.done():
            self.lose("it closed the connection without an answer", f"{_CHECK_PORT}; or try protocolVersion: 3.1.1")
        else:
            self.lose("the broker closed the connection, or it broke")
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self._heard += 1
        payload, properties = message.payload, message.properties
        made = Message(
            message._topic.decode("utf-8", "replace"),
            bytes(payload) if len(payload) <= self._options.message_limit else b"",
            message.qos,
            message.mid,
            len(payload),
            tuple(getattr(properties, "UserProperty", ())),
            getattr(properties, "ContentType", ""),
        )
        if not self._listener.take(made):
            self.pause()

    def _on_publish(
        self, client: Client, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        self._listener.published(mid, reason_code.value, properties)

    def _handle_publish(self) -> MQTTErrorCode:
        """paho breaks with a broker over a message whose properties hold U+FEFF, which MQTT allows (1.5.4); as the broker would
        send it again to each successor, whoever may publish could stop us for good. It comes without its properties instead."""
        paho = self._client
        try:
            return Client._handle_publish(paho)
        except MQTTException:
            packet, has_id = paho._in_packet["packet"], bool(paho._in_packet["command"] & 6)
            if paho.protocol != V5:
                raise
            at = 2 + int.from_bytes(packet[:2], "big") + 2 * has_id
            size, length = VariableByteIntegers.decode(packet[at : at + 5])  # type: ignore[no-untyped-call]
            paho._in_packet["packet"] = packet[:at] + b"\0" + packet[at + length + size :]
            return Client._handle_publish(paho)

    def _handle_pubrec(self) -> MQTTErrorCode:
        """paho takes every PUBREC for a yes; one that says no is, as a PUBACK is, the last that is heard of its message."""
        paho = self._client
        packet = paho._in_packet["packet"]
        if len(packet) > 2 and packet[2] >= FAILURE:
            return paho._handle_pubackcomp("PUBACK")
        return Client._handle_pubrec(paho)

    async def _misc_loop(self) -> None:
        paho = self._client
        while True:
            if not self._reads:
                paho._ping_t = 0.0  # an answer to a ping cannot be heard
            if paho.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
            # A second, as in aiomqtt, is too long for a broker that wants to hear of its client each second.
            await asyncio.sleep(min(1.0, paho.keepalive / 4))

    def _read(self) -> None:
        try:
            # paho takes one message at a time; those that have come together become durable together.
            for _ in range(READ_MOST):
                if not self._reads:
                    return
                before = self._heard
                self._client.loop_read()
                if self._heard == before:
                    break
            if _has_pending(self._client.socket()):
                self._loop.call_soon(self._read)
        except Exception as error:
            self.lose(f"the connection is given up: {type(error).__name__}: {error}")

    def _broke(self, over: asyncio.Future[None]) -> None:
        if not over.cancelled() and (error := over.exception()) is not None:
            self.lose(f"the connection broke: {error}")

    async def _part(self) -> None:
        """paho closes the connection right behind its farewell. But what is unread when a connection is closed takes with it
        what was sent, acknowledgements for example; so a second descriptor keeps one half of it until the broker closes it."""
        sock = self._client.socket()
        if sock is None:
            return
        with socket.socket(fileno=os.dup(sock.fileno())) as rest:
            rest.setblocking(False)
            await self.__aexit__(None, None, None)
            rest.shutdown(socket.SHUT_WR)
            while await self._loop.sock_recv(rest, 1 << 16):
                pass

    async def _close(self) -> None:
        self.lose("the connection was closed")
        self._client._sock_close()  # aiomqtt leaves it open after an error
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.wait((self._misc_task,))


def _session(options: Options) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    if options.session_expiry:
        properties.SessionExpiryInterval = options.session_expiry
    if options.receive_maximum:
        properties.ReceiveMaximum = options.receive_maximum
    return properties


def _has_pending(sock: Any) -> bool:
    """Whether TLS holds what the system does not know of."""
    return hasattr(sock, "pending") and sock.pending() > 0


def _unreachable(error: OSError | ValueError, where: str) -> Temporary:
    fix = "check url, and that the broker runs and can be reached from here"
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"its certificate is not trusted: {error.verify_message}"
        return Temporary(
            what, where=where, fix="name the authority in tls.caCertSecret, and the host as the certificate does"
        )
    if isinstance(error, ssl.SSLError):
        what = f"TLS failed: {(error.reason or error.strerror or 'no reason given').lower().replace('_', ' ')}"
        fix = "check that the port speaks TLS, and the certificates in tls"
    elif isinstance(error, ConnectionRefusedError):
        what = "connection refused"
    elif isinstance(error, ConnectionResetError):
        what = "connection reset"
    else:
        what = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Temporary(f"no connection: {what}", where=where, fix=fix)
