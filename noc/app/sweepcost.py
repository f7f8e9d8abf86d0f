"""What a sweep would take of lines with a byte budget, reckoned before it begins. Pure.

A sweep runs in a process of its own. The daemon counts what it took (noc.app.swept, ADR 0015), but doesn't bound it. So
it asks no address behind a budget unless a person says so, knowing about what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from noc.discovery.probe import PINGS
from noc.discovery.ranges import Addresses, Span
from noc.discovery.settings import DiscoverySettings
from noc.inventory.inventory import Inventory
from noc.inventory.values import Network
from noc.scheduling.budgets import holders_of, limits_of
from noc.scheduling.octets import CONNECT, ECHO, REDISCOVERY_GUESS

AROUND: Final[Mapping[int, int]] = {4: 24, 6: 120}
"""By version of IP: what belongs to a site around its devices, where no networks are written for it."""

LOG_IN: Final = 200
"""Octets of one try to log in by SNMP, question and answer, with headers."""


@dataclass(frozen=True, slots=True)
class Line:
    """A site or circuit with a budget. limit: octets an hour. devices: addresses of the inventory behind it."""

    holder: str
    limit: int
    networks: tuple[Network, ...]
    devices: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sweep takes of a line. known: octets where only the inventory's devices answer; all: where all do."""

    line: Line
    addresses: int
    known: int
    all: int

    def told(self, spent: int) -> str:
        """Return it for an operator. spent: octets that the daemon spent in the last hour, as it wrote down."""
        return (
            f"{self.line.holder} has a byte budget of {_kib(self.line.limit)} an hour, {_kib(spent)} of it spent in "
            f"the last: {self.addresses:,} of these addresses are behind it, which takes about {_kib(self.known)} "
            f"where only devices of the inventory answer, {_kib(self.all)} where all do"
        )


def lines_of(inventory: Inventory) -> list[Line]:
    """Return the lines with a budget, each with the networks behind it: those of its sites, else around its devices."""
    limits = dict(limits_of(inventory))
    networks: dict[str, list[Network]] = {holder: [] for holder in limits}
    devices: dict[str, list[Network]] = {holder: [] for holder in limits}
    for site in inventory.sites.values():
        for holder in holders_of(inventory, site.id):
            networks[holder] += networks_of(inventory, site.id)
            devices[holder] += _devices(inventory, site.id)
    return [Line(key, limit, tuple(networks[key]), tuple(devices[key])) for key, limit in limits.items()]


def networks_of(inventory: Inventory, site: str) -> list[Network]:
    """Return what belongs to a site: the networks written for it, else those around its devices; and its devices."""
    return [*(inventory.sites[site].subnets or _around(inventory, site)), *_devices(inventory, site)]


def costs(lines: Iterable[Line], addresses: Addresses, settings: DiscoverySettings) -> Iterator[Cost]:
    """Yield what a sweep of these addresses takes of each line, where it is anything."""
    ping = settings.ping == "first"
    log_ins = settings.max_wrong_log_ins * LOG_IN + CONNECT
    silent = ECHO * PINGS if ping else log_ins
    answers = (2 * ECHO * PINGS if ping else 0) + log_ins + REDISCOVERY_GUESS
    for line in lines:
        count, known = _both(addresses, line.networks), _both(addresses, line.devices)
        if count:
            yield Cost(line, count, known * answers + (count - known) * silent, count * answers)


def _around(inventory: Inventory, site: str) -> Iterator[Network]:
    others = [device.address for device in inventory.devices.values() if device.site != site]
    near = {ip_network((one.address, AROUND[one.address.version]), strict=False) for one in inventory.devices_of(site)}
    yield from (network for network in near if not any(other in network for other in others))


def _devices(inventory: Inventory, site: str) -> list[Network]:
    return [ip_network(device.address) for device in inventory.devices_of(site)]


def _both(addresses: Addresses, networks: Iterable[Network]) -> int:
    """Return how many addresses are in these networks."""
    behind = Addresses(Span(one.version, int(one.network_address), int(one.broadcast_address)) for one in networks)
    return sum(
        max(0, min(one.last, other.last) - max(one.first, other.first) + 1)
        for one in addresses.spans
        for other in behind.spans
        if one.version == other.version
    )


def _kib(octets: int) -> str:
    return f"{octets / 1024:,.0f} KiB"
