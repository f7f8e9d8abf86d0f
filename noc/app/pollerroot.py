"""Settings of a poller's own file, `poller.yaml`: who it is, where it keeps things. What it asks, the centre says."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from alerts.tellingsettings import FilePath
from collectors.receivers._settings import ReceiverSettings
from noc.app.includes import read_merged
from noc.app.paths import near
from noc.bus import identity
from noc.bus.identity import Identity
from noc.bus.packing import PackingError
from noc.inventory.values import ByteCount
from noc.model.errors import UsageError
from noc.settings.schema import Duration, Settings, validate_data
from noc.wire.mqtt import Broker

_OTHERS: Final = 0o077


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError(f"'{text[:60]}' is no IP address; write 127.0.0.1 for this machine alone") from None


class PollerSpoolSettings(Settings):
    """Frames wait here, on disk, until the centre has stored them."""

    budget: Annotated[ByteCount, Field(ge=1_000_000)] = 67_108_864
    """What it may take of the disk, 1MB at least; an eighth of it is for bases. Beyond it the oldest frames are shed,
    and counted."""


class PollerHttpSettings(Settings):
    """`/healthz` and `/metrics`. They ask for no log-in: default is this machine alone."""

    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1"
    """IP address to listen on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8081
    """TCP port; 0 takes a free one."""


class PollerSettings(Settings):
    """All settings of a poller. Paths are relative to the folder of the file."""

    identity: FilePath = Path("identity.json")
    """The file that `noc poller enrol` wrote at the centre."""
    state_dir: FilePath = Path("/var/lib/noc-poller")
    """Folder for what must survive a restart."""
    spool: PollerSpoolSettings = PollerSpoolSettings()
    """Where frames wait for the centre."""
    http: PollerHttpSettings = PollerHttpSettings()
    """Where those who watch the poller itself ask."""
    receivers: ReceiverSettings = ReceiverSettings()
    """What devices send by themselves: traps and syslog."""
    newcomer: Duration = timedelta(seconds=10)
    """So long before it takes its share of the group's devices a poller says that it will; the others let go then."""


@dataclass(frozen=True, slots=True)
class PollerRoot:
    """A poller's settings. folder: of the file. state_dir: whole."""

    settings: PollerSettings
    identity: Identity
    folder: Path

    @property
    def state_dir(self) -> Path:
        """Return the folder of the state."""
        return self.folder / self.settings.state_dir

    def broker(self) -> Broker:
        """Return the broker as this poller reaches it. Raises UsageError where the identity's CA can't be used."""
        who = self.identity
        name = f"noc-poller-{who.poller}"
        return Broker(who.host, who.port, name, who.user, who.password, _trusting(who) if who.tls else None)


def read_root(config: Path, environment: Mapping[str, str]) -> PollerRoot:
    """Return what a poller's file says. Raises InputError with all findings, UsageError where there is no identity."""
    config = near(config)
    merged, _, findings = read_merged(config, environment)
    for finding in findings:
        raise UsageError(str(finding))
    settings = validate_data(PollerSettings, merged.data, merged)
    path = config.parent / settings.identity
    hint = "`noc poller enrol NAME` at the centre writes it; bring it here on a way that nobody else reads"
    try:
        octets, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}: {hint}") from None
    if mode & _OTHERS:
        raise UsageError(f"{path}: others may read it, and it holds secrets: chmod 600 {path}")
    try:
        return PollerRoot(settings, identity.read(octets, Identity), config.parent)
    except PackingError as error:
        raise UsageError(f"{path}: {error}") from None


def _trusting(who: Identity) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=who.ca or None)
    except ssl.SSLError:
        raise UsageError(f"the identity of {who.poller} holds no certificate in PEM as `ca`: enrol it anew") from None
