"""MQTT: the one door of aiomqtt. Publishes; nothing is subscribed to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiomqtt

from noc.model.reading import FailureKind
from noc.wire.errors import WireError

TIMEOUT_S: Final = 10.0
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
    """One message. retain: the broker keeps it for those who come later; an empty one makes it forget what it kept."""

    topic: str
    body: bytes
    retain: bool = False


class _Client(aiomqtt.Client):
    """A client that can be cut off while it connects, and then leaves no connection behind."""

    def hang_up(self) -> None:
        """Close the connection at once; nothing happens where there is none any more."""
        self._connected = asyncio.Future()  # what happens at the end asks it, and a cancelled one raises
        self._client.disconnect()


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
