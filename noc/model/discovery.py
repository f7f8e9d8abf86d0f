"""What a sweep of the network finds, what people decide about it, and where inventory and network disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

Way = Literal["icmp", "snmp", "ssh"]
"""By what a device answered."""

ProposalState = Literal["new", "accepted", "ignored"]
PROPOSAL_STATES: Final[tuple[ProposalState, ...]] = get_args(ProposalState)

DriftKind = Literal[
    "silent", "no-snmp", "name", "serial", "model", "profile", "class", "other-device", "twice", "neighbour"
]
"""silent: answers no more. no-snmp: answers, but not by SNMP. name, serial, model, profile, class: differ from what
holds. other-device: another device of the inventory answers at its address. twice: two devices of the inventory are
one. neighbour: it hears a neighbour that the inventory lacks."""
DRIFT_KINDS: Final[tuple[DriftKind, ...]] = get_args(DriftKind)

TEXT_AT_MOST: Final = 255
NEIGHBOURS_AT_MOST: Final = 500
ADDRESSES_AT_MOST: Final = 500
"""Of one device: an agent may claim anything."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A neighbour that a device hears by LLDP or CDP. port: the neighbour's. address: to manage it by, if it told."""

    protocol: str
    local_port: str | None
    name: str | None
    port: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A device as it was found.

    address: the best one to manage it by; addresses: all on which it answered. own: those that it says are its own.
    networks: that it is connected to. ways: by what it answered. snmp_port, credentials: by which it answered to SNMP.
    profile: that fits; what the profile reads of vendor, os, version, model, serial, device_class. banner: of SSH.
    site: where it may stand, site_why: why. heard_from: the device that told of it, by name or address.
    Text is the device's, without control characters and cut.
    """

    address: str
    addresses: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    snmp_port: int = 161
    credentials: str | None = None
    profile: str | None = None
    sys_name: str | None = None
    sys_descr: str | None = None
    sys_object_id: str | None = None
    location: str | None = None
    engine_id: str | None = None
    vendor: str | None = None
    os: str | None = None
    version: str | None = None
    model: str | None = None
    serial: str | None = None
    device_class: str | None = None
    banner: str | None = None
    own: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    site: str | None = None
    site_why: str | None = None
    heard_from: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A device that somebody may take into the inventory. Times in milliseconds of the Unix epoch.

    device: its id in the inventory, once accepted. who: decided, when: decided_ms.
    """

    id: int
    state: ProposalState
    found: Found
    first_ms: int
    last_ms: int
    device: str | None = None
    who: str | None = None
    decided_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing in which inventory and network disagree.

    device: its id. subject: what else it is about (the other device, the neighbour), else empty. expected: what holds;
    seen: what the network says. since_ms: when it was first seen, last_ms: last.
    """

    device: str
    kind: DriftKind
    subject: str = ""
    expected: str | None = None
    seen: str | None = None
    since_ms: int = 0
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class SiteLook:
    """When a site was last looked at for drift. looked_at: so many of its devices something could be said of."""

    site: str
    at_ms: int
    looked_at: int
    devices: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a device of the inventory said of itself when people last took its word for it."""

    device: str
    at_ms: int
    sys_name: str | None = None
    serial: str | None = None
    model: str | None = None
    profile: str | None = None
    device_class: str | None = None
    engine_id: str | None = None


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """A sweep that was begun. targets, excluded: as text. position: so many of `total` addresses are done.

    ended_ms: None while it isn't finished, and can be gone on with.
    """

    id: int
    targets: tuple[str, ...]
    excluded: tuple[str, ...]
    total: int
    position: int
    started_ms: int
    ended_ms: int | None = None
