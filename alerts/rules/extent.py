"""For how much a rule holds: entities of the inventory, and series that were told of. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from alerts.rules.compiled import DownKind, DownRule, Judged, Rules, ThresholdRule
from alerts.rules.selection import NETWORK, Subject, Whole, profile_of
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Service, Site
from noc.inventory.inventory import Inventory
from noc.model.part import PART_KINDS
from noc.model.samples import Samples

_OF_DEVICES: Final[tuple[DownKind, ...]] = ("device", *PART_KINDS)

Found = Callable[[str], str | None]
"""Gives the profile that a device was found to have, by its entity."""

Placed = tuple[Subject, Site | None]


def entities_of(rules: Rules, inventory: Inventory, found: Found, pollers: Iterable[str]) -> Mapping[str, int]:
    """Return for how many entities each rule holds, by name; a rule that holds for none is there with 0.

    Of a rule of kind `down` these are devices, circuits, end points and services for which no other rule speaks more
    closely; for parts of devices the devices are counted, because only these tell which parts there are. Of a rule over
    events these are the devices whose events count. pollers: the names of this noc
    and of its remote pollers.
    """
    counts: Counter[str] = Counter({rule.name: 0 for rule in rules.all})
    named = any(rule.selection.devices is not None for rule in rules.all)
    placed = any(rule.selection.sites for rule in rules.all)
    alike: Counter[tuple[str, ...]] = Counter()
    examples: dict[tuple[str, ...], tuple[Device, Site | None, str | None]] = {}
    for device in inventory.devices.values():
        # A fleet has few kinds of devices, as rules see them: each kind is asked once.
        site, profile = inventory.sites.get(device.site), found(device.entity)
        where = (device.site,) if placed or site is None else (site.region, site.site_class)
        kind = (device.device_class, *where, profile_of(device, profile) or "", *device.tags)
        kind = (*kind, device.id) if named else kind
        alike[kind] += 1
        examples.setdefault(kind, (device, site, profile))
    for kind, (device, site, profile) in examples.items():
        for name in _of_device(rules, device, site, profile):
            counts[name] += alike[kind]
    for subject, site in _others(inventory, pollers):
        counts.update(_of_other(rules, subject, site))
    return counts


def series_in(rule: Judged, tables: Sequence[Samples]) -> int:
    """Return how many rows of tables a rule looks at. tables: of the measurement whose rows it looks at."""
    counted = 0
    for table in tables:
        if isinstance(rule, ThresholdRule) and rule.field not in table.field_keys:
            continue
        if not rule.tags and not rule.left_out:
            counted += len(table.values)
            continue
        places = {tag: number for number, tag in enumerate(table.tag_keys)}
        for told in table.tags:
            wanted = all(tag in places and told[places[tag]] == value for tag, value in rule.tags)
            unwanted = any(tag in places and fits.match(told[places[tag]]) for tag, fits in rule.left_out)
            counted += wanted and not unwanted
    return counted


def _of_device(rules: Rules, device: Device, site: Site | None, profile: str | None) -> Iterator[str]:
    down = {rules.down_for(device, site, of) for of in _OF_DEVICES}
    yield from (rule.name for rule in down if rule is not None)
    yield from (rule.name for rule in rules.judged if "device" in rule.of and rule.matches(device, site, profile))
    yield from (rule.name for rule in rules.events if rule.matches(device, site, profile))


def _others(inventory: Inventory, pollers: Iterable[str]) -> Iterator[Placed]:
    sites = inventory.sites
    yield Whole(NETWORK), None
    yield from ((Whole(f"poller/{name}"), None) for name in pollers)
    yield from ((Whole(f"region/{name}", name), None) for name in inventory.regions)
    yield from ((site, site) for site in sites.values())
    yield from ((one, sites.get(one.site)) for one in inventory.circuits.values())
    yield from ((one, sites.get(one.site)) for one in inventory.endpoints.values())
    yield from ((one, None) for one in inventory.services.values())


def _of_other(rules: Rules, subject: Subject, site: Site | None) -> Iterator[str]:
    kind = subject.entity.partition("/")[0]
    down: DownRule | None = None
    if isinstance(subject, Circuit):
        down = rules.down_for(None, site, "circuit")
    elif isinstance(subject, Endpoint):
        down = rules.down_for(subject, site, "endpoint")
    elif isinstance(subject, Service):
        down = rules.down_for(subject, site, "service")
    if down is not None:
        yield down.name
    yield from (rule.name for rule in rules.judged if kind in rule.of and rule.matches(subject, site))
