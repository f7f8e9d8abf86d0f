"""Rates of interfaces between two polls of a device. Pure, with a memory of one poll a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from noc.model.snapshot import Counters, Interface, Snapshot
from noc.pipeline.counters import Moment, gap, rate

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


@dataclass(slots=True)
class _Poll:
    moment: Moment
    counters: dict[int, tuple[Interface, Moment]] = field(default_factory=dict)


class InterfaceRates:
    """Remembers the last poll of each device."""

    def __init__(self) -> None:
        self._polls: dict[str, _Poll] = {}

    def take(self, device: str, snapshot: Snapshot, at_s: float) -> dict[int, Rates]:
        """Return the rates by ifIndex since the device's last poll; what is not certain is left out.

        at_s: when the poll was made, in seconds; a clock that goes back makes no rate.
        """
        before = self._polls.get(device)
        now = _Poll(Moment(at_s, snapshot.device.uptime_s))
        found: dict[int, Rates] = {}
        for interface in snapshot.interfaces:
            moment = now.moment
            if interface.discontinuity_s is not None:
                moment = Moment(at_s, snapshot.device.uptime_s, interface.discontinuity_s)
            now.counters[interface.if_index] = (interface, moment)
            earlier = before.counters.get(interface.if_index) if before is not None else None
            if earlier is not None:
                rates = _between(earlier[0], earlier[1], interface, moment)
                if rates:
                    found[interface.if_index] = rates
        self._polls[device] = now
        return found

    def forget(self, device: str) -> None:
        """Drop a device that is no longer watched."""
        self._polls.pop(device, None)


def _between(old: Interface, then: Moment, new: Interface, now: Moment) -> Rates:
    # ifIndex may be given to another interface at a restart; another name or width is another counter.
    if gap(then, now) is not None or old.name != new.name or old.wide != new.wide:
        return {}
    elapsed_s = now.at_s - then.at_s
    speed = new.speed_bps or None
    found: dict[str, float] = {}
    for name, earlier, later in zip(_OCTET_FIELDS, _octets(old.counters), _octets(new.counters), strict=True):
        if earlier is not None and later is not None:
            per_s = rate(earlier, later, elapsed_s, new.wide, None if speed is None else speed / 8).per_s
            if per_s is not None:
                found[name] = per_s * 8
    most = None if speed is None else speed / SMALLEST_FRAME_BITS
    for name, earlier, later in zip(_PACKET_FIELDS, _packets(old.counters), _packets(new.counters), strict=True):
        if earlier is not None and later is not None:
            per_s = rate(earlier, later, elapsed_s, new.wide and name not in _ALWAYS_NARROW, most).per_s
            if per_s is not None:
                found[name] = per_s
    if speed is not None:
        for name, percent in (("in_bps", "in_pct"), ("out_bps", "out_pct")):
            if name in found:
                found[percent] = min(100.0 * found[name] / speed, 100.0)
    return found
