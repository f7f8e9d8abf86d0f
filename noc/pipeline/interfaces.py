"""ifTable and ifXTable to interfaces (RFC 2863). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.model.reading import Raw, Row, SnmpAnswer
from noc.model.snapshot import Counters, Interface
from noc.pipeline import values

ADMIN_STATUS: Final = {1: "up", 2: "down", 3: "testing"}
OPER_STATUS: Final = {
    1: "up",
    2: "down",
    3: "testing",
    4: "unknown",
    5: "dormant",
    6: "notPresent",
    7: "lowerLayerDown",
}

_SPEED_IS_ELSEWHERE: Final = 2**32 - 1
_MBIT: Final = 10**6
_WRAP_64: Final = 2**64


def interfaces(answer: SnmpAnswer) -> tuple[Interface, ...]:
    """Return the interfaces in the order of ifIndex; a row of either table makes one."""
    old, extended = answer.tables.get("ifTable", {}), answer.tables.get("ifXTable", {})
    indexes = sorted(index for index in old.keys() | extended.keys() if len(index) == 1)
    return tuple(_interface(index[0], old.get(index, {}), extended.get(index, {})) for index in indexes)


def _interface(if_index: int, old: Row, extended: Row) -> Interface:
    wide = extended.get("ifHCInOctets") is not None or extended.get("ifHCOutOctets") is not None
    descr = values.text(old.get("ifDescr"))
    return Interface(
        if_index=if_index,
        name=values.text(extended.get("ifName")) or descr or None,
        descr=descr,
        alias=values.text(extended.get("ifAlias")),
        if_type=values.integer(old.get("ifType")),
        speed_bps=_speed_bps(old, extended),
        mtu=values.integer(old.get("ifMtu")),
        mac=values.mac(old.get("ifPhysAddress")),
        admin_status=ADMIN_STATUS.get(values.integer(old.get("ifAdminStatus")) or 0),
        oper_status=OPER_STATUS.get(values.integer(old.get("ifOperStatus")) or 0),
        last_change_s=_seconds(old.get("ifLastChange")),
        discontinuity_s=_seconds(extended.get("ifCounterDiscontinuityTime")),
        wide=wide,
        counters=_counters(old, extended),
    )


def _speed_bps(old: Row, extended: Row) -> int | None:
    """Return the speed in bit/s.

    ifHighSpeed is rounded (or cut) to Mbit/s, so ifSpeed is taken where both agree; else it has overflowed.
    """
    high = values.integer(extended.get("ifHighSpeed"))
    low = values.integer(old.get("ifSpeed"))
    if low is not None and not 0 <= low < _SPEED_IS_ELSEWHERE:
        low = None
    if not high:
        return low if low is not None else high
    if low is not None and abs(low - high * _MBIT) < _MBIT:
        return low
    return high * _MBIT


def _seconds(raw: Raw) -> float | None:
    ticks = values.integer(raw)
    return None if ticks is None else ticks / 100


def _counters(old: Row, extended: Row) -> Counters:
    return Counters(
        in_octets=_counter(extended, "ifHCInOctets", old, "ifInOctets"),
        out_octets=_counter(extended, "ifHCOutOctets", old, "ifOutOctets"),
        in_ucast_pkts=_counter(extended, "ifHCInUcastPkts", old, "ifInUcastPkts"),
        out_ucast_pkts=_counter(extended, "ifHCOutUcastPkts", old, "ifOutUcastPkts"),
        in_multicast_pkts=_counter(extended, "ifHCInMulticastPkts", extended, "ifInMulticastPkts"),
        out_multicast_pkts=_counter(extended, "ifHCOutMulticastPkts", extended, "ifOutMulticastPkts"),
        in_broadcast_pkts=_counter(extended, "ifHCInBroadcastPkts", extended, "ifInBroadcastPkts"),
        out_broadcast_pkts=_counter(extended, "ifHCOutBroadcastPkts", extended, "ifOutBroadcastPkts"),
        in_errors=_counter({}, "", old, "ifInErrors"),
        out_errors=_counter({}, "", old, "ifOutErrors"),
        in_discards=_counter({}, "", old, "ifInDiscards"),
        out_discards=_counter({}, "", old, "ifOutDiscards"),
    )


def _counter(wide: Mapping[str, Raw], wide_name: str, narrow: Row, narrow_name: str) -> int | None:
    raw = wide.get(wide_name)
    if type(raw) is int and 0 <= raw < _WRAP_64:  # as nearly all are
        return raw
    value = values.convert(raw, "counter64")
    if value is None:
        value = values.convert(narrow.get(narrow_name), "counter32")
    return value if isinstance(value, int) else None
