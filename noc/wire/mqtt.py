"""MQTT: the one door of aiomqtt. `publish` and `publish_all` connect for their messages; `linked` stays connected."""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.tcpinfo import crossed

TIMEOUT_S: Final = 10.0
KEEPALIVE_S: Final = 30
"""After one and a half times as long without a word the broker takes the client for gone, and says its last will."""

WAITING_AT_MOST: Final = 4_096
"""Messages that came and were not read yet; what comes beyond is dropped, as whoever sent it sends it again."""

IN_FLIGHT_AT_MOST: Final = 256
"""Messages sent that the broker has not taken yet."""

REACHED_WITHIN_S: Final = 8.0
"""For TCP's handshake, and again for that of TLS. SYN go after 0, 1, 3 and 7 seconds, so three may be lost; and a
handshake has room behind the full queues of a thin line with a round trip of 600 ms."""

UNANSWERED_AT_MOST_S: Final = 25.0
"""A connection ends where what it sent isn't acknowledged by the other end's TCP for so long. TCP by itself would wait
twice as long after each try, and a line that is back after a minute would lie idle for another one."""

_TOO_LATE: Final = "Operation timed out"

T = TypeVar("T")

_AT_MOST_ONCE: Final = 0
_AT_LEAST_ONCE: Final = 1


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to publish. tls: None for none. name: the client's, of which a broker has one at a time."""

    host: str
    port: int
    name: str
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Broker({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Publication:
    """One message. retain: the broker keeps it for those who come later; an empty one makes it forget what it kept.

    assured: the broker answers that it has it (QoS 1); else it may get lost (QoS 0), and costs a third less.
    """

    topic: str
    body: bytes
    retain: bool = False
    assured: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that came. retained: the broker kept it from before."""

    topic: str
    body: bytes
    retained: bool


class _Numbered(Protocol):
    """What is a socket to the event loop."""

    def fileno(self) -> int:
        """Return its number; -1 when it is closed."""
        ...


class _Client(aiomqtt.Client):
    """A client that can be cut off while it connects, and then leaves no connection behind."""

    @property
    def connection(self) -> socket.socket | None:
        """Return the socket; None where there is none any more."""
        found = self._client.socket()
        return found if isinstance(found, socket.socket) else None

    def reached_within(self, seconds: float) -> None:
        """Give each handshake so long; paho's five seconds are few behind a satellite."""
        self._client.connect_timeout = seconds

    def hang_up(self) -> None:
        """Close the connection at once; nothing happens where there is none any more."""
        self._connected = asyncio.Future()  # what happens at the end asks it, and a cancelled one raises
        self._client.disconnect()
        if not self._disconnected.done():  # who isn't connected hears of no end, and would wait for it
            self._disconnected.set_result(None)

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 as aiomqtt has it
        """Wait for what the broker answers.

        `asyncio.wait_for` of Python 3.11, which aiomqtt takes, forgets that its task was cancelled where the answer
        comes at the same moment; the task would go on for ever.
        """
        limit_s = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(None if limit_s == math.inf else limit_s):
                return await fut
        except TimeoutError:
            raise aiomqtt.MqttError(_TOO_LATE) from None

    def _on_socket_register_write(self, client: object, userdata: object, sock: _Numbered) -> None:
        """Write as soon as the socket takes more.

        aiomqtt remembers the socket's number, and the loop comes to it later: closed meanwhile, that is nobody's, or
        another one's, which would then be asked to write for ever.
        """
        self._loop.call_soon_threadsafe(self._await_room, sock)

    def _await_room(self, sock: _Numbered) -> None:
        if sock.fileno() > -1:
            self._loop.add_writer(sock.fileno(), self._write_on)

    def _write_on(self) -> None:
        try:
            self._client.loop_write()
        except (OSError, ValueError) as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)


async def publish(broker: Broker, topic: str, body: bytes, *, retain: bool) -> None:
    """Connect, publish one message at QoS 1, and leave. Raises as `publish_all`."""
    await publish_all(broker, [Publication(topic, body, retain)])


async def publish_all(broker: Broker, publications: Sequence[Publication], timeout_s: float = TIMEOUT_S) -> None:
    """Connect, publish messages in their order at QoS 1, and leave. timeout_s: for each step.

    When this returns the broker has them. Raises WireError; the reason names the broker, never the log-in. May be
    cancelled at any moment.
    """
    where = f"mqtt://{broker.host}:{broker.port}"
    try:
        client = _Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=broker.name,
            tls_context=broker.tls,
            timeout=timeout_s,
        )
        try:
            async with client:
                for one in publications:
                    await client.publish(one.topic, one.body, qos=_AT_LEAST_ONCE, retain=one.retain)
        except asyncio.CancelledError:
            client.hang_up()
            raise
    except aiomqtt.MqttError as error:
        refused = isinstance(error, aiomqtt.MqttCodeError)
        kind = FailureKind.AUTH if refused else FailureKind.REFUSED
        raise WireError(kind, f"{where}: the message was not taken: {error}") from None
    except (OSError, ValueError) as error:
        raise WireError(FailureKind.REFUSED, f"{where}: no connection: {error}") from None


class Link:
    """A connection that stays. Made by `linked`."""

    def __init__(self, client: _Client, where: str) -> None:
        self._client = client
        self._where = where

    @property
    def crossed(self) -> int | None:
        """Return how many octets of the line it took so far, both ways, all headers included; None: not known."""
        connection = self._client.connection
        return None if connection is None else crossed(connection)

    async def publish(self, one: Publication, timeout_s: float = TIMEOUT_S) -> None:
        """Publish; when this returns the broker has answered where that is wanted. Raises WireError."""
        qos = _AT_LEAST_ONCE if one.assured else _AT_MOST_ONCE
        try:
            await self._client.publish(one.topic, one.body, qos=qos, retain=one.retain, timeout=timeout_s)
        except (aiomqtt.MqttError, ValueError) as error:
            raise WireError(FailureKind.REFUSED, f"{self._where}: a message was not taken: {error}") from None

    async def heard(self) -> AsyncIterator[Heard]:
        """Yield what comes on the filters that were subscribed to. Raises WireError when the connection is lost."""
        try:
            async for one in self._client.messages:
                yield Heard(str(one.topic), one.payload, one.retain)
        except aiomqtt.MqttError as error:
            raise WireError(FailureKind.REFUSED, f"{self._where}: the connection was lost: {error}") from None


@asynccontextmanager
async def linked(
    broker: Broker,
    filters: Sequence[str],
    will: Publication | None = None,
    *,
    keepalive_s: int = KEEPALIVE_S,
    timeout_s: float = TIMEOUT_S,
    hears_itself: bool = True,
) -> AsyncIterator[Link]:
    """Connect by MQTT 5, subscribe to filters at QoS 1, and stay. will: the broker says it when the connection is lost.

    hears_itself: what it publishes on its filters comes back to it; what the broker kept of before does in any case.
    The broker forgets what was subscribed to when the connection ends. Raises WireError where there is no connection
    or a filter is refused; the reason names the broker, never the log-in. May be cancelled at any moment.
    """
    where = f"mqtt://{broker.host}:{broker.port}"
    client = _Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=broker.name,
        protocol=aiomqtt.ProtocolVersion.V5,
        will=None if will is None else aiomqtt.Will(will.topic, will.body, _AT_LEAST_ONCE, will.retain),
        keepalive=keepalive_s,
        timeout=timeout_s,
        tls_context=broker.tls,
        max_queued_incoming_messages=WAITING_AT_MOST,
        max_inflight_messages=IN_FLIGHT_AT_MOST,
        socket_options=_given_up_options(),
    )
    client.reached_within(REACHED_WITHIN_S)
    client.pending_calls_threshold = IN_FLIGHT_AT_MOST  # it would log each message beyond ten while a link is slow
    try:
        await _connect(client, filters, where, hears_itself=hears_itself)
        yield Link(client, where)
    except asyncio.CancelledError:
        client.hang_up()
        raise
    finally:
        with suppress(aiomqtt.MqttError):  # it was on its way out
            await client.__aexit__(None, None, None)


def _given_up_options() -> list[tuple[int, int, int]]:
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # of Linux (RFC 5482)
    return [] if option is None else [(socket.IPPROTO_TCP, option, round(UNANSWERED_AT_MOST_S * 1000))]


async def _connect(client: _Client, filters: Sequence[str], where: str, *, hears_itself: bool) -> None:
    """Connect and subscribe to all filters by one question: each would be a round trip of its own."""
    options = SubscribeOptions(_AT_LEAST_ONCE, noLocal=not hears_itself)
    try:
        await client.__aenter__()
        codes: Sequence[int | ReasonCode] = ()
        if filters:
            codes = await client.subscribe([(one, options) for one in filters])
        for one, code in zip(filters, codes, strict=True):
            if not isinstance(code, int) and code.is_failure:
                raise WireError(FailureKind.AUTH, f"{where}: {one} may not be subscribed to: its access list says no")
    except aiomqtt.MqttError as error:
        refused = isinstance(error, aiomqtt.MqttCodeError)
        kind = FailureKind.AUTH if refused else FailureKind.REFUSED
        raise WireError(kind, f"{where}: no connection: {error}") from None
    except (OSError, ValueError) as error:
        raise WireError(FailureKind.REFUSED, f"{where}: no connection: {error}") from None
