"""Air conditioners between racks (PowerNet-MIB airIRRP100: InRow RP)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from noc.simulator.curves import wave
from noc.simulator.models.interfaces import Port, interfaces
from noc.simulator.models.system import system
from noc.simulator.models.tables import neighbour
from noc.simulator.moment import Moment
from noc.simulator.objects import Object, Worked
from noc.wire.ber import Oid, Tag

_APC: Final[Oid] = (1, 3, 6, 1, 4, 1, 318)
_UNIT: Final[Oid] = (*_APC, 1, 1, 13, 3, 3, 1, 2, 2)
_RATED_W: Final = 20_000
_ON: Final = 2
_IDLE: Final = 3
_ACROSS_RACKS_C: Final = 12.0
"""How much warmer air comes out of racks than it went in."""


def air_conditioner() -> Iterator[Object]:
    """Yield the objects of an air conditioner, in its MIB's units: tenths of a degree or percent, hundreds of watts."""
    descr = b"Example Web/SNMP Management Card (MN:ACRP100 SN: EX0001)"
    yield from system(descr, (*_APC, 1, 3, 14), services=72)
    yield from interfaces([Port("eth0", "access", speed_bps=100_000_000)])
    yield from neighbour("eth0")
    values: dict[int, Worked] = {
        1: lambda now: _ON if _load_pct(now) > 0 else _IDLE,
        5: lambda now: round(10 * (_inlet_c(now) - 4)),
        7: lambda now: round(10 * (_inlet_c(now) + _ACROSS_RACKS_C)),
        8: lambda now: round(10 * now.share(112, 45, 60)),
        12: lambda now: round(10 * _load_pct(now)),
        13: lambda now: round(_RATED_W * _load_pct(now) / 100 / 100 * 1.02),
        14: lambda now: round(_RATED_W * _load_pct(now) / 100 / 100),
        24: lambda now: round(10 * _inlet_c(now)),
    }
    for column, worked in values.items():
        yield Object((*_UNIT, column, 0), Tag.INTEGER, worked)


def _inlet_c(now: Moment) -> float:
    """Return the temperature of the air that racks beside it take in."""
    usual = now.share(110, 20, 24) + 0.4 * wave(now.time_ms, now.machine.seed, 3_600_000)
    return min(100.0, max(0.0, now.metric("temperature_c", usual)))


def _load_pct(now: Moment) -> float:
    usual = now.share(111, 30, 55) * now.load(111)
    return min(100.0, max(0.0, now.metric("load_pct", usual)))
