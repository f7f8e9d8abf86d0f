"""What the inventory says of how evidence is judged and figures are worked out. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache

from noc.availability.policy import Policy, ProbePolicy
from noc.availability.spans import ALWAYS, BEGINNING, FOREVER, Spans, union
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.inventory.layers import Watch
from noc.inventory.values import Periods
from noc.model.instants import length_ms, to_ms

_FALLBACK = ProbePolicy.probed_every(60_000)
"""For what the inventory no longer holds; its states are in the ledger, so that only skew is asked of it."""


def probe_policy(watch: Watch) -> ProbePolicy:
    """Return how liveness results of a device are judged."""
    return _shared(length_ms(watch.stale_after), length_ms(watch.skew), watch.confirm_down, watch.confirm_up)


def part_policy(watch: Watch, every: timedelta = timedelta()) -> ProbePolicy:
    """Return how parts of a device are judged, and circuits that it tells of: as the device, at the rhythm of polls.

    every: of what is asked more rarely, by SSH.
    """
    probed = probe_policy(watch)
    interval_ms, poll_ms = length_ms(watch.interval), length_ms(max(watch.poll_interval, every))
    stale_after = max(1, probed.stale_after * poll_ms // interval_ms)
    return _shared(stale_after, probed.skew * poll_ms // interval_ms, probed.confirm_down, probed.confirm_up)


@lru_cache(maxsize=1024)
def _shared(stale_after: int, skew: int, confirm_down: int, confirm_up: int) -> ProbePolicy:
    """Return one object for equal policies: a network has few, and judges a hundred thousand entities by them."""
    return ProbePolicy(stale_after, skew, confirm_down, confirm_up)


def spans_of(periods: Periods) -> Spans:
    """Return times in service as spans; always, where there is none."""
    if not periods:
        return ALWAYS
    return union(
        (
            BEGINNING if period.start is None else to_ms(period.start),
            FOREVER if period.end is None else to_ms(period.end),
        )
        for period in periods
    )


def circuit_policies(inventory: Inventory) -> dict[str, ProbePolicy]:
    """Return how circuits are judged, those of which some device can tell."""
    found: dict[str, ProbePolicy] = {}
    for circuit in inventory.circuits.values():
        names = [circuit.probe] if circuit.probe is not None else [circuit.a, circuit.z]
        devices = [inventory.devices.get(one.device) for one in names if one is not None]
        policies = [part_policy(device.watch) for device in devices if device is not None]
        if policies:
            found[circuit.entity] = max(policies, key=lambda policy: policy.stale_after)
    return found


def availability_policy(inventory: Inventory) -> Policy:
    """Return how the figures of a network are worked out (docs/availability.md)."""
    devices, sites = inventory.devices.values(), inventory.sites.values()
    endpoints = inventory.endpoints.values()
    dated = (devices, sites, endpoints, inventory.circuits.values(), inventory.services.values())
    judged = circuit_policies(inventory)
    return Policy(
        probe=_FALLBACK,
        probes={
            **{device.entity: probe_policy(device.watch) for device in devices},
            **judged,
            **{endpoint.entity: probe_policy(endpoint.watch) for endpoint in endpoints},
        },
        upstream={
            **{device.entity: device.upstream for device in devices if device.upstream},
            **{endpoint.entity: (f"site/{endpoint.site}",) for endpoint in endpoints},
        },
        sites={site.entity: [f"device/{edge}" for edge in site.edge_devices] for site in sites},
        regions={
            region.entity: [site.entity for site in inventory.sites_of(region.id)]
            for region in inventory.regions.values()
        },
        in_service={one.entity: spans_of(one.in_service) for group in dated for one in group if one.in_service},
        named=frozenset(service.entity for service in inventory.services.values()),
        weights={site.entity: Fraction(str(site.weight)) for site in sites if site.weight != 1},
        below={site.entity: _below(inventory, site) for site in sites},
        paths={site.entity: _paths(inventory, site, judged.keys()) for site in sites},
    )


def _below(inventory: Inventory, site: Site) -> tuple[str, ...]:
    """Return what stands below a site beside its edge devices."""
    edges = {f"device/{edge}" for edge in site.edge_devices}
    of_site = (inventory.devices_of(site.id), inventory.circuits_of(site.id), inventory.endpoints_of(site.id))
    return tuple(one.entity for group in of_site for one in group if one.entity not in edges)


def _paths(inventory: Inventory, site: Site, circuits: Collection[str]) -> tuple[str, ...]:
    """Return what a site may have more than one of: edge devices, next hops of these, and circuits that are watched."""
    edges = [inventory.devices[edge] for edge in site.edge_devices if edge in inventory.devices]
    hops = [hop for edge in edges if len(edge.upstream) > 1 for hop in edge.upstream]
    lines = [one.entity for one in inventory.circuits_of(site.id) if one.entity in circuits]
    return tuple(dict.fromkeys((*(edge.entity for edge in edges), *hops, *lines)))
