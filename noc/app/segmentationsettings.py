"""What must not reach what: `segmentation:` of the settings, and what it means for an inventory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_network
from itertools import product
from typing import Annotated, Final, Self

from pydantic import Field, field_validator, model_validator

from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.values import AddressField, Network, NetworkField, Port, Time, Word
from noc.model.instants import length_ms, to_ms
from noc.pipeline.segmentation import TARGETS_AT_MOST, Excepted, Pair, Wall, within
from noc.settings.schema import Duration, Settings

SHORTEST: Final = timedelta(minutes=15)

Who = Annotated[str, Field(min_length=1, max_length=200)]


class SegmentSettings(Settings):
    """A part of the network: all that one of these names."""

    networks: tuple[NetworkField, ...] = ()
    """Networks, such as 10.20.0.0/16."""
    sites: tuple[Word, ...] = ()
    """Sites, by id: their subnets, and the addresses of their devices."""
    tags: tuple[Word, ...] = ()
    """Devices with one of these tags."""

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not (self.networks or self.sites or self.tags):
            raise ValueError("a segment needs networks, sites or tags")
        return self


class ExceptionSettings(Settings):
    """What may be reached all the same, for a time."""

    to: NetworkField
    """The address or network that may be reached."""
    ports: tuple[Port, ...] = ()
    """At these ports of TCP. Default: all, and by ICMP."""
    owner: Who
    """Who answers for it."""
    until: Time
    """From then on it is a breach again, 2027-03-31T00:00:00Z."""
    why: Annotated[str, Field(max_length=1000)] = ""
    """The reason."""


class StatementSettings(Settings):
    """One segment must not reach another."""

    origin: Word = Field(alias="from")
    """The segment that must not reach the other."""
    must_not_reach: Word
    """The segment that must not be reached."""
    ports: tuple[Port, ...] = ()
    """At these ports of TCP."""
    icmp: bool = False
    """Nor by ICMP echo."""
    targets: tuple[AddressField, ...] = ()
    """Addresses that are asked, in turn. Default: the devices of the segment, 64 at most."""
    pollers: tuple[Word, ...] = ()
    """Names of pollers that ask. Default: this one, where its own address is in the segment `from`."""
    every: Duration = timedelta(hours=1)
    """How often it is asked, every 15 minutes at most; never more than five probes an hour."""
    silence_holds: bool = False
    """Silence is a proof even where nobody sees that what was asked is up."""
    owner: Annotated[str, Field(max_length=200)] = ""
    """Who answers for the wall."""
    exceptions: tuple[ExceptionSettings, ...] = ()
    """What may be reached all the same, for a time."""

    @field_validator("every")
    @classmethod
    def _not_too_often(cls, every: timedelta) -> timedelta:
        if every < SHORTEST:
            raise ValueError("a statement is proved every 15m at most")
        return every

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.ports and not self.icmp:
            raise ValueError("a statement needs ports, or icmp: true")
        if self.origin == self.must_not_reach:
            raise ValueError("a segment can't be kept from itself: `from` and `must_not_reach` are the same")
        return self


class SegmentationSettings(Settings):
    """What must not reach what."""

    segments: dict[Word, SegmentSettings] = Field(default_factory=dict)
    """Parts of the network, by a word of yours."""
    statements: dict[Word, StatementSettings] = Field(default_factory=dict)
    """What must not reach what, by a word of yours: its incidents are of `segment/WORD`."""


def statements_of(settings: SegmentationSettings, inventory: Inventory) -> tuple[Wall, ...]:
    """Return what is to be proved. Statements of unknown segments are left out: `noc check` tells of them."""
    known = {name: tuple(networks_of(one, inventory)) for name, one in settings.segments.items()}
    return tuple(
        _statement(name, one, known[one.origin], known[one.must_not_reach], inventory)
        for name, one in settings.statements.items()
        if one.origin in known and one.must_not_reach in known
    )


def networks_of(segment: SegmentSettings, inventory: Inventory) -> Iterator[Network]:
    """Yield the networks of a segment; a device is a network of one address."""
    yield from segment.networks
    for site in segment.sites:
        if site in inventory.sites:
            yield from inventory.sites[site].subnets
            yield from map(_alone, inventory.devices_of(site))
    if segment.tags:
        wanted = set(segment.tags)
        yield from (_alone(one) for one in inventory.devices.values() if wanted & set(one.tags))


def _alone(device: Device) -> Network:
    return ip_network(str(device.address))


def _statement(
    name: str, one: StatementSettings, origin: tuple[Network, ...], target: tuple[Network, ...], inventory: Inventory
) -> Wall:
    return Wall(
        name=name,
        origin_name=one.origin,
        target_name=one.must_not_reach,
        origin=origin,
        target=target,
        ports=one.ports,
        icmp=one.icmp,
        pairs=tuple(_pairs(one, _targets(one, origin, target, inventory))),
        every_ms=length_ms(one.every),
        owner=one.owner,
        trusting=one.silence_holds,
        pollers=one.pollers,
        exceptions=tuple(_excepted(one.exceptions)),
    )


def _targets(
    one: StatementSettings, origin: Sequence[Network], target: Sequence[Network], inventory: Inventory
) -> list[str]:
    if one.targets:
        return [str(address) for address in one.targets]
    devices = (device.address for device in inventory.devices.values())
    inside = [str(address) for address in devices if within(address, target) and not within(address, origin)]
    return inside[:TARGETS_AT_MOST]


def _pairs(one: StatementSettings, targets: Iterable[str]) -> Iterator[Pair]:
    asked: list[int | None] = [*one.ports, *([None] if one.icmp else [])]
    yield from dict.fromkeys(product(targets, asked))


def _excepted(written: Iterable[ExceptionSettings]) -> Iterator[Excepted]:
    for one in written:
        yield Excepted(one.to, frozenset(one.ports), to_ms(one.until), one.owner)
