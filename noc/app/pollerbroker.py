"""The pollers' broker, as this centre reaches it."""

from __future__ import annotations

from pathlib import Path

from alerts.tellingsettings import MqttSettings
from noc.app.pollersettings import PLAIN_PORT, TLS_PORT
from noc.wire.http import Tls
from noc.wire.mqtt import Broker


def broker_of(settings: MqttSettings, folder: Path, name: str) -> Broker:
    """Return where to connect. folder: of noc.yaml. name: of the client; a broker has one of a name at a time.

    Raises SecretError, and UsageError where the file of certificates can't be read.
    """
    password = None if settings.password is None else settings.password.resolve(folder).reveal()
    tls = Tls(None if settings.ca_file is None else folder / settings.ca_file).context() if settings.tls else None
    port = settings.port or (TLS_PORT if settings.tls else PLAIN_PORT)
    return Broker(settings.host, port, name, settings.username, password, tls)
