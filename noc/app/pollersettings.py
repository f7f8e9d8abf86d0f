"""Settings of remote pollers: the broker between them and this centre, and which group polls what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Reach:
    """Who asks what: devices by their ids, end points as endpoint/ID. scopes: what each group's pollers ask, by group.

    here: what this centre asks beside them.
    """

    scopes: Mapping[str, frozenset[str]]
    here: frozenset[str] = frozenset()

    @property
    def elsewhere(self) -> frozenset[str]:
        """Return what remote pollers alone ask."""
        return frozenset[str]().union(*self.scopes.values()) - self.here

    def several(self, entity: str) -> bool:
        """Return whether an entity is looked at from several places."""
        key = entity.removeprefix("device/")
        return sum(key in scope for scope in self.scopes.values()) + (key in self.here) > 1


def calls_alone(settings: PollersSettings, group: str) -> bool:
    """Return whether the pollers of a group call people by themselves while the centre is silent."""
    return group in settings.groups and settings.groups[group].autonomy


def devices_of(group: PollerGroup, inventory: Inventory) -> frozenset[str]:
    """Return the ids of a group's devices."""
    found = {entity.removeprefix("device/") for entity in group.scope if entity.startswith("device/")}
    found &= inventory.devices.keys()
    return frozenset(
        found | {device.id for site in sites_of(group, inventory) for device in inventory.devices_of(site)}
    )


def endpoints_of(group: PollerGroup, inventory: Inventory) -> frozenset[str]:
    """Return the ids of the end points that a group's pollers ask: those of its sites, but for what the centre asks."""
    found = (one for site in sites_of(group, inventory) for one in inventory.endpoints_of(site))
    return frozenset(one.id for one in found if one.asked_by != "centre")


def sites_of(group: PollerGroup, inventory: Inventory) -> frozenset[str]:
    """Return the ids of the sites in a group's scope, whole ones."""
    found: set[str] = set()
    for entity in group.scope:
        kind, _, name = entity.partition("/")
        if kind == "site":
            found.add(name)
        elif kind == "region":
            found |= {site.id for site in inventory.sites_of(name)}
    return frozenset(found)


def groups_of(settings: PollersSettings, inventory: Inventory) -> dict[str, frozenset[str]]:
    """Return what the pollers of each group share, by its name: devices by their ids, end points as endpoint/ID.

    Something may be in several groups: each of them asks it.
    """
    return {
        name: devices_of(group, inventory) | {f"endpoint/{one}" for one in endpoints_of(group, inventory)}
        for name, group in settings.groups.items()
    }


def reach_of(settings: PollersSettings, inventory: Inventory) -> Reach:
    """Return who asks what."""
    scopes = groups_of(settings, inventory)
    both = [scope for name, scope in scopes.items() if settings.groups[name].from_here]
    return Reach(scopes, frozenset[str]().union(*both))
