"""The kinds of value that an inventory is written with: ids, addresses, liveness, times, rates, sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, model_validator

from noc.settings.schema import Settings, format_duration, parse_duration

Address = IPv4Address | IPv6Address

Network = IPv4Network | IPv6Network

LEAST_PORT_ADDRESSES: Final = timedelta(minutes=5)

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}\Z")
_RATE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(k|M|G|)\Z")
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(B|kB|MB|GB)\Z")
_BUDGET = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(B|kB|MB|GB|KiB|MiB|GiB)/h\Z")
_POWER = {"": 1, "B": 1, "k": 10**3, "kB": 10**3, "M": 10**6, "MB": 10**6, "G": 10**9, "GB": 10**9}
_POWER |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def is_id(text: str) -> bool:
    """Tell whether a text may be the id of an entity."""
    return _ID.match(text) is not None


def id_like(text: str) -> str:
    """Return the id that somebody may have meant, or an empty string."""
    near = re.sub(r"[^a-z0-9._-]+", "-", text.strip().lower()).strip("-._")[:100]
    return near if is_id(near) else ""


@dataclass(frozen=True, slots=True)
class Liveness:
    """The one check that decides whether a device is up (availability of a device has no other evidence).

    port: of a tcp check, else None.
    """

    check: Literal["icmp", "snmp", "tcp"]
    port: int | None = None

    def __str__(self) -> str:
        return self.check if self.port is None else f"{self.check}:{self.port}"


def parse_liveness(value: object) -> Liveness:
    """Return what `icmp`, `snmp` or `tcp:22` mean. Raises ValueError."""
    if isinstance(value, Liveness):
        return value
    if value == "icmp":
        return Liveness("icmp")
    if value == "snmp":
        return Liveness("snmp")
    match = re.match(r"tcp:([0-9]{1,5})\Z", value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise ValueError(f"{_quoted(value)} is no liveness check; write icmp, snmp or tcp:PORT")
    return Liveness("tcp", int(match[1]))


def parse_port_addresses(value: object) -> timedelta:
    """Return the rhythm that `30m` means, of five minutes at least; 0 for `never`. Raises ValueError."""
    if value == "never":
        return timedelta()
    every = parse_duration(value)
    if timedelta() < every < LEAST_PORT_ADDRESSES:
        raise ValueError(f"{format_duration(every)} is too often: tables of addresses are long; write 5m or more")
    return every


def parse_address(value: object) -> Address:
    """Return an IPv4 or IPv6 address that a device can have. Raises ValueError."""
    if isinstance(value, IPv4Address | IPv6Address):
        return value
    try:
        address = ip_address(value if isinstance(value, str) else "")  # a number would be taken for its bits
    except ValueError as error:
        raise ValueError(
            f"{_quoted(value)} is not an IPv4 or IPv6 address; names are not looked up, write the address"
        ) from error
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # ::ffff:192.0.2.1 is that host, and a second device of it would escape
    if address.is_multicast or address.is_unspecified:
        raise ValueError(f"{address} can't be a device's address")
    return address


def parse_network(value: object) -> Network:
    """Return a network of addresses, `10.1.0.0/16`; an address alone is a network of one. Raises ValueError."""
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    text = value if isinstance(value, str) else ""  # a number would be taken for its bits
    try:
        return ip_network(text)
    except ValueError as error:
        try:
            near = ip_network(text, strict=False)
        except ValueError:
            raise ValueError(f"{_quoted(value)} is not a network; write 10.1.0.0/16 or 2001:db8::/120") from error
        raise ValueError(f"{_quoted(value)} has bits behind its prefix (did you mean '{near}'?)") from error


def parse_time(value: object) -> datetime:
    """Return a time with its zone, in UTC. Raises ValueError."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        time = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(f"{_quoted(value)} is not a time; write 2026-03-01T08:00:00Z") from error
    if time.tzinfo is None:
        raise ValueError(f"{_quoted(value)} has no zone; write 2026-03-01T08:00:00Z or …+03:00")
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{_quoted(value)} is out of range") from error


def parse_day(value: object) -> date:
    """Return a day of the calendar, `2019-06-30`. Raises ValueError."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    is_form = isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", value) is not None
    try:
        return date.fromisoformat(str(value) if is_form else "")
    except ValueError as error:
        raise ValueError(f"{_quoted(value)} is not a day; write 2019-06-30") from error


def parse_country(value: object) -> str:
    """Return an ISO 3166 code of two capital letters. Raises ValueError."""
    if not isinstance(value, str) or re.match(r"[A-Z]{2}\Z", value) is None:
        raise ValueError(f"{_quoted(value)} is not a country code; write two capital letters, such as KE")
    return value


def parse_word(value: object) -> str:
    """Return a word made as ids are. Raises ValueError."""
    if not isinstance(value, str) or not is_id(value):
        raise ValueError(f"{_quoted(value)} is not a word of lower-case letters, digits, '.', '_' and '-'")
    return value


def parse_bit_rate(value: object) -> int:
    """Return bits per second: `512k`, `2M`, `1.5G` or a number. Raises ValueError."""
    return _scaled(value, _RATE, "a bit rate; write bits per second as 512k, 2M or 1G")


def parse_size(value: object) -> int:
    """Return bytes: `512kB`, `20MB`, `1GB` (powers of ten). Raises ValueError."""
    return _scaled(value, _SIZE, "an amount of data; write 512kB, 20MB or 1GB")


def parse_budget(value: object) -> int:
    """Return bytes an hour: `64KiB/h` (1024), `2MB/h` (powers of ten). Raises ValueError."""
    return _scaled(value, _BUDGET, "a byte budget; write 64KiB/h or 2MB/h")


def _scaled(value: object, pattern: re.Pattern[str], what: str) -> int:
    match = pattern.match(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if match is None:
        raise ValueError(f"{_quoted(value)} is not {what}")
    number = Decimal(match[1]) * _POWER[match[2]]
    if number <= 0 or number != int(number):
        raise ValueError(f"{_quoted(value)} must be a whole number above zero")
    return int(number)


def _quoted(value: object) -> str:
    if isinstance(value, str):
        return f"'{value if len(value) <= 60 else value[:57] + '…'}'"
    return "this" if isinstance(value, dict | list) else str(value)


AddressField = Annotated[Address, PlainValidator(parse_address), PlainSerializer(str, return_type=str)]
"""An IPv4 or IPv6 address."""

NetworkField = Annotated[Network, PlainValidator(parse_network), PlainSerializer(str, return_type=str)]
"""A network of IPv4 or IPv6 addresses."""

LivenessField = Annotated[Liveness, PlainValidator(parse_liveness), PlainSerializer(str, return_type=str)]
"""`icmp`, `snmp` or `tcp:PORT`."""

PortAddressesField = Annotated[
    timedelta,
    PlainValidator(parse_port_addresses),
    PlainSerializer(lambda every: format_duration(every) if every else "never", return_type=str),
]
"""A rhythm, or `never` (0)."""

Time = Annotated[datetime, PlainValidator(parse_time)]
"""A time with a zone, kept in UTC."""

Day = Annotated[date, PlainValidator(parse_day), PlainSerializer(date.isoformat, return_type=str)]
"""A day of the calendar, written `2019-06-30`."""

BitRate = Annotated[int, PlainValidator(parse_bit_rate)]
"""Bits per second, written `2M`."""

ByteCount = Annotated[int, PlainValidator(parse_size)]
"""Bytes, written `20MB`."""

ByteBudget = Annotated[int, PlainValidator(parse_budget)]
"""Bytes an hour, written `64KiB/h`."""

Country = Annotated[str, PlainValidator(parse_country)]
"""ISO 3166 code of two capital letters, `KE`."""

Word = Annotated[str, PlainValidator(parse_word)]
"""A word of your own: lower-case letters, digits, `.`, `_`, `-`."""


def parse_shares(value: object) -> tuple[tuple[str, str], ...]:
    """Return what `{beam: ses-4-c3}` means, in a table `beam=ses-4-c3 power=b`. Raises ValueError."""
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        value = dict(one.partition("=")[::2] for one in value)
    if not isinstance(value, dict):
        raise ValueError("write what it shares as a mapping, such as {beam: ses-4-c3}")  # noqa: TRY004 for pydantic
    return tuple((parse_word(name), parse_word(of)) for name, of in value.items())


Shares = Annotated[tuple[tuple[str, str], ...], PlainValidator(parse_shares)]
"""Attributes and their values, `{beam: ses-4-c3}`."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
"""What people call a thing."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A port of UDP or TCP."""


class Period(Settings):
    """A time in service, `[from, to)`; open where one end is left out."""

    start: Time | None = Field(default=None, alias="from")
    """First moment in service."""
    end: Time | None = Field(default=None, alias="to")
    """First moment out of service again."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Read `FROM/TO`, the form of a table's cell (ISO 8601-2: an open end is empty or `..`)."""
        if not isinstance(value, str):
            return value
        start, slash, end = value.partition("/")
        if not slash:
            raise ValueError(f"{_quoted(value)} is not a period; write FROM/TO, with an end that is open left out")
        written = {"from": start, "to": end}
        return {key: time for key, time in written.items() if time not in ("", "..")}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("a period ends after it begins: `to` must be later than `from`")
        return self


def _disjoint(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    first = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(periods, key=lambda period: period.start or first)
    for before, after in pairwise(ordered):
        if before.end is None or after.start is None or after.start < before.end:
            raise ValueError("periods in service must not overlap; join them")
    return tuple(ordered)


Periods = Annotated[tuple[Period, ...], AfterValidator(_disjoint)]
"""Periods in service, in order of time; none given means always."""
