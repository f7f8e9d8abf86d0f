"""Satellite modems that speak as UHP's terminals do (UHP-MIB): levels, signal, state, traffic by priority."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from noc.simulator.models.interfaces import Port, interfaces
from noc.simulator.models.system import system
from noc.simulator.models.tables import cpu_pct, signal_db, temperature_c
from noc.simulator.moment import Moment
from noc.simulator.objects import Object, Worked
from noc.wire.ber import Oid, Tag, Value

LOCK_DB: Final = 2.0
"""Below, the demodulator loses the carrier."""

_UHP: Final[Oid] = (1, 3, 6, 1, 4, 1, 8000)
_UNIT: Final[Oid] = (*_UHP, 22)
_OPERATION: Final = 17
_NO_RX: Final = 8
_PRIORITIES: Final = {2: 1, 7: 2, 8: 3, 3: 4, 9: 5, 10: 6, 4: 7}  # number in the MIB to the priority
_PACKET: Final = 420


def modem() -> Iterator[Object]:
    """Yield the objects of a terminal."""
    yield from system(b"UHP VSAT terminal, simulated, software 3.6.0.2", _UHP, services=72)
    yield from interfaces([Port("eth0", "uplink", speed_bps=100_000_000), Port("sat0", "wan", kind=1)])
    yield from _below((2,), Tag.GAUGE32, {1: _tenths, 2: 12, 3: _input_level})
    yield Object((*_UNIT, 2, 4, 0), Tag.COUNTER32, _carried(0.38, 1))
    yield from _below((4, 1), Tag.COUNTER32, _traffic(0.17))
    for number, priority in _PRIORITIES.items():
        yield from _below((4, number), Tag.COUNTER32, _traffic(0.17 / (1 + priority), priority))
    yield from _below((4, 5), Tag.COUNTER32, {1: _carried(0.002, 1, 8), 2: _carried(0.002, _PACKET, 8)})
    yield from _below((4, 6), Tag.GAUGE32, {1: _transmit_level, 2: 0, 3: 30})
    yield from _below((5, 1), Tag.GAUGE32, {1: 4, 2: 64, 5: 1_262_000, 6: 64, 7: 1_268_000})
    yield from _below((5, 1), Tag.COUNTER32, {3: _slow(7), 4: _slow(8)})
    yield from _below((5, 2), Tag.GAUGE32, {1: _state, 2: 6, 3: 128_000, 4: 40, 5: 24, 6: lambda now: cpu_pct(now) * 2})
    yield from _below((5, 3), Tag.GAUGE32, {1: 0, 2: 1_250_000})
    yield from _below((5, 5), Tag.GAUGE32, {1: _state, 2: 3, 3: 1, 6: 2, 7: 18, 8: 20, 9: 1, 10: 3})
    yield Object((*_UNIT, 5, 5, 4, 0), Tag.COUNTER32, _slow(9))
    yield Object((*_UNIT, 6, 1, 0), Tag.COUNTER32, _slow(10))
    yield from _below((8,), Tag.GAUGE32, {1: temperature_c, 2: cpu_pct, 3: 12, 4: 5, 5: 0x03060002})
    yield from _below(
        (9,), Tag.GAUGE32, {2: lambda now: now.machine.seed, 3: _input_level, 4: _receiver, 6: _transmits}
    )


def _below(path: Oid, tag: Tag, values: dict[int, Value | Worked]) -> Iterator[Object]:
    for number, value in values.items():
        yield Object((*_UNIT, *path, number, 0), tag, value)


def _tenths(now: Moment) -> int:
    return round(10 * signal_db(now))


def _input_level(now: Moment) -> int:
    """Return the level of what comes in, as the MIB writes it: 350 is -35 dBm. It sags with the signal."""
    return round(10 * (now.share(109, 32, 48) + (11 - signal_db(now)) / 2))  # 225 at least: fits a Gauge32


def _transmit_level(now: Moment) -> int:
    """Return the level of what goes out: 119 is -11.9 dBm. The terminal gives more when the weather takes some."""
    return max(30, round(10 * (now.share(110, 9, 16) - max(0.0, 10 - signal_db(now)))))


def is_locked(now: Moment) -> bool:
    """Return whether the demodulator has the carrier."""
    return signal_db(now) >= LOCK_DB


def _state(now: Moment) -> int:
    return _OPERATION if is_locked(now) else _NO_RX


def _receiver(now: Moment) -> int:
    return max(3, _tenths(now)) if is_locked(now) else 0


def _transmits(now: Moment) -> int:
    return int(is_locked(now))


def _traffic(busy: float, part: int = 0) -> dict[int, Value | Worked]:
    """Return bytes, packets and drops sent, the queue in bytes and packets."""
    return {
        1: _carried(busy, 1, part),
        2: _carried(busy, _PACKET, part),
        3: _carried(busy, 3_000_000, part),
        4: 0,
        5: 0,
    }


def _carried(busy: float, unit: int, part: int = 0) -> Worked:
    def carried(now: Moment) -> int:
        return now.counted(int(now.machine.capacity_bps / 8 * busy), 300 + part) // unit % 2**32

    return carried


def _slow(part: int) -> Worked:
    """Return a counter of rare things: one in three hours or so."""
    return lambda now: now.counted(1, 310 + part) // 10_000
