"""Settings of remote pollers: the broker between them and this centre, and which group polls what."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from alerts.tellingsettings import FilePath, MqttSettings
from noc.inventory.endpoints import Host
from noc.inventory.inventory import Inventory
from noc.inventory.values import Port, Word
from noc.settings.schema import Duration, Settings

TLS_PORT: Final = 8883
PLAIN_PORT: Final = 1883


class PollerGroup(Settings):
    """Pollers that share devices: each of these is polled by one of them, and by another when that one is gone."""

    scope: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(min_length=1)]
    """Whose devices they poll: region/africa, site/nairobi, device/nbo-rtr-1."""
    vantage: Annotated[str, Field(max_length=100)] = ""
    """Where they look from, such as the id of a site; ledger records say it as part of their evidence."""
    from_here: bool = False
    """This centre polls them too: a device is then looked at from both places, and its `down_when` says what it takes
    to be down. So it is where a device is in the scope of several groups."""
    uplink: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    """Entities over which they reach everything, such as device/nbo-rtr-1; several are redundant."""
    budget: Annotated[int, Field(ge=1_000)] | None = None
    """Octets an hour that go to the centre over the broker; None: no bound."""
    autonomy: bool = False
    """One of them opens incidents of its scope and calls people by itself while the centre is silent."""
    autonomy_after: Duration = timedelta(minutes=3)
    """How long the centre is silent before that."""
    autonomy_policy: Word | None = None
    """The policy of `alerts` by which it calls, such as that of its own desk. Default: those of the rules."""
    autonomy_notifiers: tuple[Word, ...] | None = None
    """The notifiers that it may use; their secrets go to it. Default: all."""


class PollersSettings(Settings):
    """Remote pollers. Devices in the scope of a group are polled by its pollers, and not from here."""

    broker: MqttSettings | None = None
    """Over which pollers and this centre speak; as this centre reaches it."""
    address: Host | None = None
    """Name or address of the broker as pollers reach it. Default: as the centre does."""
    port: Port | None = None
    """Its port as pollers reach it. Default: as the centre does."""
    broker_files: FilePath | None = None
    """The folder that `noc broker config` wrote; who is enrolled is written there too."""
    groups: dict[Word, PollerGroup] = Field(default_factory=dict)
    """Groups of pollers, by name."""
    lost_after: Duration = timedelta(seconds=60)
    """A poller that says nothing for so long is gone, also where the broker doesn't tell."""
    clock_bound: Duration = timedelta(seconds=2)
    """Times of a poller whose clock is off by more are corrected by the measured offset, and say so."""
    state_out: bool = False
    """Publish statuses and incidents on the broker as well, retained, for screens of others."""


def devices_of(group: PollerGroup, inventory: Inventory) -> frozenset[str]:
    """Return the ids of a group's devices."""
    found: set[str] = set()
    for entity in group.scope:
        kind, _, name = entity.partition("/")
        if kind == "device":
            found |= {name} & inventory.devices.keys()
        sites = [name] if kind == "site" else [site.id for site in inventory.sites_of(name)] if kind == "region" else []
        found |= {device.id for site in sites for device in inventory.devices_of(site)}
    return frozenset(found)


def groups_of(settings: PollersSettings, inventory: Inventory) -> dict[str, frozenset[str]]:
    """Return the ids of each group's devices, by its name. A device may be in several: each of them polls it."""
    return {name: devices_of(group, inventory) for name, group in settings.groups.items()}
