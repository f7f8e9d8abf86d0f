"""Rates of interfaces between two polls of a device. Pure, with a memory of one poll a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, cast

from noc.model.snapshot import Counters, Interface, Snapshot
from noc.pipeline.counters import Moment, gap, rate
from noc.pipeline.packed import pack, unpack

SMALLEST_FRAME_BITS: Final = 512
"""An Ethernet frame is no shorter (IEEE 802.3), so a line carries so many packets a second at most."""

_OCTETS: Final = {"in_octets": "in_bps", "out_octets": "out_bps"}
_PACKETS: Final = {
    "in_ucast_pkts": "in_ucast_pps",
    "out_ucast_pkts": "out_ucast_pps",
    "in_errors": "in_errors_ps",
    "out_errors": "out_errors_ps",
    "in_discards": "in_discards_ps",
    "out_discards": "out_discards_ps",
}
_ALWAYS_NARROW: Final = frozenset({"in_errors_ps", "out_errors_ps", "in_discards_ps", "out_discards_ps"})

RATE_FIELDS: Final = (*_OCTETS.values(), "in_pct", "out_pct", *_PACKETS.values())

_OCTET_FIELDS: Final = tuple(_OCTETS.values())
_PACKET_FIELDS: Final = tuple(_PACKETS.values())
# For all at once, as there are millions of them.
_octets: Callable[[Counters], tuple[int | None, ...]] = attrgetter(*_OCTETS)
_packets: Callable[[Counters], tuple[int | None, ...]] = attrgetter(*_PACKETS)

Rates = Mapping[str, float]
"""Field name to a number per second; `in_bps` and `out_bps` in bits, `in_pct` and `out_pct` of the line's speed."""


_Counted = tuple[str | None, bool, float | None, tuple[int | None, ...], tuple[int | None, ...]]
"""What is remembered of an interface: name, width, discontinuity, octets and packets."""


@dataclass(frozen=True, slots=True)
class _Poll:
    """at_s, uptime_s: when it was. counters: `_Counted` by ifIndex, packed, as there are hundreds of thousands."""

    at_s: float
    uptime_s: float | None
    counters: bytes


class InterfaceRates:
    """Remembers the last poll of each device."""

    def __init__(self) -> None:
        self._polls: dict[str, _Poll] = {}

    def take(self, device: str, snapshot: Snapshot, at_s: float) -> dict[int, Rates]:
        """Return the rates by ifIndex since the device's last poll; what is not certain is left out.

        at_s: when the poll was made, in seconds; a clock that goes back makes no rate.
        """
        before = self._polls.get(device)
        earlier = {} if before is None else cast("dict[int, _Counted]", unpack(before.counters))
        uptime_s = snapshot.device.uptime_s
        now = {one.if_index: _counted(one) for one in snapshot.interfaces}
        self._polls[device] = _Poll(at_s, uptime_s, pack(now))
        if before is None:
            return {}
        found: dict[int, Rates] = {}
        for interface in snapshot.interfaces:
            old, new = earlier.get(interface.if_index), now[interface.if_index]
            if old is None:
                continue
            then, moment = Moment(before.at_s, before.uptime_s, old[2]), Moment(at_s, uptime_s, new[2])
            rates = _between(old, then, new, moment, interface.speed_bps or None)
            if rates:
                found[interface.if_index] = rates
        return found

    def forget(self, device: str) -> None:
        """Drop a device that is no longer watched."""
        self._polls.pop(device, None)


def _counted(one: Interface) -> _Counted:
    return one.name, one.wide, one.discontinuity_s, _octets(one.counters), _packets(one.counters)


def _between(old: _Counted, then: Moment, new: _Counted, now: Moment, speed: int | None) -> Rates:
    # ifIndex may be given to another interface at a restart; another name or width is another counter.
    wide = new[1]
    if gap(then, now) is not None or old[:2] != new[:2]:
        return {}
    elapsed_s = now.at_s - then.at_s
    found: dict[str, float] = {}
    for name, earlier, later in zip(_OCTET_FIELDS, old[3], new[3], strict=True):
        if earlier is not None and later is not None:
            per_s = rate(earlier, later, elapsed_s, wide, None if speed is None else speed / 8).per_s
            if per_s is not None:
                found[name] = per_s * 8
    most = None if speed is None else speed / SMALLEST_FRAME_BITS
    for name, earlier, later in zip(_PACKET_FIELDS, old[4], new[4], strict=True):
        if earlier is not None and later is not None:
            per_s = rate(earlier, later, elapsed_s, wide and name not in _ALWAYS_NARROW, most).per_s
            if per_s is not None:
                found[name] = per_s
    if speed is not None:
        for name, percent in (("in_bps", "in_pct"), ("out_bps", "out_pct")):
            if name in found:
                found[percent] = min(100.0 * found[name] / speed, 100.0)
    return found
