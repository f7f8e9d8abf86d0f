"""MQTT: the one door of aiomqtt. Publishes; nothing is subscribed to."""

from __future__ import annotations

import ssl
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


async def publish(broker: Broker, topic: str, body: bytes, *, retain: bool) -> None:
    """Connect, publish one message at QoS 1, and leave. retain: the broker keeps it for those who come later.

    When this returns the broker has it. Raises WireError; the reason names the broker, never the log-in.
    """
    where = f"mqtt://{broker.host}:{broker.port}"
    try:
        async with aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=broker.name,
            tls_context=broker.tls,
            timeout=TIMEOUT_S,
        ) as client:
            await client.publish(topic, body, qos=_AT_LEAST_ONCE, retain=retain)
    except aiomqtt.MqttError as error:
        refused = isinstance(error, aiomqtt.MqttCodeError)
        kind = FailureKind.AUTH if refused else FailureKind.REFUSED
        raise WireError(kind, f"{where}: the message was not taken: {error}") from None
    except (OSError, ValueError) as error:
        raise WireError(FailureKind.REFUSED, f"{where}: no connection: {error}") from None
