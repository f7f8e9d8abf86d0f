"""Satellite modems that speak as Newtec's do (NEWTEC-MULTI-DEMOD-MIB and others), with adaptive coding (ACM).

The far end gives each terminal the fastest MODCOD that it has with some margin. So when the signal falls the rate goes
first; the margin shrinks on the most robust MODCOD, and then the lock is lost. The values are those of a
modem without memory: it steps up where it stepped down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from noc.pipeline.dvbs2 import DVB_S2
from noc.simulator.models.interfaces import Port, interfaces
from noc.simulator.models.system import serial, system
from noc.simulator.models.tables import cpu_pct, processors, scalars, signal_db, temperature_c
from noc.simulator.moment import Moment
from noc.simulator.objects import Object, Worked
from noc.wire.ber import Oid, Tag, Value

LADDER: Final = (4, 5, 6, 7, 8, 12)
"""MODCODs that may be used, by number: QPSK 1/2 to 8PSK 3/5."""

ACM_MARGIN_DB: Final = 4.0
"""Above the threshold of a MODCOD, before it is used."""

IMPLEMENTATION_DB: Final = -0.3
"""Below the threshold of the most robust MODCOD, before the demodulator loses the carrier."""

USUAL_DB: Final = (11.0, 14.0)

_NEWTEC: Final[Oid] = (1, 3, 6, 1, 4, 1, 5835)
_FUNCTION: Final[Oid] = (*_NEWTEC, 5, 2)
_DEVICE: Final[Oid] = (*_FUNCTION, 100, 1)
_DEMODULATOR: Final[Oid] = (*_FUNCTION, 3300, 1)
_UNMEASURED: Final = -1000
_SYMBOLS_A_SECOND: Final = 5_000_000


def modem() -> Iterator[Object]:
    """Yield the objects of a modem with one demodulator, of a BUC and an LNB beside it."""
    number, text = Tag.INTEGER, Tag.OCTET_STRING
    yield from system(b"Newtec MDM6000 satellite modem, simulated", _NEWTEC, services=72)
    yield from interfaces([Port("eth0", "uplink", speed_bps=1_000_000_000), Port("sat0", "wan", kind=1)])
    yield from processors()
    yield from scalars((*_DEVICE, 1), text, {2: serial, 4: b"MDM6000", 9: b"4.2.1"})
    yield from scalars((*_DEVICE, 9), number, {1: temperature_c, 2: lambda now: 1194 + cpu_pct(now) % 5})
    yield from scalars((*_DEVICE, 10), number, dict.fromkeys((2, 3, 5, 6, 7, 8, 10, 11, 12), 0))
    yield from scalars((*_DEVICE, 10), number, {1: _no_lock})
    yield from scalars((*_FUNCTION, 1000, 1), number, {3: _sends, 33: _sent_level})
    yield from scalars((*_FUNCTION, 1000, 1), Tag.GAUGE32, {6: 1_280_000_000})
    yield from scalars((*_FUNCTION, 10_000, 1, 1), number, {1: 0, 2: 0})
    yield from scalars((*_FUNCTION, 5700, 1, 3), number, {3: 0})
    alarms: dict[int, Value | Worked] = {2: _no_lock, 3: 0, 4: 0, 5: _no_lock, 6: _no_lock, 7: 0, 8: 0}
    for column, value in alarms.items():
        yield Object((*_DEMODULATOR, 2, 1, column, 1), number, value)
    measured: dict[int, Value | Worked] = {2: _band_level, 3: _level, 4: _es_n0, 14: _modcod, 20: _no_lock, 21: _modcod}
    for column, value in measured.items():
        yield Object((*_DEMODULATOR, 5, 1, column, 1), number, value)
    yield Object((*_DEMODULATOR, 5, 1, 8, 1), Tag.GAUGE32, _SYMBOLS_A_SECOND)
    yield Object((*_DEMODULATOR, 5, 1, 12, 1), Tag.COUNTER32, lambda now: now.counted(1, 320) // 10_000)


def _signal_db(now: Moment) -> float:
    return signal_db(now, *USUAL_DB)


def is_locked(now: Moment) -> bool:
    """Return whether the demodulator has the carrier."""
    return _signal_db(now) >= DVB_S2[LADDER[0] - 1].es_n0_db + IMPLEMENTATION_DB


def _modcod(now: Moment) -> int:
    """Return the number of the fastest MODCOD that the signal bears; 0, a dummy frame, without lock."""
    if not is_locked(now):
        return 0
    bearable = _signal_db(now) - ACM_MARGIN_DB
    return max((number for number in LADDER if DVB_S2[number - 1].es_n0_db <= bearable), default=LADDER[0])


def _es_n0(now: Moment) -> int:
    return round(100 * _signal_db(now)) if is_locked(now) else _UNMEASURED


def _level(now: Moment) -> int:
    """Return the level of the carrier in tenths of a dBm; it sags with the signal."""
    if not is_locked(now):
        return _UNMEASURED
    return round(10 * (-now.share(111, 38, 52) - (12 - _signal_db(now)) / 2))


def _band_level(now: Moment) -> int:
    return round(-10 * now.share(112, 28, 36))


def _sent_level(now: Moment) -> int:
    """Return the level of what goes out in tenths of a dBm: more when the weather takes some, 6 dB at most."""
    return round(10 * (-now.share(113, 12, 18) + min(6.0, max(0.0, 11 - _signal_db(now)))))


def _no_lock(now: Moment) -> int:
    return int(not is_locked(now))


def _sends(now: Moment) -> int:
    return int(is_locked(now))  # muted without lock, as regulations want it
