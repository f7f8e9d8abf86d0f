"""Regions, sites, circuits and services as people write them; devices as written and as resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from noc.inventory.endpoints import Endpoint, Host, Text
from noc.inventory.formula import Formula
from noc.inventory.layers import DeviceClass, Watch, WatchText
from noc.inventory.values import (
    Address,
    AddressField,
    BitRate,
    ByteBudget,
    ByteCount,
    Country,
    Day,
    Name,
    NetworkField,
    Periods,
    Port,
    Shares,
    Word,
)
from noc.settings.schema import Settings, TimeZone

Kind = Literal["region", "site", "device", "circuit", "endpoint", "service"]

CircuitKind = Literal["mpls", "satellite", "microwave", "internet", "fibre"]
"""What a circuit runs over."""

Percent = Annotated[float, Field(gt=0, le=100)]


class Region(Settings):
    """A part of the network that one technology centre looks after."""

    id: str
    name: Name
    """What people call it. Default: the id."""
    technology_centre: str | None = None
    """The site that governs and supports the region."""
    time_zone: TimeZone | None = None
    """IANA name; the region's reports are in this zone."""
    contacts: tuple[str, ...] = ()
    """Who is asked about the region: addresses or telephone numbers, shown beside its incidents."""

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"region/{self.id}"


class Site(Settings):
    """A place with devices. It is up while one of its edge devices is."""

    id: str
    name: Name
    """What people call it. Default: the id."""
    region: str
    """The region that it belongs to."""
    site_class: Word = Field(alias="class")
    """A word of your own: hq, hub, rtc, mission, field, …; `classes: sites:` of noc.yaml says what holds for it."""
    country: Country | None = None
    """ISO 3166 code of two capital letters."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    """Degrees, north is positive."""
    longitude: float | None = Field(default=None, ge=-180, le=180, validate_default=True)
    """Degrees, east is positive."""
    time_zone: TimeZone | None = None
    """IANA name, such as Africa/Nairobi."""
    weight: float = Field(default=1.0, gt=0)
    """How much it counts in the availability of its region and of the network."""
    people: int | None = Field(default=None, ge=0)
    """How many people work there: the more are cut off, the higher is the priority of the incident."""
    edge_devices: tuple[str, ...] = ()
    """Devices of the site that connect it: its state is theirs."""
    subnets: tuple[NetworkField, ...] = ()
    """Networks of the site, such as 10.1.0.0/16: discovery sweeps them, and knows by them where a device stands."""
    shares: Shares = ()
    """What it shares with others and would lose together with them, in words of your own: {beam: ses-4-c3, cable: wacs,
    power: b}."""
    in_service: Periods = ()
    """When it is in service. Default: always."""
    defaults: WatchText = WatchText()
    """How to watch the devices of this site."""
    budget: ByteBudget | None = None
    """How much noc may send and receive here in an hour, such as 64KiB/h. Liveness goes first, then status and
    interfaces, then sensors, then looking for what is new; what is left out is shown."""

    @field_validator("longitude")
    @classmethod
    def _both_coordinates(cls, longitude: float | None, info: ValidationInfo) -> float | None:
        if "latitude" in info.data and (info.data["latitude"] is None) != (longitude is None):
            raise ValueError("latitude and longitude are given together, or neither")
        return longitude

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"site/{self.id}"


class DeviceText(WatchText):
    """A device as people write it."""

    id: str
    name: Name
    """What people call it. Default: the id."""
    site: str
    """The site where it stands."""
    address: AddressField
    """IPv4 or IPv6 address that it is managed by."""
    device_class: DeviceClass = Field(alias="class")
    """What it is."""
    snmp_port: Port = 161
    """UDP port of its SNMP agent."""
    room: Word | None = None
    """The room of the site where it stands; power, cooling and temperature are told for each room."""
    upstream: tuple[str, ...] = ()
    """Next hops towards the centre, devices or sites; several are redundant. Down behind these is unreachable."""
    shares: Shares = ()
    """What it shares with others and would lose together with them, in words of your own: {beam: ses-4-c3, cable: wacs,
    power: b}."""
    in_service: Periods = ()
    """When it is in service. Default: always."""
    tags: tuple[Word, ...] = ()
    """Words of your own, for rules and filters."""
    installed: Day | None = None
    """The day it was installed, 2019-06-30: its useful life begins then."""
    end_of_support: Day | None = None
    """The last day on which its maker mends it, 2027-01-31."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device, with all that holds for it.

    upstream: entity names, `device/…` or `site/…`. watch: the layers resolved.
    """

    id: str
    name: str
    site: str
    address: Address
    device_class: DeviceClass
    watch: Watch
    snmp_port: int
    upstream: tuple[str, ...]
    in_service: Periods
    tags: tuple[str, ...]
    room: str | None = None
    installed: date | None = None
    end_of_support: date | None = None
    shares: tuple[tuple[str, str], ...] = ()

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"device/{self.id}"


class CircuitEnd(Settings):
    """Where a circuit ends: an interface of a device."""

    device: str
    """The device."""
    interface: str
    """Name of the interface, as the device calls it (ifName)."""


class CircuitProbe(Settings):
    """The IP SLA or RPM probe that measures a circuit."""

    device: str
    """The device that runs the probe."""
    name: str
    """Tag or number of the IP SLA operation, or owner/test of the RPM probe."""


class Circuit(Settings):
    """A line between sites. Its state comes from its probe, or else from the interfaces at its ends."""

    id: str
    name: Name
    """What people call it. Default: the id."""
    kind: CircuitKind
    """What it runs over."""
    site: str
    """The site that it connects."""
    provider: str | None = None
    """Who to call when it is down."""
    provider_reference: str | None = None
    """What the provider calls it, as in its notices of planned work: windows are found by it."""
    shares: Shares = ()
    """What it shares with others and would lose together with them, in words of your own: {beam: ses-4-c3, cable: wacs,
    power: b}."""
    capacity: BitRate | None = None
    """Bits per second, such as 512k, 2M, 1G."""
    budget: ByteBudget | None = None
    """How much noc may send and receive over it in an hour, such as 64KiB/h; as the budget of a site."""
    byte_budget_per_hour: ByteCount | None = None
    """The same as an amount of data, such as 20MB; either of the two."""
    a: CircuitEnd | None = None
    """The end at the site. By it alone a circuit over which the site is reached is unknown while it is cut, as nobody
    sees that end: give z or probe too."""
    z: CircuitEnd | None = None
    """The far end, where it is watched too."""
    probe: CircuitProbe | None = None
    """The probe that measures it, where it has one."""
    in_service: Periods = ()
    """When it is in service. Default: always."""

    @model_validator(mode="after")
    def _has_evidence(self) -> Self:
        if self.a is None and self.z is None and self.probe is None:
            raise ValueError("a circuit needs evidence: give a and z (device and interface), or probe")
        if self.budget is not None and self.byte_budget_per_hour is not None:
            raise ValueError("budget and byte_budget_per_hour say the same; give one of them")
        return self

    @property
    def bytes_an_hour(self) -> int | None:
        """Return what noc may send and receive over it in an hour; None where nothing bounds it."""
        return self.budget or self.byte_budget_per_hour

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"circuit/{self.id}"


class Marker(Settings):
    """How an answer tells where a service is served from: one of answer, header with value, text."""

    endpoint: str
    """The end point whose answers tell."""
    answer: Text | None = None
    """Of dns: one of the answers is this."""
    header: Host | None = None
    """Of http: a header of the answer."""
    value: Text | None = None
    """What that header holds."""
    text: Text | None = None
    """Of http: what stands in the first 64 KiB of the answer; of smtp: in the banner."""

    @model_validator(mode="after")
    def _one_mark(self) -> Self:
        if sum(mark is not None for mark in (self.answer, self.header, self.text)) != 1:
            raise ValueError("a marker is one of answer, header with value, text")
        if (self.header is None) != (self.value is None):
            raise ValueError("a marker by header has `header` and `value`")
        return self


class ServicePlace(Settings):
    """A data centre that a service can be served from."""

    formula: Formula
    """What must be up for it to be served from here."""
    marker: Marker | None = None
    """How to see that it is served from here now. Without, it is the first place whose formula is up."""


class Service(Settings):
    """What users notice: mail, the ERP system. Up by its formula."""

    id: str
    name: Name
    """What people call it. Default: the id."""
    formula: Formula | None = None
    """Which entities must be up. May be left out where there are `places`: then one of these must be up."""
    places: dict[str, ServicePlace] = Field(default_factory=dict)
    """The sites that it can be served from, its home first."""
    availability_target: Percent | None = None
    """What is promised, in percent."""
    in_service: Periods = ()
    """When it is in service. Default: always."""
    tags: tuple[Word, ...] = ()
    """Words of your own, for rules."""

    @model_validator(mode="after")
    def _has_formula(self) -> Self:
        if self.formula is None and not self.places:
            raise ValueError("a service needs a formula, or places with one each")
        marked = [place.marker is not None for place in self.places.values()]
        if any(marked) and not all(marked):
            raise ValueError("either all places have a marker, or none")
        return self

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"service/{self.id}"

    @property
    def whole(self) -> Formula:
        """Return which entities must be up: its formula, or else any of its places."""
        return self.formula or Formula(any_of=tuple(place.formula for place in self.places.values()))

    def formulas(self) -> Iterator[tuple[tuple[str | int, ...], Formula]]:
        """Yield the formulas as written, with their paths."""
        if self.formula is not None:
            yield ("formula",), self.formula
        for site, place in self.places.items():
            yield ("places", site, "formula"), place.formula


Entity = Region | Site | Device | Circuit | Endpoint | Service
