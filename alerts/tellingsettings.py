"""Signs of life, other systems that may speak, links that acknowledge: a part of the settings below `alerts:`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from alerts.lifesettings import LifeSettings
from noc.inventory.endpoints import Host, Url
from noc.inventory.values import Port, Word
from noc.model.incident import Severity
from noc.settings.schema import Duration, Settings, parse_duration
from noc.settings.secrets import SecretReference

TLS_PORT: Final = 8883
PLAIN_PORT: Final = 1883
TOKEN_LENGTH: Final = 16
"""Characters of a source's token, at least."""


def _nameable(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("no path holds a NUL")
    return path


FilePath = Annotated[Path, AfterValidator(_nameable)]
"""A path; a relative one starts from the folder of noc.yaml."""


class MqttSettings(Settings):
    """An MQTT broker."""

    host: Host
    """Name or address."""
    port: Port | None = None
    """Default: 1883, with TLS 8883."""
    tls: bool = False
    """Speak TLS, and check the broker's certificate."""
    ca_file: FilePath | None = None
    """Certificates in PEM that are trusted instead of the system's."""
    username: str | None = None
    """To log in with."""
    password: SecretReference | None = None
    """To log in with."""


class HeartbeatSettings(Settings):
    """noc's own sign of life: whoever gets it, and misses it, knows that nobody is told of anything any more.

    It is given only while transitions are written, incidents are worked on and messages go out.
    """

    every: Duration = timedelta(seconds=30)
    """How often."""
    url: Url | None = None
    """It is sent there by POST, as JSON: a service that calls people when it stays away."""
    mqtt: MqttSettings | None = None
    """It is published as `noc/v1/poller/POLLER/heartbeat`, not retained."""
    file: FilePath | None = None
    """It is written there; whatever watches noc from the same machine looks at its age."""

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.url is None and self.mqtt is None and self.file is None:
            raise ValueError("a heartbeat goes nowhere: give url, mqtt or file")
        return self


class ExpectedHeartbeat(Settings):
    """A sign of life of another system."""

    every: Duration
    """When none comes for so long, an incident opens. Give it twice the time between two of them."""
    severity: Severity = "major"
    """Of that incident."""


class SourceSettings(Settings):
    """Another system that may send alerts (POST /api/v1/alerts) and signs of life (POST /api/v1/heartbeats/NAME)."""

    token: SecretReference
    """What it says in `Authorization: Bearer TOKEN`; 16 characters at least. It opens nothing else of noc."""
    resolve_after: Duration = parse_duration("5m")
    """An alert of it that says no end is over when it wasn't told again for so long."""


class TellingSettings(LifeSettings):
    """What is told beside the policies."""

    ack_links: Duration | None = timedelta(hours=24)
    """How long the link in a message is good with which its reader acknowledges without logging in. null: messages
    have none. They need base_url."""
    heartbeat: HeartbeatSettings | None = None
    """noc's own sign of life."""
    expect_heartbeats: dict[Word, ExpectedHeartbeat] = Field(default_factory=dict)
    """Signs of life of other systems, by name."""
    sources: dict[Word, SourceSettings] = Field(default_factory=dict)
    """Other systems that may send alerts and signs of life, by name."""
