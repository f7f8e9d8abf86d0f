"""Rates of interfaces between two polls of a device. Pure, with a memory of one poll a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from noc.model.snapshot import Interface, Snapshot
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
_ALWAYS_NARROW: Final = frozenset({"in_errors", "out_errors", "in_discards", "out_discards"})

RATE_FIELDS: Final = (*_OCTETS.values(), "in_pct", "out_pct", *_PACKETS.values())

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
    for names, most in (
        (_OCTETS, None if speed is None else speed / 8),
        (_PACKETS, None if speed is None else speed / SMALLEST_FRAME_BITS),
    ):
        for counter, name in names.items():
            earlier, later = getattr(old.counters, counter), getattr(new.counters, counter)
            if earlier is None or later is None:
                continue
            wide = new.wide and counter not in _ALWAYS_NARROW
            per_s = rate(earlier, later, elapsed_s, wide, most).per_s
            if per_s is not None:
                found[name] = per_s * 8 if names is _OCTETS else per_s
    if speed is not None:
        for name in ("in", "out"):
            if f"{name}_bps" in found:
                found[f"{name}_pct"] = min(100.0 * found[f"{name}_bps"] / speed, 100.0)
    return found
