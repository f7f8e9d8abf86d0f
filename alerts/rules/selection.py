"""For whom a rule is: devices, end points, services, and the greater things that have numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Service, Site
from noc.inventory.inventory import Inventory
from noc.inventory.layers import AUTO_PROFILE

NETWORK: Final = "network"


@dataclass(frozen=True, slots=True)
class Whole:
    """What stands at no site: `network`, `region/africa`, `poller/here`. region: the one that it is."""

    entity: str
    region: str | None = None


Subject = Device | Endpoint | Service | Circuit | Site | Whole
"""Whose numbers and events rules look at."""


def subject_of(
    inventory: Inventory, entity: str, pollers: Callable[[], Collection[str]]
) -> tuple[Subject, Site | None] | None:
    """Return what an entity's name stands for, and the site where it stands; None where there is no such thing.

    pollers: gives the names of this noc and of its remote pollers.
    """
    kind, _, name = entity.partition("/")
    if entity == NETWORK or (kind == "poller" and name in pollers()):
        return Whole(entity), None
    match inventory.entity(entity):
        case Site() as site:
            return site, site
        case (Device() | Endpoint() | Circuit()) as placed:
            return placed, inventory.sites.get(placed.site)
        case Service() as service:
            return service, None
    return (Whole(entity, name), None) if kind == "region" and name in inventory.regions else None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which devices a rule is for. What is empty or None takes all; what is given must all fit.

    patterns: what is written for `devices`, for people.
    """

    classes: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    site_classes: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    device_tags: frozenset[str] = frozenset()
    devices: re.Pattern[str] | None = None
    profiles: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    @property
    def shown(self) -> dict[str, list[str]]:
        """Return what is given, by the key under which it is written."""
        given = {
            "classes": sorted(self.classes),
            "profiles": sorted(self.profiles),
            "regions": sorted(self.regions),
            "site_classes": sorted(self.site_classes),
            "sites": sorted(self.sites),
            "device_tags": sorted(self.device_tags),
            "devices": list(self.patterns),
        }
        return {key: names for key, names in given.items() if names}

    def matches(self, subject: Subject | None, site: Site | None, profile: str | None = None) -> bool:
        """Tell whether a device, an end point or a service is among them. None: a circuit, of which nobody is asked.

        site: where it stands; None: nowhere, as a service. profile: that a device was found to have.
        """
        tags = subject.tags if isinstance(subject, Device | Endpoint | Service) else ()
        if self.device_tags and self.device_tags.isdisjoint(tags):
            return False
        if not isinstance(subject, Device):
            of_devices = self.classes or self.profiles or self.devices is not None
            region = subject.region if isinstance(subject, Whole) else None
            return not of_devices and self._matches_site(site, region)
        return (
            (not self.classes or subject.device_class in self.classes)
            and (self.devices is None or self.devices.match(subject.id) is not None)
            and (not self.profiles or profile_of(subject, profile) in self.profiles)
            and self._matches_site(site, None)
        )

    def _matches_site(self, site: Site | None, region: str | None) -> bool:
        if site is None:
            return not (self.sites or self.site_classes) and (not self.regions or region in self.regions)
        return (
            (not self.sites or site.id in self.sites)
            and (not self.site_classes or site.site_class in self.site_classes)
            and (not self.regions or site.region in self.regions)
        )

    @property
    def closeness(self) -> tuple[bool, ...]:
        """Return how closely devices are spoken of; of two, the greater speaks more closely."""
        return (
            self.devices is not None,
            bool(self.device_tags),
            bool(self.sites),
            bool(self.site_classes),
            bool(self.regions),
            bool(self.profiles),
            bool(self.classes),
        )


def profile_of(device: Device, found: str | None) -> str | None:
    """Return the profile of a device: the one that the inventory names, else the one that it was found to have."""
    return found if device.watch.profile == AUTO_PROFILE else device.watch.profile
