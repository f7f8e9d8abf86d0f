"""Takes out of a recording what it should not tell: names, places, numbers, addresses, accounts. Pure.

The same text becomes the same mask within one recording, and keeps its shape (letters stay letters, digits digits), so
that patterns of profiles still fit. What can be a secret in a vendor's own objects nobody can know: people are told to
read a recording before they hand it on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from noc.simulator.objects import Object, Worked
from noc.wire.ber_values import Oid, Tag, Value

PRIVATE: Final = b"<private>"

_SYSTEM: Final = (1, 3, 6, 1, 2, 1, 1)


def _oids(*dotted: str) -> tuple[Oid, ...]:
    return tuple(tuple(map(int, text.split("."))) for text in dotted)


# Left out whole: who may log in and with what, who talks to whom, what runs there.
LEFT_OUT: Final = _oids(
    "1.3.6.1.6.3.12",  # SNMP-TARGET-MIB
    "1.3.6.1.6.3.13",  # SNMP-NOTIFICATION-MIB
    "1.3.6.1.6.3.15",  # SNMP-USER-BASED-SM-MIB
    "1.3.6.1.6.3.16",  # SNMP-VIEW-BASED-ACM-MIB
    "1.3.6.1.6.3.18",  # SNMP-COMMUNITY-MIB
    "1.3.6.1.2.1.4.22",  # ipNetToMediaTable
    "1.3.6.1.2.1.4.24",  # routes
    "1.3.6.1.2.1.4.35",  # ipNetToPhysicalTable
    "1.3.6.1.2.1.6.13",  # tcpConnTable
    "1.3.6.1.2.1.6.19",  # tcpConnectionTable
    "1.3.6.1.2.1.6.20",  # tcpListenerTable
    "1.3.6.1.2.1.7.5",  # udpTable
    "1.3.6.1.2.1.7.7",  # udpEndpointTable
    "1.3.6.1.2.1.17.4.3",  # dot1dTpFdbTable
    "1.3.6.1.2.1.17.7.1.2",  # dot1qFdbTable, dot1qTpFdbTable
    "1.3.6.1.2.1.25.4",  # hrSWRun
    "1.3.6.1.2.1.25.5",  # hrSWRunPerf
    "1.3.6.1.2.1.25.6",  # hrSWInstalled
    "1.3.6.1.4.1.9.9.96",  # CISCO-CONFIG-COPY-MIB: has passwords of servers
    "1.3.6.1.4.1.9.2.1.61",  # writeMem and what is about it in OLD-CISCO-SYS-MIB
)

# Texts that name people, places, devices and customers: kept in their shape.
SHAPED: Final = _oids(
    "1.3.6.1.2.1.31.1.1.1.18",  # ifAlias
    "1.3.6.1.2.1.47.1.1.1.1.11",  # entPhysicalSerialNum
    "1.3.6.1.2.1.47.1.1.1.1.14",  # entPhysicalAlias
    "1.3.6.1.2.1.47.1.1.1.1.15",  # entPhysicalAssetID
    "1.3.6.1.4.1.9.9.23.1.2.1.1.6",  # cdpCacheDeviceId
    "1.3.6.1.4.1.9.9.23.1.2.1.1.17",  # cdpCacheSysName
    "1.3.6.1.4.1.9.3.6.3",  # chassisId
    "1.0.8802.1.1.2.1.4.1.1.9",  # lldpRemSysName
    "1.0.8802.1.1.2.1.3.3",  # lldpLocSysName
)

# Addresses of hardware: the maker's half stays.
HARDWARE: Final = _oids("1.3.6.1.2.1.2.2.1.6", "1.0.8802.1.1.2.1.3.2", "1.0.8802.1.1.2.1.4.1.1.5", "1.3.6.1.2.1.17.1.1")

_MAIL: Final = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE: Final = re.compile(rb"(?<![\d.])\+\d[\d ()/-]{7,18}\d")
_ADDRESS: Final = re.compile(rb"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\d.])")
_SERIAL: Final = re.compile(rb"(?i)((?:serial(?: ?(?:no|num|number))?|\bS/?N)\s*[:=#.]?\s*)([A-Z0-9-]{6,24})")


@dataclass(slots=True)
class Masking:
    """One recording's masks.

    salt: random, so that nobody finds a serial number by trying them all. secrets: texts that must not stand anywhere,
    such as the community it was read with.
    """

    salt: bytes = field(repr=False)
    secrets: Sequence[bytes] = field(default=(), repr=False)
    left_out: int = 0
    masked: int = 0

    def masks(self, objects: Sequence[Object]) -> Iterator[Object]:
        """Yield the objects with their masks, without those that are left out."""
        kept = [row for row in objects if not _under(row.oid, LEFT_OUT)]
        known = {row.value for row in kept if row.tag is Tag.IP_ADDRESS and _is_host(str(row.value))}
        known |= {text.decode() for row in kept if isinstance(row.value, bytes) for text in _hosts_in(row.value)}
        addresses = {tuple(map(int, str(address).split("."))): self._address(str(address)) for address in known}
        self.left_out += len(objects) - len(kept)
        for row in kept:
            fresh = Object(_renamed(row.oid, addresses), row.tag, self._value(row))
            self.masked += fresh != row
            yield fresh

    def _value(self, row: Object) -> Value | Worked:
        value = row.value
        if row.tag is Tag.IP_ADDRESS:
            return self._address(str(value)) if _is_host(str(value)) else value
        return self._octets(row.oid, value) if isinstance(value, bytes) and row.tag is Tag.OCTET_STRING else value

    def _octets(self, oid: Oid, value: bytes) -> bytes:
        if not value:
            return value
        if oid[:7] == _SYSTEM and oid[7:8] in ((4,), (5,), (6,)):  # sysContact, sysName, sysLocation
            return PRIVATE
        if _under(oid, HARDWARE):
            return value[:3] + self._digest(value)[: len(value) - 3] if len(value) == 6 else self._shaped(value)
        if _under(oid, SHAPED):
            return self._shaped(value)
        for secret in self.secrets:
            if len(secret) >= 3:
                value = value.replace(secret, PRIVATE)
        value = _PHONE.sub(PRIVATE, _MAIL.sub(PRIVATE, value))
        value = _SERIAL.sub(lambda found: found[1] + self._shaped(found[2]), value)
        return _ADDRESS.sub(
            lambda found: self._address(found[1].decode()).encode() if _is_host(found[1].decode()) else found[1], value
        )

    def _digest(self, value: bytes) -> bytes:
        return hashlib.sha256(self.salt + value).digest()

    def _shaped(self, value: bytes) -> bytes:
        """Return other letters for letters and other digits for digits; the rest stays."""
        noise = self._digest(value) * (len(value) // 32 + 1)
        shaped = bytearray(value)
        for at, (byte, chance) in enumerate(zip(value, noise, strict=False)):
            if 0x30 <= byte <= 0x39:
                shaped[at] = 0x30 + chance % 10
            elif 0x41 <= byte <= 0x5A:
                shaped[at] = 0x41 + chance % 26
            elif 0x61 <= byte <= 0x7A:
                shaped[at] = 0x61 + chance % 26
            elif byte >= 0x80:
                shaped[at] = 0x78
        return bytes(shaped)

    def _address(self, text: str) -> str:
        """Return an address of 198.18.0.0/15, which RFC 2544 sets aside for measurements."""
        noise = self._digest(text.encode())
        return f"198.{18 + noise[0] % 2}.{noise[1]}.{1 + noise[2] % 254}"


def _under(oid: Oid, branches: Sequence[Oid]) -> bool:
    return any(oid[: len(branch)] == branch for branch in branches)


def _is_host(text: str) -> bool:
    """Tell a host's address from masks, loopback, multicast, versions such as 3.6.0.45 and nothing."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isdigit() and int(part) < 256 for part in parts):
        return False
    first = int(parts[0])
    return first >= 10 and first not in (127, 255) and first < 224


def _hosts_in(value: bytes) -> Iterator[bytes]:
    for found in _ADDRESS.finditer(value):
        if _is_host(found[1].decode()):
            yield found[1]


def _renamed(oid: Oid, addresses: dict[tuple[int, ...], str]) -> Oid:
    """Return a name with the addresses in its index replaced; an index begins behind enterprise or MIB and object."""
    if not addresses:
        return oid
    parts = list(oid)
    at = 9
    while at + 4 <= len(parts):
        fresh = addresses.get(tuple(parts[at : at + 4]))
        if fresh is not None:
            parts[at : at + 4] = map(int, fresh.split("."))
            at += 4
        else:
            at += 1
    return tuple(parts)
