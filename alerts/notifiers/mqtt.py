"""MQTT: a message on a topic of its reader, and the incident on a topic of its own, which the broker keeps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from alerts.messages import clean
from alerts.notifiers._facts import incident_data, is_over, key_of, letter_data, message_data
from alerts.notifiers._http import is_private
from alerts.notifiers._ports import Letter, Message, Notifier, NotifyError
from alerts.notifiers._templates import json_body
from noc.clock import Clock
from noc.inventory.values import Port
from noc.model.errors import UsageError
from noc.settings.schema import Duration
from noc.settings.schema import Settings as BaseSettings
from noc.settings.secrets import SecretReference
from noc.wire.errors import WireError
from noc.wire.http import Tls
from noc.wire.mqtt import Broker, Publication, publish_all

PORTS: Final = {True: 8883, False: 1883}
INCIDENT_TOPIC: Final = "noc/v1/incident"

_HOST: Final = re.compile(r"[A-Za-z0-9._:-]{1,253}\Z")
_LEVEL: Final = re.compile(r"[^\x00-\x1f\x7f+#]{1,200}\Z")


def _host(text: str) -> str:
    if _HOST.match(text) is None:
        raise ValueError(f"'{text[:60]}' is no name or address of a broker; write mqtt.example.org")
    return text


def _topic(text: str) -> str:
    if _LEVEL.match(text) is None or text.startswith("$") or "{to}" not in text:
        raise ValueError("write a topic without + and #, in which {to} is the reader: noc/v1/notice/{to}")
    return text


class Settings(BaseSettings):
    """Which broker hears of messages. A person's address for mqtt is a level of the topic: `desk/nairobi`."""

    kind: Literal["mqtt"] = "mqtt"
    """The notifier's kind."""
    host: Annotated[str, AfterValidator(_host)]
    """Name or address of the broker."""
    port: Port | None = None
    """TCP port. Default: 8883 with TLS, else 1883."""
    tls: bool = True
    """Whether the connection is encrypted."""
    ca: Path | None = None
    """File with the certificates (PEM) that the broker's is checked against. Default: the system's."""
    user: Annotated[str, Field(min_length=1)] | None = None
    """Name to log in with. Default: no log-in."""
    password: SecretReference | None = None
    """The password to it."""
    topic: Annotated[str, AfterValidator(_topic)] = "noc/v1/notice/{to}"
    """Where messages go; {to} is the reader's address. They are not retained."""
    incidents: bool = True
    """Whether the incident is published as well, retained while it is open, on noc/v1/incident/NUMBER."""
    timeout: Duration = timedelta(seconds=8)
    """How long each step of the conversation with the broker may take."""

    @model_validator(mode="after")
    def _log_in_is_whole_and_private(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password are given together, or neither")
        if self.user is not None and not self.tls and not is_private(f"http://{self.host}"):
            raise ValueError("a password is not sent over a connection that isn't encrypted: tls: true")
        if self.ca is not None and not self.tls:
            raise ValueError("ca is for connections that are encrypted: tls: true")
        return self


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet. Raises SecretError."""
    password = None if settings.password is None else settings.password.resolve(folder).reveal()
    port = settings.port or PORTS[settings.tls]
    tls = Tls(None if settings.ca is None else folder / settings.ca) if settings.tls else None
    return Mqtt(settings, Broker(settings.host, port, "noc", settings.user, password), tls)


class Mqtt:
    """Publishes. broker: without its TLS, which is read for each message."""

    def __init__(self, settings: Settings, broker: Broker, tls: Tls | None) -> None:
        self._settings = settings
        self._broker = broker
        self._tls = tls

    async def send(self, message: Message) -> None:
        """Publish a message; when this returns the broker has it. Raises NotifyError."""
        await self._publish(message.to, message.key, publications(self._settings, message))

    async def announce(self, letter: Letter) -> None:
        """Publish what a letter says in short, on the topic of its reader. Raises NotifyError."""
        topic = self._settings.topic.replace("{to}", letter.to)
        await self._publish(letter.to, letter.key, [Publication(topic, json_body(letter_data(letter)))])

    async def _publish(self, to: str, key: str, found: Sequence[Publication]) -> None:
        if _LEVEL.match(to) is None:
            raise NotifyError("the address is no level of a topic: it has + or # in it, or is too long", permanent=True)
        # Of one name a broker has one client at a time, and several messages may be under way.
        name = f"noc-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        try:
            tls = None if self._tls is None else self._tls.context()
            broker = replace(self._broker, name=name, tls=tls)
            await publish_all(broker, found, self._settings.timeout.total_seconds())
        except (WireError, UsageError) as error:
            raise NotifyError(clean(str(error))) from error


def publications(settings: Settings, message: Message) -> list[Publication]:
    """Return what is published of a message."""
    found = [Publication(settings.topic.replace("{to}", message.to), json_body(message_data(message)))]
    if settings.incidents:
        data = {**incident_data(message.incident), "title": message.subject, "url": message.url}
        topic = f"{INCIDENT_TOPIC}/{message.incident.id}"
        found.append(Publication(topic, json_body({**data, "key": key_of(message.incident)}), not is_over(message)))
        if is_over(message):
            found.append(Publication(topic, b"", retain=True))
    return found
