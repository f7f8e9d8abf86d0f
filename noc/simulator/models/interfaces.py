"""Interfaces (IF-MIB, RFC 2863), with counters of 64 bits and the same in 32."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.simulator.curves import seed_of, share
from noc.simulator.moment import Moment
from noc.simulator.objects import Object
from noc.wire.ber import Oid, Tag

Use = Literal["wan", "uplink", "access", "spare", "loopback"]
"""What an interface is for: the line of the site, the way to it, a port with something in it, one with nothing."""

WAN_INTERFACE: Final = "GigabitEthernet0/0/0"
"""ifName of the line of a site, on its first router."""

ETHERNET: Final = 6
LOOPBACK: Final = 24

_TABLE: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_WIDE: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
IF_NAME: Final[Oid] = (*_WIDE, 1)
_NUMBER: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 1, 0)
_IN: Final = 1
_OUT: Final = 2
_UP: Final = 1
_DOWN: Final = 2
_MEAN_PACKET: Final = 540
_BYTES_AN_ERROR: Final = 400_000_000
_BYTES_A_DISCARD: Final = 90_000_000
_BYTES_A_MULTICAST: Final = 90_000
_BYTES_A_BROADCAST: Final = 300_000

# Of what the interface could carry, how much it does on the mean: in, out.
_BUSY: Final[dict[Use, tuple[float, float]]] = {
    "wan": (0.38, 0.17),
    "uplink": (0.15, 0.35),
    "access": (0.0001, 0.0004),
    "spare": (0.0, 0.0),
    "loopback": (0.0, 0.0),
}

Number = Callable[[Moment], int]


@dataclass(frozen=True, slots=True)
class Port:
    """An interface. speed_bps: of the wire; a line of a site has the line's speed instead."""

    name: str
    use: Use
    descr: str = ""
    speed_bps: int = 1_000_000_000
    alias: str = ""
    kind: int = ETHERNET


def interfaces(ports: Sequence[Port]) -> Iterator[Object]:
    """Yield ifNumber, ifTable and ifXTable. The first port has ifIndex 1."""
    yield Object(_NUMBER, Tag.INTEGER, len(ports))
    for index, port in enumerate(ports, start=1):
        yield from _described(port, index)
        yield from _counted(port, index)


def _described(port: Port, index: int) -> Iterator[Object]:
    text, number, gauge = Tag.OCTET_STRING, Tag.INTEGER, Tag.GAUGE32
    speed = _speed(port)
    yield Object((*_TABLE, 1, index), number, index)
    yield Object((*_TABLE, 2, index), text, (port.descr or port.name).encode())
    yield Object((*_TABLE, 3, index), number, port.kind)
    yield Object((*_TABLE, 4, index), number, 1500)
    yield Object((*_TABLE, 5, index), gauge, lambda now: min(speed(now), 2**32 - 1))
    yield Object((*_TABLE, 6, index), text, lambda now: _mac(now, index))
    yield Object((*_TABLE, 7, index), number, _DOWN if port.use == "spare" else _UP)
    yield Object((*_TABLE, 8, index), number, _oper(port, index))
    yield Object((*_TABLE, 9, index), Tag.TIME_TICKS, 1200 + index)
    yield Object((*_WIDE, 1, index), text, port.name.encode())
    yield Object((*_WIDE, 15, index), gauge, lambda now: speed(now) // 1_000_000)
    yield Object((*_WIDE, 18, index), text, port.alias.encode())
    yield Object((*_WIDE, 19, index), Tag.TIME_TICKS, 0)


def _counted(port: Port, index: int) -> Iterator[Object]:
    brought, sent = _octets(port, index, _IN), _octets(port, index, _OUT)
    # Column of ifTable, what it counts, column of the same in 64 bits in ifXTable (None: there is none).
    columns: list[tuple[int, Number, int, int | None]] = [
        (10, brought, 1, 6),
        (11, brought, _MEAN_PACKET, 7),
        (13, brought, _BYTES_A_DISCARD * 3, None),
        (14, brought, _BYTES_AN_ERROR, None),
        (16, sent, 1, 10),
        (17, sent, _MEAN_PACKET, 11),
        (19, sent, _BYTES_A_DISCARD, None),
        (20, sent, _BYTES_AN_ERROR * 5, None),
    ]
    for column, octets, unit, wide in columns:
        yield Object((*_TABLE, column, index), Tag.COUNTER32, _narrow(octets, unit))
        if wide is not None:
            yield Object((*_WIDE, wide, index), Tag.COUNTER64, _per(octets, unit))
    for column, octets, unit in (
        (8, brought, _BYTES_A_MULTICAST),
        (9, brought, _BYTES_A_BROADCAST),
        (12, sent, _BYTES_A_MULTICAST),
        (13, sent, _BYTES_A_BROADCAST),
    ):
        yield Object((*_WIDE, column, index), Tag.COUNTER64, _per(octets, unit))


def _speed(port: Port) -> Number:
    if port.use == "wan":
        return lambda now: now.machine.capacity_bps
    return lambda now: port.speed_bps


def _octets(port: Port, index: int, direction: int) -> Number:
    busy = _BUSY[port.use][direction - 1]

    def octets(now: Moment) -> int:
        capacity = port.speed_bps if port.use != "wan" else now.machine.capacity_bps
        if port.use == "uplink":
            capacity = min(capacity, now.machine.capacity_bps)
        swing = share(seed_of(now.machine.seed, index, direction), 0.5, 1.15)
        return now.counted(int(capacity / 8 * busy * swing), direction, index)

    return octets


def _per(octets: Number, unit: int) -> Number:
    return octets if unit == 1 else lambda now: octets(now) // unit


def _narrow(octets: Number, unit: int) -> Number:
    return lambda now: octets(now) // unit % 2**32


def _oper(port: Port, index: int) -> int | Number:
    if port.use == "spare":
        return _DOWN
    return lambda now: _DOWN if index in now.condition.down else _UP


def _mac(now: Moment, index: int) -> bytes:
    # A locally administered address.
    return b"\x02\x53" + now.machine.device.number.to_bytes(3, "big") + bytes([index & 0xFF])
