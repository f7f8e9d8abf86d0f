"""Takes out of a recording what it should not tell: names, places, numbers, addresses, accounts. Pure.

The same text becomes the same mask within one recording, and keeps its shape (letters stay letters, digits digits), so
that patterns of profiles still fit. What can be a secret in a vendor's own objects nobody can know: people are told to
read a recording before they hand it on.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from noc.simulator.objects import Object, Worked
from noc.wire.ber_values import Oid, Tag, Value

PRIVATE: Final = b"<private>"
NAME_AT_LEAST: Final = 5
"""Octets of a device's name that is taken out of other texts; a shorter one may be a word, such as `core`."""

_Addresses: TypeAlias = Mapping[tuple[int, ...], str]

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
    "1.3.6.1.2.1.4.32",  # ipAddressPrefixTable: which networks there are
    "1.3.6.1.2.1.4.35",  # ipNetToPhysicalTable
    "1.3.6.1.2.1.4.37",  # ipDefaultRouterTable
    "1.3.6.1.2.1.6.13",  # tcpConnTable
    "1.3.6.1.2.1.6.19",  # tcpConnectionTable
    "1.3.6.1.2.1.6.20",  # tcpListenerTable
    "1.3.6.1.2.1.7.5",  # udpTable
    "1.3.6.1.2.1.7.7",  # udpEndpointTable
    "1.3.6.1.2.1.17.4.3",  # dot1dTpFdbTable
    "1.3.6.1.2.1.17.7.1.2",  # dot1qFdbTable, dot1qTpFdbTable
    "1.3.6.1.2.1.25.1.4",  # hrSystemInitialLoadParameters: a kernel's command line
    "1.3.6.1.2.1.25.4",  # hrSWRun
    "1.3.6.1.2.1.25.5",  # hrSWRunPerf
    "1.3.6.1.2.1.25.6",  # hrSWInstalled
    "1.3.6.1.2.1.55.1.8",  # ipv6AddrTable, prefixes, routes and neighbours of the old IPV6-MIB
    "1.3.6.1.2.1.55.1.7",
    "1.3.6.1.2.1.55.1.11",
    "1.3.6.1.2.1.55.1.12",
    "1.3.6.1.2.1.92.1.3",  # NOTIFICATION-LOG-MIB: any object of any device
    "1.0.8802.1.1.2.1.3.8",  # lldpLocManAddrTable
    "1.0.8802.1.1.2.1.4.2",  # lldpRemManAddrTable
    "1.3.6.1.4.1.2021.8.1.3",  # extCommand: what the agent runs, with its arguments
    "1.3.6.1.4.1.8072.1.3.2.2.1.2",  # nsExtendCommand, nsExtendArgs, nsExtendInput
    "1.3.6.1.4.1.8072.1.3.2.2.1.3",
    "1.3.6.1.4.1.8072.1.3.2.2.1.4",
    "1.3.6.1.4.1.9.9.96",  # CISCO-CONFIG-COPY-MIB: has passwords of servers
    "1.3.6.1.4.1.9.2.1.61",  # writeMem and what is about it in OLD-CISCO-SYS-MIB
)

# Texts that name people, places, devices and customers: kept in their shape.
SHAPED: Final = _oids(
    "1.3.6.1.2.1.31.1.1.1.18",  # ifAlias
    "1.3.6.1.2.1.47.1.1.1.1.11",  # entPhysicalSerialNum
    "1.3.6.1.2.1.47.1.1.1.1.14",  # entPhysicalAlias
    "1.3.6.1.2.1.47.1.1.1.1.15",  # entPhysicalAssetID
    "1.3.6.1.2.1.17.7.1.4.3.1.1",  # dot1qVlanStaticName
    "1.3.6.1.2.1.25.3.8.1.3",  # hrFSRemoteMountPoint
    "1.3.6.1.4.1.9.9.42.1.2.1.1.2",  # rttMonCtrlAdminOwner
    "1.3.6.1.4.1.9.9.42.1.2.1.1.3",  # rttMonCtrlAdminTag
    "1.3.6.1.4.1.9.9.46.1.3.1.1.4",  # vtpVlanName
    "1.3.6.1.4.1.9.9.23.1.2.1.1.6",  # cdpCacheDeviceId
    "1.3.6.1.4.1.9.9.23.1.2.1.1.17",  # cdpCacheSysName
    "1.3.6.1.4.1.9.3.6.3",  # chassisId
    "1.0.8802.1.1.2.1.4.1.1.8",  # lldpRemPortDesc: a neighbour's ifAlias
    "1.0.8802.1.1.2.1.4.1.1.9",  # lldpRemSysName
    "1.0.8802.1.1.2.1.3.3",  # lldpLocSysName
)

# Addresses of hardware: the maker's half stays. A port of LLDP may be named by its address, or by its name.
HARDWARE: Final = _oids("1.3.6.1.2.1.2.2.1.6", "1.0.8802.1.1.2.1.3.2", "1.0.8802.1.1.2.1.4.1.1.5", "1.3.6.1.2.1.17.1.1")
PORTS: Final = _oids("1.0.8802.1.1.2.1.3.7.1.3", "1.0.8802.1.1.2.1.4.1.1.7")
ENGINE: Final = _oids("1.3.6.1.6.3.10.2.1.1")
"""snmpEngineID: five octets that tell the maker and the kind, then an address."""

# Addresses of hosts as bare octets: cdpCacheAddress, rttMonEchoAdminTargetAddress, -SourceAddress, cbgpPeer2LocalAddr.
ADDRESSES: Final = _oids(
    "1.3.6.1.4.1.9.9.23.1.2.1.1.4",
    "1.3.6.1.4.1.9.9.42.1.2.2.1.2",
    "1.3.6.1.4.1.9.9.42.1.2.2.1.6",
    "1.3.6.1.4.1.9.9.187.1.2.5.1.6",
)
ADDRESS_TABLE: Final = _oids("1.3.6.1.2.1.4.34.1")
"""ipAddressTable: its index is an address, its type and length before it."""

_MAIL: Final = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE: Final = re.compile(rb"(?<![\d.])\+\d[\d ()/-]{7,18}\d")
_ADDRESS: Final = re.compile(rb"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\d.])")
_ADDRESS6: Final = re.compile(rb"(?i)(?<![\w:.])(?=[\da-f:]*:[\da-f]*:)[\da-f:]{3,39}(?![\w:.])")
_MAC: Final = re.compile(
    rb"(?i)(?<![\w:.-])([\da-f]{1,2}[:-])([\da-f]{1,2}[:-])([\da-f]{1,2}[:-])((?:[\da-f]{1,2}[:-]){2}[\da-f]{1,2})(?![\w:-])"
)
_SERIAL: Final = re.compile(rb"(?i)((?:serial(?: ?(?:no|num|number))?|\bS/?N)\b\s*[:=#.]?\s*)([A-Z0-9-]{6,24})")
_PASSWORD: Final = re.compile(
    rb"(?i)(\b(?:pass(?:word|wd|phrase)?|secret|community|psk|pre-?shared[- ]key|api[-_ ]?key|token)\b"
    rb"(?:\s*[:=]\s*|\s+is\s+|\s+\d\s+|\s+))([^\s,;<]+)"
)
_NODE: Final = re.compile(rb"^((?:Linux|FreeBSD|SunOS|AIX|HP-UX|Darwin|OpenBSD|NetBSD) )(\S+)(?= )")
"""What `uname -a` begins with, which net-snmp gives as sysDescr: the system, the name of the host, its release."""


@dataclass(slots=True)
class Masking:
    """One recording's masks.

    salt: random, so that nobody finds a serial number by trying them all. secrets: texts that must not stand anywhere,
    such as the community it was read with. shaped: more objects whose text keeps nothing but its shape, such as serial
    numbers in vendors' MIBs.
    """

    salt: bytes = field(repr=False)
    secrets: Sequence[bytes] = field(default=(), repr=False)
    shaped: Sequence[Oid] = ()
    left_out: int = 0
    masked: int = 0

    def masks(self, objects: Sequence[Object]) -> Iterator[Object]:
        """Yield the objects with their masks, without those that are left out."""
        kept = [row for row in objects if not _under(row.oid, LEFT_OUT)]
        known = {row.value for row in kept if row.tag is Tag.IP_ADDRESS and _is_host(str(row.value))}
        known |= {text.decode() for row in kept if isinstance(row.value, bytes) for text in _hosts_in(row.value)}
        addresses = {tuple(map(int, str(address).split("."))): self._address(str(address)) for address in known}
        addresses |= {parts: self._address(_dotted(parts)) for parts in _hosts_of(kept)}
        self.left_out += len(objects) - len(kept)
        names = tuple(_names_of(kept))
        for row in kept:
            fresh = Object(self._renamed(row.oid, addresses), row.tag, self._value(row, addresses, names))
            self.masked += fresh != row
            yield fresh

    def _value(self, row: Object, addresses: _Addresses, names: Sequence[bytes]) -> Value | Worked:
        value = row.value
        if row.tag is Tag.IP_ADDRESS:
            return self._address(str(value)) if _is_host(str(value)) else value
        if isinstance(value, tuple):
            return self._renamed(value, addresses)
        return (
            self._octets(row.oid, value, names) if isinstance(value, bytes) and row.tag is Tag.OCTET_STRING else value
        )

    def _octets(self, oid: Oid, value: bytes, names: Sequence[bytes]) -> bytes:
        if not value:
            return value
        if oid[:7] == _SYSTEM and oid[7:8] in ((4,), (5,), (6,)):  # sysContact, sysName, sysLocation
            return PRIVATE
        if _under(oid, HARDWARE) or (_under(oid, PORTS) and len(value) == 6 and not value.isascii()):
            return value[:3] + self._digest(value)[: len(value) - 3] if len(value) == 6 else self._shaped(value)
        if _under(oid, ENGINE):
            return value[:5] + self._digest(value)[: max(0, len(value) - 5)]
        if _under(oid, ADDRESSES) and len(value) in (4, 16):
            return self._packed(value)
        if _under(oid, SHAPED) or _under(oid, self.shaped):
            return self._shaped(value)
        if oid[:8] == (*_SYSTEM, 1):
            value = _NODE.sub(rb"\1<private>", value)
        return self._text(value, names)

    def _text(self, value: bytes, names: Sequence[bytes]) -> bytes:
        for secret in (*self.secrets, *names):
            if len(secret) >= 3:
                value = value.replace(secret, PRIVATE)
        value = _PASSWORD.sub(rb"\1<private>", _PHONE.sub(PRIVATE, _MAIL.sub(PRIVATE, value)))
        value = _SERIAL.sub(lambda found: found[1] + self._shaped(found[2]), value)
        value = _MAC.sub(lambda found: found[1] + found[2] + found[3] + self._hex(found[4]), value)
        value = _ADDRESS6.sub(lambda found: self._address6(found[0]), value)
        return _ADDRESS.sub(
            lambda found: self._address(found[1].decode()).encode() if _is_host(found[1].decode()) else found[1], value
        )

    def _hex(self, text: bytes) -> bytes:
        digits = iter(self._digest(text).hex().encode())
        return bytes(byte if byte in b":-" else next(digits) for byte in text)

    def _packed(self, value: bytes) -> bytes:
        """Return another address for one in 4 or 16 octets."""
        if len(value) == 16:
            return ipaddress.IPv6Address(self._six(value)).packed
        text = _dotted(tuple(value))
        return ipaddress.IPv4Address(self._address(text)).packed if _is_host(text) else value

    def _address6(self, text: bytes) -> bytes:
        try:
            address = ipaddress.IPv6Address(text.decode())
        except ValueError:
            return text  # a time, or an address of hardware
        return str(ipaddress.IPv6Address(self._six(address.packed))).encode()

    def _six(self, packed: bytes) -> bytes:
        """Return an address of 2001:db8::/32, which RFC 3849 sets aside for documentation; none for none."""
        address = ipaddress.IPv6Address(packed)
        if address.is_unspecified or address.is_loopback or address.is_multicast:
            return packed
        kept = packed[:8] if address.is_link_local else bytes.fromhex("20010db8")
        return kept + self._digest(packed)[: 16 - len(kept)]

    def _renamed(self, oid: Oid, addresses: _Addresses) -> Oid:
        """Return a name with the addresses in its index replaced; an index begins behind its MIB and object."""
        parts = list(oid)
        at = 9
        while at + 4 <= len(parts):
            fresh = addresses.get(tuple(parts[at : at + 4]))
            if fresh is not None:
                parts[at : at + 4] = map(int, fresh.split("."))
                at += 4
            elif parts[at : at + 2] == [2, 16] and len(parts) >= at + 18 and max(parts[at + 2 : at + 18]) < 256:
                parts[at + 2 : at + 18] = self._six(bytes(parts[at + 2 : at + 18]))  # InetAddressType ipv6(2), length
                at += 18
            else:
                at += 1
        return tuple(parts)

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


def _hosts_of(rows: Sequence[Object]) -> Iterator[tuple[int, ...]]:
    """Yield the IPv4 addresses, also those of broadcast, in the index of ipAddressTable."""
    for row in rows:
        if _under(row.oid, ADDRESS_TABLE) and row.oid[10:12] == (1, 4) and _is_host(_dotted(row.oid[12:16])):
            yield row.oid[12:16]


def _names_of(rows: Sequence[Object]) -> Iterator[bytes]:
    """Yield what the device calls itself, whole and without its domain, longest first; but no common word."""
    for row in rows:
        if row.oid == (*_SYSTEM, 5, 0) and isinstance(row.value, bytes):
            found = {row.value, row.value.partition(b".")[0]}
            yield from sorted((name for name in found if len(name) >= NAME_AT_LEAST), key=len, reverse=True)


def _dotted(parts: Sequence[int]) -> str:
    return ".".join(map(str, parts))
