"""A Snapshot to Samples: the names that Telegraf's SNMP plug-in uses, ours beside them. Pure.

`interface` and `snmp` follow Telegraf (measurement, tag and field names), so that existing dashboards work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from noc.inventory.profiles.compiled import as_text
from noc.model.samples import Samples
from noc.model.snapshot import Interface, Scalar, Sensor, Snapshot
from noc.pipeline.interfaces import ADMIN_STATUS, OPER_STATUS
from noc.pipeline.links import LINK_FIELDS
from noc.pipeline.rates import RATE_FIELDS, Rates


def _numbered(*words: Scalar) -> dict[Scalar, int]:
    return {word: number for number, word in enumerate(words, 1)}


_ADMIN_NUMBERS: Final = {word: number for number, word in ADMIN_STATUS.items()}
_OPER_NUMBERS: Final = {word: number for number, word in OPER_STATUS.items()}
_NUMERIC: Final = (int, float)
_STATUS_NUMBERS: Final = {"ok": 0.0, "warning": 1.0, "critical": 2.0, "unknown": 3.0}
_INTERFACE_FIELDS: Final = (
    "ifAdminStatus",
    "ifOperStatus",
    "ifHighSpeed",
    "ifHCInOctets",
    "ifHCOutOctets",
    "ifHCInUcastPkts",
    "ifHCOutUcastPkts",
    "ifHCInMulticastPkts",
    "ifHCOutMulticastPkts",
    "ifHCInBroadcastPkts",
    "ifHCOutBroadcastPkts",
    "ifInErrors",
    "ifOutErrors",
    "ifInDiscards",
    "ifOutDiscards",
)
_NARROW_FIELDS: Final = tuple(name.replace("ifHC", "if") for name in _INTERFACE_FIELDS)
_RECORDS: Final[Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "processors": ("noc_processor", ("name", "oid"), ("usage_pct",)),
    "memory": ("noc_memory", ("name", "oid"), ("total_bytes", "used_bytes", "used_pct")),
    "storage": ("noc_storage", ("name", "oid"), ("total_bytes", "used_bytes", "used_pct")),
    "bgp_peers": ("noc_bgp_peer", ("peer", "vrf"), ("state", "uptime_s", "accepted_prefixes")),
    "ospf_neighbors": ("noc_ospf_neighbor", ("neighbor", "router_id", "vrf"), ("state",)),
    "ip_sla": ("noc_path", ("index", "tag"), ("rtt_ms", "loss_pct", "jitter_ms", "delay_ms", "mos", "ok")),
    "qos_classes": (
        "noc_qos_class",
        ("interface", "direction", "policy", "class"),
        ("packets", "bytes", "rate_bps", "sent_bytes", "sent_bps", "drop_packets", "drop_bytes", "drop_bps"),
    ),
    "isis_adjacencies": ("noc_isis_adjacency", ("neighbor", "system_id", "interface"), ("state",)),
}
"""List of a snapshot: measurement, tags, fields. The OID is a tag because names repeat: four CPUs of one model."""
_STATE_NUMBERS: Final[Mapping[str, Mapping[Scalar, int]]] = {
    "bgp_peers": _numbered("idle", "connect", "active", "opensent", "openconfirm", "established"),
    "ospf_neighbors": _numbered("down", "attempt", "init", "twoWay", "exchangeStart", "exchange", "loading", "full"),
    "isis_adjacencies": _numbered("down", "initializing", "up", "failed"),
}
"""States as numbers again, those of BGP4-MIB, OSPF-MIB and ISIS-MIB: a time series holds numbers only."""
_SATELLITE_FIELDS: Final = (
    "es_n0_db",
    "eb_n0_db",
    "snr_db",
    "link_margin_db",
    "es_n0_threshold_db",
    "bits_per_symbol",
    "rx_level_dbm",
    "tx_power_dbm",
    "ber",
    "temperature_c",
    "rx_lock",
    "tx_on",
    "buc_alarm",
    "lnb_alarm",
    *LINK_FIELDS,
)


def samples(
    snapshot: Snapshot,
    at: datetime,
    context: Mapping[str, str] | None = None,
    rates: Mapping[int, Rates] | None = None,
) -> tuple[Samples, ...]:
    """Return the numbers of a snapshot.

    at: when they were read, UTC. context: tags of the device that the inventory knows (site, region, device_class).
    rates: of interfaces by ifIndex, since the device's last poll.
    """
    device = snapshot.device
    base = {"agent_host": device.address, "hostname": device.sys_name or device.address, **(context or {})}
    satellite = tuple(snapshot.satellite.get(name) for name in _SATELLITE_FIELDS)
    tables = (
        _table("snmp", at, base, (), ("uptime", "uptime_s"), [((), _uptime(device.uptime_s))]),
        _interfaces([row for row in snapshot.interfaces if row.wide], _INTERFACE_FIELDS, at, base, rates),
        _interfaces([row for row in snapshot.interfaces if not row.wide], _NARROW_FIELDS, at, base, rates),
        _sensors(snapshot.sensors, at, base),
        *(_records(name, snapshot.records.get(name, ()), at, base) for name in _RECORDS),
        _table("noc_satellite", at, base, (), _SATELLITE_FIELDS, [((), satellite)]),
    )
    return tuple(table for table in tables if table is not None)


def _uptime(seconds: float | None) -> tuple[Scalar, ...]:
    ticks = None if seconds is None else round(seconds * 100)  # Telegraf writes sysUpTime as it is, in 1/100 s
    return ticks, seconds


def _sensors(rows: Sequence[Sensor], at: datetime, base: Mapping[str, str]) -> Samples | None:
    return _table(
        "noc_sensor",
        at,
        base,
        ("kind", "index", "name", "oid"),
        ("value", "status"),
        [((row.kind, row.index, row.name, row.oid), (row.value, _STATUS_NUMBERS[row.status])) for row in rows],
    )


def _records(name: str, rows: Sequence[Mapping[str, Scalar]], at: datetime, base: Mapping[str, str]) -> Samples | None:
    measurement, tag_keys, field_keys = _RECORDS[name]
    states = _STATE_NUMBERS.get(name, {})

    def field(record: Mapping[str, Scalar], key: str) -> Scalar:
        return states.get(record[key]) if key == "state" else record[key]

    return _table(
        measurement,
        at,
        base,
        tag_keys,
        field_keys,
        [(tuple(as_text(row[key]) for key in tag_keys), tuple(field(row, key) for key in field_keys)) for row in rows],
    )


def _interfaces(
    rows: list[Interface],
    fields: tuple[str, ...],
    at: datetime,
    base: Mapping[str, str],
    rates: Mapping[int, Rates] | None,
) -> Samples | None:
    def numbers(row: Interface) -> tuple[Scalar, ...]:
        if not rates:
            return _numbers(row)
        known = rates.get(row.if_index, {})
        return (*_numbers(row), *map(known.get, RATE_FIELDS))

    return _table(
        "interface",
        at,
        base,
        ("ifIndex", "ifName", "ifDescr"),
        (*fields, *RATE_FIELDS) if rates else fields,
        [((str(row.if_index), row.name or "", row.descr or ""), numbers(row)) for row in rows],
    )


def _numbers(row: Interface) -> tuple[Scalar, ...]:
    counters = row.counters
    return (
        _ADMIN_NUMBERS.get(row.admin_status or ""),
        _OPER_NUMBERS.get(row.oper_status or ""),
        None if row.speed_bps is None else row.speed_bps / 1e6,
        counters.in_octets,
        counters.out_octets,
        counters.in_ucast_pkts,
        counters.out_ucast_pkts,
        counters.in_multicast_pkts,
        counters.out_multicast_pkts,
        counters.in_broadcast_pkts,
        counters.out_broadcast_pkts,
        counters.in_errors,
        counters.out_errors,
        counters.in_discards,
        counters.out_discards,
    )


def _table(
    measurement: str,
    at: datetime,
    base: Mapping[str, str],
    tag_keys: tuple[str, ...],
    field_keys: tuple[str, ...],
    rows: Iterable[tuple[tuple[str, ...], tuple[Scalar, ...]]],
) -> Samples | None:
    """Return the rows that have a number at all as a table; None when there are none."""
    head, width = tuple(base.values()), len(field_keys)
    tags: list[tuple[str, ...]] = []
    values: list[tuple[float | None, ...]] = []
    for own, read in rows:
        numbers = tuple([float(value) if isinstance(value, _NUMERIC) else None for value in read])
        if numbers.count(None) < width:
            tags.append(head + own)
            values.append(numbers)
    if not tags:
        return None
    return Samples(measurement, at, (*base, *tag_keys), field_keys, tuple(tags), tuple(values))
