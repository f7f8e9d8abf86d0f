"""Who is where, and what people call it: as the inventory says it, or as it was when a report was issued. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from noc.availability.policy import Policy
from noc.availability.windows import Above
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.part import part_name
from noc.reports.frame.asked import EVERYTHING, Answer


@dataclass(frozen=True, slots=True)
class Leased:
    """A circuit as its claim tells of it. site: an entity. provider: None where nobody knows whose it is."""

    entity: str
    name: str
    kind: str
    site: str
    provider: str | None
    reference: str


class Directory(Protocol):
    """What a report must know beside figures."""

    def said(self, entity: str) -> str | None:
        """Return what people call an entity that isn't part of a device; None where it isn't there."""
        ...

    def self_and_above(self, entity: str) -> Collection[str]:
        """Return an entity and each that it is below."""
        ...

    def places(self) -> Sequence[str]:
        """Return the regions and the sites."""
        ...

    def circuits(self) -> Sequence[Leased]:
        """Return the circuits."""
        ...


class OfInventory:
    """A directory of now."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def said(self, entity: str) -> str | None:
        """Return what people call an entity."""
        found = self._inventory.entity(entity)
        return None if found is None else found.name

    def self_and_above(self, entity: str) -> Collection[str]:
        """Return an entity and each that it is below."""
        return tuple(self_and_above(self._inventory, entity))

    def places(self) -> Sequence[str]:
        """Return the regions and the sites."""
        inventory = self._inventory
        return [
            *(one.entity for one in inventory.regions.values()),
            *(one.entity for one in inventory.sites.values()),
        ]

    def circuits(self) -> Sequence[Leased]:
        """Return the circuits."""
        return [
            Leased(one.entity, one.name, one.kind, f"site/{one.site}", one.provider, one.provider_reference or "")
            for one in self._inventory.circuits.values()
        ]


class OfLedger:
    """A directory of a record of the ledger, for reports that the ledger alone gives.

    Who was there, and below whom, is what the policy says that the ledger kept; names and providers are those of now.
    """

    def __init__(self, policy: Policy, inventory: Inventory) -> None:
        self._policy = policy
        self._now = OfInventory(inventory)
        self._above = Above.by(policy)
        self._there = _there(policy)

    def said(self, entity: str) -> str | None:
        """Return what people call an entity now."""
        return self._now.said(entity) or (entity.partition("/")[2] if entity in self._there else None)

    def self_and_above(self, entity: str) -> Collection[str]:
        """Return an entity and each that it was below."""
        return self._above.self_and_above(entity)

    def places(self) -> Sequence[str]:
        """Return the regions and the sites."""
        return [*self._policy.regions, *self._policy.sites]

    def circuits(self) -> Sequence[Leased]:
        """Return the circuits."""
        known = {one.entity: one for one in self._now.circuits()}
        return [
            replace(known.get(entity, _nobodys(entity)), site=_site_above(self._above, entity))
            for entity in _circuits(self._there)
        ]


class OfIssue:
    """A directory of the moment at which a report was issued.

    Who was there, and below whom, is what the policy says that the ledger kept. What people called it, who its provider
    was and what was promised of it is in no record: that is taken from the report's own words.
    """

    def __init__(self, policy: Policy, answer: Answer) -> None:
        self._policy = policy
        self._above = Above.by(policy)
        self._there = _there(policy)
        self._names: dict[str, str] = {}
        self._targets: dict[str, float | None] = {}
        self._leased: dict[str, Leased] = {}
        self._take(answer.model_dump(mode="json"), EVERYTHING)

    def said(self, entity: str) -> str | None:
        """Return what people called an entity."""
        return self._names.get(entity, entity.partition("/")[2] if entity in self._there else None)

    def self_and_above(self, entity: str) -> Collection[str]:
        """Return an entity and each that it was below."""
        return self._above.self_and_above(entity)

    def places(self) -> Sequence[str]:
        """Return the regions and the sites."""
        return [*self._policy.regions, *self._policy.sites]

    def circuits(self) -> Sequence[Leased]:
        """Return the circuits: those that the report tells of have a provider, and no others."""
        return [self._leased.get(entity, _nobodys(entity)) for entity in _circuits(self._there | self._leased.keys())]

    def target_of(self, entity: str) -> Fraction | None:
        """Return what was promised of an entity, in percent."""
        found = self._targets.get(entity)
        return None if found is None else Fraction(repr(found))

    def _take(self, value: object, entity: str) -> None:
        """Take words from plain data. entity: whose data it is, where it doesn't say so itself."""
        if isinstance(value, list):
            for inner in value:
                self._take(inner, entity)
        elif isinstance(value, dict):
            entity = str(value.get("entity", entity))
            if "name" in value:
                self._names.setdefault(entity, str(value["name"]))
            if "target_pct" in value:
                self._targets.setdefault(entity, value["target_pct"])
            for inner in value.values():
                self._take(inner, entity)
            if "provider" in value:
                self._take_claim(entity, value)

    def _take_claim(self, entity: str, claim: Mapping[str, object]) -> None:
        site = _site_above(self._above, entity)
        self._names.setdefault(site, str(claim["site"]))
        words = (str(claim[key]) for key in ("kind", "provider", "reference"))
        kind, provider, reference = words
        self._leased[entity] = Leased(entity, self._names.get(entity, ""), kind, site, provider, reference)


def _there(policy: Policy) -> set[str]:
    return policy.entities().union(*policy.below.values())


def _circuits(entities: Collection[str]) -> list[str]:
    return sorted(entity for entity in entities if entity.startswith("circuit/"))


def _nobodys(entity: str) -> Leased:
    return Leased(entity, entity.partition("/")[2], "", "", None, "")


def _site_above(above: Above, entity: str) -> str:
    return next((name for name in above.self_and_above(entity) if name.startswith("site/")), "")


def name_of(directory: Directory, entity: str) -> str:
    """Return what people call an entity; of a part, its device and its own; its id where it isn't there."""
    found, part = directory.said(entity), part_name(entity)
    if found is not None:
        return found
    if part is not None:
        return f"{name_of(directory, part.owner)} · {part.name}"
    return entity.partition("/")[2] or entity


def told_of(of: str, directory: Directory) -> Callable[[str], bool]:
    """Return what says of an entity whether a report of `of` tells of it. Raises UsageError where `of` is nothing."""
    if of == EVERYTHING:
        return lambda _: True
    if directory.said(of) is None:
        hint = did_you_mean(of, directory.places())
        raise UsageError(f"'{of}' is not in the inventory{hint}; write network, region/… or site/…")
    return lambda entity: of in directory.self_and_above(entity)
