"""Uninterruptible power supplies (UPS-MIB, RFC 1628)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from noc.simulator.curves import wave
from noc.simulator.models.interfaces import Port, interfaces
from noc.simulator.models.system import system
from noc.simulator.models.tables import neighbour
from noc.simulator.moment import Moment
from noc.simulator.objects import Object
from noc.wire.ber import Oid, Tag

_UPS: Final[Oid] = (1, 3, 6, 1, 2, 1, 33)
_OBJECTS: Final[Oid] = (*_UPS, 1)
_RATED_W: Final = 3000
_NOMINAL_V: Final = 230
_HIGHEST_V: Final = 400.0
_LOW_PCT: Final = 25
_LEFT_PCT: Final = 5.0
"""The charge at which a UPS gives up."""


def ups() -> Iterator[Object]:
    """Yield the objects of a UPS with one phase."""
    text, number, gauge = Tag.OCTET_STRING, Tag.INTEGER, Tag.GAUGE32
    yield from system(b"Example UPS 3000 with network card, release 2.1", _UPS, services=72)
    yield from interfaces([Port("eth0", "access", speed_bps=100_000_000)])
    yield from neighbour("eth0")
    for index, name in enumerate((b"Example Power", b"UPS 3000", b"2.1.4", b"1.0.7"), start=1):
        yield Object((*_OBJECTS, 1, index, 0), text, name)
    yield Object((*_OBJECTS, 1, 5, 0), text, lambda now: now.machine.device.id.encode())
    yield Object((*_OBJECTS, 2, 1, 0), number, _battery_status)
    yield Object((*_OBJECTS, 2, 2, 0), number, _on_battery_s)
    yield Object((*_OBJECTS, 2, 3, 0), number, _minutes_left)
    yield Object((*_OBJECTS, 2, 4, 0), number, lambda now: round(charge_pct(now)))
    yield Object((*_OBJECTS, 2, 5, 0), number, lambda now: round(480 + 0.6 * charge_pct(now)))
    yield Object((*_OBJECTS, 2, 6, 0), number, lambda now: -85 if _no_mains(now) else 2)
    yield Object((*_OBJECTS, 2, 7, 0), number, _temperature_c)
    yield Object((*_OBJECTS, 3, 2, 0), number, 1)
    yield Object((*_OBJECTS, 3, 3, 1, 2, 1), number, lambda now: 0 if _no_mains(now) else 500)
    yield Object((*_OBJECTS, 3, 3, 1, 3, 1), number, lambda now: round(input_v(now)))
    yield Object((*_OBJECTS, 3, 3, 1, 4, 1), number, lambda now: 0 if _no_mains(now) else _load_w(now) // 22)
    yield Object((*_OBJECTS, 3, 3, 1, 5, 1), number, lambda now: 0 if _no_mains(now) else _load_w(now))
    yield Object((*_OBJECTS, 4, 1, 0), number, lambda now: 5 if _no_mains(now) else 3)
    yield Object((*_OBJECTS, 4, 2, 0), number, 500)
    yield Object((*_OBJECTS, 4, 3, 0), number, 1)
    yield Object((*_OBJECTS, 4, 4, 1, 2, 1), number, _NOMINAL_V)
    yield Object((*_OBJECTS, 4, 4, 1, 3, 1), number, lambda now: _load_w(now) // 23)
    yield Object((*_OBJECTS, 4, 4, 1, 4, 1), number, _load_w)
    yield Object((*_OBJECTS, 4, 4, 1, 5, 1), number, lambda now: 100 * _load_w(now) // _RATED_W)
    yield Object((*_OBJECTS, 6, 1, 0), gauge, lambda now: int(_no_mains(now)) + int(charge_pct(now) < _LOW_PCT))


def input_v(now: Moment) -> float:
    """Return the voltage of the mains; 0 while there is none."""
    usual = (
        0.0 if now.condition.on_battery_ms is not None else _NOMINAL_V + 6 * wave(now.time_ms, now.machine.seed, 60_000)
    )
    return min(_HIGHEST_V, max(0.0, now.metric("input_volts", usual)))


def charge_pct(now: Moment) -> float:
    """Return the charge of the battery, which falls evenly while there are no mains."""
    since, usual = now.condition.on_battery_ms, 100.0
    if since is not None:
        spent = (now.time_ms - since) / max(now.condition.lasting_ms, 1)
        usual = max(_LEFT_PCT, 100 - (100 - _LEFT_PCT) * spent)
    return min(100.0, max(0.0, now.metric("battery_pct", usual)))


def _temperature_c(now: Moment) -> int:
    return round(min(100.0, max(0.0, now.metric("temperature_c", now.share(107, 22, 32)))))


def _no_mains(now: Moment) -> bool:
    return input_v(now) < _NOMINAL_V / 2


def _battery_status(now: Moment) -> int:
    charge = charge_pct(now)
    return 4 if charge <= 1 else 3 if charge < _LOW_PCT else 2


def _on_battery_s(now: Moment) -> int:
    since = now.condition.on_battery_ms
    return 0 if since is None else max(0, now.time_ms - since) // 1000


def _minutes_left(now: Moment) -> int:
    whole = now.condition.lasting_ms if now.condition.on_battery_ms is not None else 3_600_000
    return max(0, round(whole / 60_000 * (charge_pct(now) - _LEFT_PCT) / (100 - _LEFT_PCT)))


def _load_w(now: Moment) -> int:
    usual = now.share(108, 15, 45) * now.load(108)
    return int(_RATED_W * min(100.0, max(0.0, now.metric("load_pct", usual))) / 100)
