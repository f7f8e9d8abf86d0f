"""New hardware addresses on infrastructure ports: what was seen there before, what was not. Pure but for its memory.

A port is learnt for a day before anything on it is new, and anew after it had many addresses. What was seen on one
infrastructure port of a site is known on all of them: when a path is lost, addresses move from one port to another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from noc.model.forwarding import ADDRESSES_AT_MOST, AGGREGATES, PORT_ADDRESSES, PORT_COUNTS, Forwarding
from noc.model.reading import Reading

LEARN_MS: Final = 24 * 3_600_000
"""How long a port is watched before an address on it is new."""

NEW_MS: Final = 4 * 3_600_000
"""How long an address is new."""

FORGET_MS: Final = 30 * 24 * 3_600_000
"""What was not seen for so long is forgotten: an address that comes back then is new."""

SITE_AT_MOST: Final = 2_000
ADDRESSES_IN_ALL: Final = 50_000
PORTS_IN_ALL: Final = 100_000
"""What is remembered. An address beyond it is not told as new."""

VIRTUAL: Final = ("00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:05:73:a0:", "00:07:b4:")
"""Of gateways that stand in for each other (VRRP by RFC 9568, HSRP, GLBP): they move with every change of roles."""

_MAC_OCTETS: Final = 6

Port = tuple[str, str]
"""A device, by its id, and the name of a port of it."""


class Told(NamedTuple):
    """An address on an infrastructure port. new: 1, or 0 where it was and is no more."""

    port: str
    address: str
    new: bool


@dataclass(slots=True)
class _Seen:
    """An address at a site. port: where it was first seen, new: and is told as such."""

    first_ms: int
    last_ms: int
    port: Port
    new: bool


@dataclass(slots=True)
class PortAddresses:
    """Remembers addresses by site. left_out: those that there was no room to remember.

    since: of each port since when it is learnt.
    """

    left_out: int = 0
    _sites: dict[str, dict[str, _Seen]] = field(default_factory=dict)
    _since: dict[Port, int] = field(default_factory=dict)
    _new: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    _number: int = 0

    def take(self, site: str, device: str, ports: Mapping[str, Collection[str] | None], now_ms: int) -> list[Told]:
        """Take what a switch has learnt on its infrastructure ports, by their names; None: too many on a port.

        Return what is new on any of its ports, and what no longer is.
        """
        for name, addresses in ports.items():
            port = (device, name)
            if addresses is None:
                self._since.pop(port, None)
                continue
            if port not in self._since and len(self._since) >= PORTS_IN_ALL:
                continue
            learnt = now_ms - self._since.setdefault(port, now_ms) >= LEARN_MS
            for address in addresses:
                if not address.startswith(VIRTUAL):
                    self._see(site, port, address, now_ms, learnt=learnt)
        return list(self._told(device, now_ms))

    def keep(self, sites: Mapping[str, str], now_ms: int) -> None:
        """Forget devices that are gone, and what was not seen for long. sites: of all devices."""
        known = set(sites.values())
        self._since = {port: since for port, since in self._since.items() if port[0] in sites}
        self._sites = {
            site: {at: one for at, one in seen.items() if now_ms - one.last_ms < FORGET_MS}
            for site, seen in self._sites.items()
            if site in known
        }
        self._new = {
            device: kept
            for device, told in self._new.items()
            if device in sites and (kept := {one for one in told if one[1] in self._sites.get(one[0], ())})
        }
        self._number = sum(map(len, self._sites.values()))

    def rows(self) -> Iterator[tuple[str | int, ...]]:
        """Yield what is remembered, for a checkpoint."""
        yield from (("port", *port, since) for port, since in self._since.items())
        for site, seen in self._sites.items():
            for address, one in seen.items():
                yield ("address", site, address, one.first_ms, one.last_ms, *one.port, int(one.new))

    def take_up(self, rows: Iterable[Sequence[object]]) -> None:
        """Go on from rows of an earlier run; those of another form say nothing."""
        for row in rows:
            match list(row):
                case ["port", str(device), str(name), int(since)]:
                    self._since[device, name] = since
                case ["address", str(site), str(address), int(first), int(last), str(device), str(name), int(new)]:
                    self._sites.setdefault(site, {})[address] = _Seen(first, last, (device, name), bool(new))
                    if new:
                        self._new.setdefault(device, set()).add((site, address))
        self._number = sum(map(len, self._sites.values()))

    def _see(self, site: str, port: Port, address: str, now_ms: int, *, learnt: bool) -> None:
        seen = self._sites.setdefault(site, {})
        known = seen.get(address)
        if known is not None and now_ms - known.last_ms < FORGET_MS:
            known.last_ms = max(known.last_ms, now_ms)
            return
        if known is None and (len(seen) >= SITE_AT_MOST or self._number >= ADDRESSES_IN_ALL):
            self.left_out += 1
            return
        self._number += known is None
        seen[address] = _Seen(now_ms, now_ms, port, learnt)
        if learnt:
            self._new.setdefault(port[0], set()).add((site, address))

    def _told(self, device: str, now_ms: int) -> Iterator[Told]:
        told = self._new.get(device, set())
        for site, address in sorted(told):
            one = self._sites[site][address]
            one.new = now_ms - one.first_ms < NEW_MS
            if not one.new:
                told.discard((site, address))
            yield Told(one.port[1], address, one.new)


def forwarding(reading: Reading) -> Forwarding | None:
    """Return what a Reading of a switch's addresses tells; None where it tells nothing."""
    if reading.snmp is None or PORT_COUNTS not in reading.snmp.tables:
        return None
    ports: dict[int, set[str] | None] = {}
    for index, row in reading.snmp.tables[PORT_COUNTS].items():
        count = row.get("addresses")
        if len(index) == 1 and isinstance(count, int):
            ports[index[0]] = set() if count <= ADDRESSES_AT_MOST else None
    for index in reading.snmp.tables.get(PORT_ADDRESSES, {}):
        found = ports.get(index[0])
        if found is not None and len(index) == 1 + _MAC_OCTETS and all(0 <= octet <= 0xFF for octet in index[1:]):
            found.add(":".join(f"{octet:02x}" for octet in index[1:]))
    members = reading.snmp.tables.get(AGGREGATES, {}).items()
    aggregates = {index[0]: whole for index, row in members if isinstance(whole := row.get("aggregate"), int)}
    told = {port: None if one is None else frozenset(one) for port, one in ports.items()}
    return Forwarding(reading.started_at, told, aggregates)
