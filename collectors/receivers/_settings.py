"""Settings of the receivers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator

from noc.inventory.values import Word
from noc.settings.schema import Duration, Settings

_LISTEN = re.compile(r"(?:\[(?P<v6>[^\]]{2,45})\]|(?P<v4>[0-9.]{7,15})):(?P<port>[0-9]{1,5})\Z")
_ENGINE_ID = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2}){5,32})\Z")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port to listen on; port 0: a free one."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def parse_endpoint(value: object) -> Endpoint:
    """Return what `127.0.0.1:9162` or `[::]:162` mean. Raises ValueError."""
    if isinstance(value, Endpoint):
        return value
    found = _LISTEN.match(value) if isinstance(value, str) else None
    if found is None or int(found["port"]) > 65_535:
        raise ValueError(f"{value!r} is no address with a port; write 127.0.0.1:9162, 0.0.0.0:162 or [::]:162")
    try:
        return Endpoint(str(ip_address(found["v6"] or found["v4"])), int(found["port"]))
    except ValueError as error:
        raise ValueError(f"{value!r}: {error}") from error


def parse_sender(value: object) -> str:
    """Return an IPv4 or IPv6 address as text. Raises ValueError."""
    try:
        return str(ip_address(value if isinstance(value, str) else ""))
    except ValueError as error:
        raise ValueError(f"{value!r} is not an IPv4 or IPv6 address") from error


def parse_engine_id(value: object) -> bytes:
    """Return an SNMP engine id from its hexadecimal digits. Raises ValueError."""
    if isinstance(value, bytes):
        return value
    found = _ENGINE_ID.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'{value!r} is no engine id; write 5 to 32 bytes in hexadecimal, in quotes: "800000000501…"')
    return bytes.fromhex(found[1])


ListenText = Annotated[Endpoint, PlainValidator(parse_endpoint), PlainSerializer(str, return_type=str)]
AddressText = Annotated[str, PlainValidator(parse_sender)]
EngineId = Annotated[bytes, PlainValidator(parse_engine_id), PlainSerializer(bytes.hex, return_type=str)]


class TrapSettings(Settings):
    """Where and how SNMP traps and informs are taken."""

    listen: tuple[ListenText, ...] = ()
    """Addresses and UDP ports, such as 127.0.0.1:9162, beside the sockets that systemd hands over."""
    credentials: tuple[Word, ...] | None = None
    """Sets of credentials whose communities and users are accepted. Default: users of all sets, any community."""
    engine_id: EngineId | None = None
    """noc's engine id for informs of SNMPv3, 5 to 32 bytes in hexadecimal. Default: one is made up and kept."""


class TlsSettings(Settings):
    """Syslog over TLS (RFC 5425)."""

    listen: tuple[ListenText, ...] = ()
    """Addresses and TCP ports, beside the sockets that systemd hands over."""
    certificate: Path
    """File with noc's certificate and those between it and the root (PEM)."""
    private_key: Path
    """File with its private key (PEM), readable by noc alone."""
    client_ca: Path | None = None
    """File with the authorities of senders' certificates; with it a sender must have one."""


class SyslogSettings(Settings):
    """Where syslog is taken."""

    udp: tuple[ListenText, ...] = ()
    """Addresses and UDP ports, beside the sockets that systemd hands over."""
    tcp: tuple[ListenText, ...] = ()
    """Addresses and TCP ports; messages with a count before them, or a line each."""
    tls: TlsSettings | None = None
    """The same over TLS."""


class MailSettings(Settings):
    """Where people's answers to messages are taken: the mail server of the house hands them over by SMTP."""

    listen: tuple[ListenText, ...] = ()
    """Addresses and TCP ports, such as 127.0.0.1:2525. None: answers are not taken."""
    accept_from: tuple[AddressText, ...] = ("127.0.0.1", "::1")
    """Addresses of the mail servers that may hand them over. They must keep others from sending in people's names."""


class StormSettings(Settings):
    """How much one sender may send; what is beyond it is shed and counted, and an event says so."""

    rate: Annotated[float, Field(ge=0.1, le=100_000)] = 50
    """Messages a second that are taken for good. A relay may send 20 times as many."""
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    """Messages at once."""


class ReceiverSettings(Settings):
    """What devices and people send by themselves: traps, syslog, answers. Without a socket, named or handed over,
    nothing is taken.
    """

    trap: TrapSettings = TrapSettings()
    """SNMP traps and informs."""
    syslog: SyslogSettings = SyslogSettings()
    """Syslog."""
    mail: MailSettings = MailSettings()
    """People's answers to messages of noc."""
    storm: StormSettings = StormSettings()
    """How much one sender may send."""
    senders: dict[AddressText, str] = Field(default_factory=dict)
    """Other addresses that devices send from, such as a loopback: address to the device's id."""
    relays: tuple[AddressText, ...] = ()
    """Addresses of servers that pass on what others sent; the message itself says whose it is."""
    keep: Duration = timedelta(days=30)
    """How long events are kept."""
    keep_at_most: Annotated[int, Field(ge=1_000, le=100_000_000)] = 1_000_000
    """Events that are kept at most; repetitions are one event with a count."""
    repeat_window: Duration = timedelta(minutes=5)
    """An event that comes again within this time is a repetition of the last one."""
