"""Routers and switches that speak as Cisco's do: processor, memory, environment, BGP, a probe to the data centre."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import asin, cos, radians, sin, sqrt
from typing import Final

from noc.simulator.curves import wave
from noc.simulator.models.interfaces import LOOPBACK, WAN_INTERFACE, Port, interfaces
from noc.simulator.models.system import system
from noc.simulator.models.tables import chassis, cpu_pct, memory_pct, neighbour, temperature_c
from noc.simulator.moment import Moment
from noc.simulator.objects import Object
from noc.simulator.places import CENTRES
from noc.wire.ber import Oid, Tag

XE: Final = (
    b"Cisco IOS Software [Bengaluru], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.6.5, "
    b"RELEASE SOFTWARE (fc2)\r\nTechnical Support: http://www.cisco.com/techsupport\r\n"
    b"Copyright (c) 1986-2023 by Cisco Systems, Inc.\r\nCompiled Wed 25-Jan-23 16:15 by mcpre"
)
OLD: Final = (
    b"Cisco IOS Software, 1841 Software (C1841-ADVIPSERVICESK9-M), Version 12.4(24)T5, RELEASE SOFTWARE (fc3)\r\n"
    b"Technical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2011 by Cisco Systems, Inc."
)
SWITCH: Final = (
    b"Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11, RELEASE SOFTWARE (fc3)\r\n"
    b"Technical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2017 by Cisco Systems, Inc."
)
PROBE: Final = "brindisi"
"""Tag of the IP SLA operation of each router."""

_CISCO: Final[Oid] = (1, 3, 6, 1, 4, 1, 9)
_MIB: Final[Oid] = (*_CISCO, 9)
_BGP_PEER: Final[Oid] = (1, 3, 6, 1, 2, 1, 15, 3, 1)
_PEER: Final = (10, 255, 0, 1)
_OPERATION: Final = 10
_POOL_BYTES: Final = 300_000_000
_HOT_C: Final = 60
_ESTABLISHED: Final = 6
_IDLE: Final = 1
_LINE: Final = 1  # ifIndex of the line of the site
_ANSWERED: Final = 1  # RttResponseSense
_NO_ANSWER: Final = 4

Peer = tuple[int, str]
"""A router of the world: its number and its address."""
_EARTH_KM: Final = 6371.0
_SATELLITE_MS: Final = 590.0


def router(*, old: bool) -> Iterator[Object]:
    """Yield the objects of a router: the line, two ports to the site, one with nothing in it, a loopback."""
    product, descr, model = ((1, 620), OLD, "CISCO1841") if old else ((1, 2068), XE, "ISR4331/K9")
    yield from system(descr, (*_CISCO, *product))
    yield from interfaces(
        [
            Port(WAN_INTERFACE, "wan", alias="One UN"),
            Port("GigabitEthernet0/0/1", "uplink", alias="LAN"),
            Port("GigabitEthernet0/0/2", "access", alias="Voice"),
            Port("GigabitEthernet0/1/0", "spare"),
            Port("Loopback0", "loopback", kind=LOOPBACK, speed_bps=8_000_000_000),
        ]
    )
    yield from chassis(model)
    yield from _health(2)
    yield from _bgp()
    yield from _probe()


def switch(ports: int) -> Iterator[Object]:
    """Yield the objects of a switch: so many ports, the last two of them the way to the router."""
    yield from system(SWITCH, (*_CISCO, 1, 716), services=6)
    names = [f"FastEthernet0/{number}" for number in range(1, ports - 1)]
    found = [
        Port(name, "spare" if number % 4 == 3 else "access", speed_bps=100_000_000) for number, name in enumerate(names)
    ]
    found += [Port(f"GigabitEthernet0/{number}", "uplink", alias=f"uplink {number}") for number in (1, 2)]
    yield from interfaces(found)
    yield from chassis(f"WS-C2960-{ports}")
    yield from _health(1)
    yield from neighbour(f"GigabitEthernet0/{1}")


def _health(supplies: int) -> Iterator[Object]:
    gauge, number, text = Tag.GAUGE32, Tag.INTEGER, Tag.OCTET_STRING
    processor, pool, environment = (*_MIB, 109, 1, 1, 1, 1), (*_MIB, 48, 1, 1, 1), (*_MIB, 13, 1)
    yield Object((*processor, 2, 1), number, 0)
    yield Object((*processor, 6, 1), gauge, cpu_pct)
    yield Object((*processor, 7, 1), gauge, cpu_pct)
    yield Object((*processor, 8, 1), gauge, cpu_pct)
    yield Object((*pool, 2, 1), text, b"Processor")
    yield Object((*pool, 5, 1), gauge, _used)
    yield Object((*pool, 6, 1), gauge, lambda now: _POOL_BYTES - _used(now))
    yield Object((*environment, 3, 1, 2, 1), text, b"Inlet")
    yield Object((*environment, 3, 1, 3, 1), gauge, temperature_c)
    yield Object((*environment, 3, 1, 4, 1), number, _HOT_C)
    yield Object((*environment, 3, 1, 6, 1), number, _heat)
    yield Object((*environment, 4, 1, 2, 1), text, b"Fan tray")
    yield Object((*environment, 4, 1, 3, 1), number, 1)
    for index in range(1, supplies + 1):
        yield Object((*environment, 5, 1, 2, index), text, f"Power supply {index}".encode())
        yield Object((*environment, 5, 1, 3, index), number, 1)


def _used(now: Moment) -> int:
    return int(_POOL_BYTES * memory_pct(now) / 100)


def _heat(now: Moment) -> int:
    temperature = temperature_c(now)
    return 3 if temperature > _HOT_C else 2 if temperature > _HOT_C - 8 else 1


def _bgp() -> Iterator[Object]:
    yield Object((1, 3, 6, 1, 2, 1, 15, 2, 0), Tag.INTEGER, 65000)
    yield from _session(_PEER, 65001, _has_line)


def sessions(peers: Iterable[Peer]) -> Iterator[Object]:
    """Yield sessions with other routers of the world: established while these are heard of."""
    for number, address in peers:
        octets = tuple(map(int, address.split(".")))
        yield from _session(octets, 65000 + number % 500, partial(_hears, number))


def _session(peer: Oid, remote_as: int, is_up: Callable[[Moment], bool]) -> Iterator[Object]:
    yield Object((*_BGP_PEER, 2, *peer), Tag.INTEGER, lambda now: _ESTABLISHED if is_up(now) else _IDLE)
    yield Object((*_BGP_PEER, 3, *peer), Tag.INTEGER, 2)
    yield Object((*_BGP_PEER, 7, *peer), Tag.IP_ADDRESS, ".".join(map(str, peer)))
    yield Object((*_BGP_PEER, 9, *peer), Tag.INTEGER, remote_as)
    yield Object((*_BGP_PEER, 16, *peer), Tag.GAUGE32, lambda now: now.ticks // 100 if is_up(now) else 0)


def _hears(number: int, now: Moment) -> bool:
    return now.hears(number)


def _has_line(now: Moment) -> bool:
    return _LINE not in now.condition.down


def _probe() -> Iterator[Object]:
    """Yield an IP SLA operation (CISCO-RTTMON-MIB): jitter to the data centre."""
    root, gauge, number = (*_MIB, 42, 1), Tag.GAUGE32, Tag.INTEGER
    yield Object((*root, 2, 1, 1, 3, _OPERATION), Tag.OCTET_STRING, PROBE.encode())
    yield Object((*root, 2, 1, 1, 4, _OPERATION), number, 9)
    yield Object((*root, 2, 2, 1, 2, _OPERATION), Tag.OCTET_STRING, bytes(_PEER))
    yield Object((*root, 2, 2, 1, 37, _OPERATION), number, 1)
    yield Object((*root, 2, 10, 1, 1, _OPERATION), gauge, lambda now: round(round_trip_ms(now)))
    yield Object((*root, 2, 10, 1, 2, _OPERATION), number, lambda now: _ANSWERED if _has_line(now) else _NO_ANSWER)
    yield Object((*root, 5, 2, 1, 1, _OPERATION), gauge, lambda now: 10 - _lost(now))
    yield Object((*root, 5, 2, 1, 26, _OPERATION), gauge, _lost)
    yield Object((*root, 5, 2, 1, 27, _OPERATION), gauge, 0)
    yield Object((*root, 5, 2, 1, 46, _OPERATION), gauge, _jitter_ms)


def round_trip_ms(now: Moment) -> float:
    """Return the time to Brindisi and back: by satellite, or light in fibre that doesn't run straight."""
    machine, hub = now.machine, CENTRES[0]
    here, there = radians(machine.place.latitude), radians(hub.latitude)
    east = radians(machine.place.longitude - hub.longitude)
    half = sin((here - there) / 2) ** 2 + cos(here) * cos(there) * sin(east / 2) ** 2
    kilometres = 2 * _EARTH_KM * asin(sqrt(half))
    way = _SATELLITE_MS if machine.over_satellite else 2.0 + kilometres / 68
    return way + (25 if machine.over_satellite else 2) * (1 + wave(now.time_ms, machine.seed, 900_000))


def _lost(now: Moment) -> int:
    return 1 if now.machine.over_satellite and wave(now.time_ms, now.machine.seed, 1_300_000) > 0.85 else 0


def _jitter_ms(now: Moment) -> int:
    return round((14 if now.machine.over_satellite else 2) * now.load(105))
