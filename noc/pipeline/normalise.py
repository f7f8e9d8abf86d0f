"""A Snapshot to Samples: the names that Telegraf's SNMP plug-in uses, ours beside them. Pure.

`interface` and `snmp` follow Telegraf (measurement, tag and field names), so that existing dashboards work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from noc.model.samples import Samples
from noc.model.snapshot import Interface, Scalar, Snapshot
from noc.pipeline.interfaces import ADMIN_STATUS, OPER_STATUS

_ADMIN_NUMBERS: Final = {word: number for number, word in ADMIN_STATUS.items()}
_OPER_NUMBERS: Final = {word: number for number, word in OPER_STATUS.items()}
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
    "processors": ("noc_processor", ("name",), ("usage_pct",)),
    "memory": ("noc_memory", ("name",), ("total_bytes", "used_bytes", "used_pct")),
    "storage": ("noc_storage", ("name",), ("total_bytes", "used_bytes", "used_pct")),
    "bgp_peers": ("noc_bgp_peer", ("peer",), ("uptime_s",)),
    "ip_sla": ("noc_path", ("index", "tag"), ("rtt_ms", "loss_pct", "jitter_ms")),
}
_SATELLITE_NUMBERS: Final = ("es_n0_db", "eb_n0_db", "snr_db", "link_margin_db", "rx_level_dbm", "tx_power_dbm", "ber")


def samples(snapshot: Snapshot, at: datetime, context: Mapping[str, str] | None = None) -> tuple[Samples, ...]:
    """Return the numbers of a snapshot.

    at: when they were read, UTC. context: tags of the device that the inventory knows (site, region, device_class).
    """
    device = snapshot.device
    base = {"agent_host": device.address, "hostname": device.sys_name or device.address, **(context or {})}
    tables = [
        _table("snmp", at, base, (), [((), {"uptime": device.uptime_s})]),
        _interfaces([row for row in snapshot.interfaces if row.wide], _INTERFACE_FIELDS, at, base),
        _interfaces([row for row in snapshot.interfaces if not row.wide], _NARROW_FIELDS, at, base),
        _table(
            "noc_sensor",
            at,
            base,
            ("kind", "index", "name"),
            [
                (
                    (sensor.kind, sensor.index, sensor.name),
                    {"value": sensor.value, "status": _STATUS_NUMBERS[sensor.status]},
                )
                for sensor in snapshot.sensors
            ],
        ),
    ]
    for name, (measurement, tag_keys, field_keys) in _RECORDS.items():
        rows = [
            (tuple(str(record[key] or "") for key in tag_keys), {key: record[key] for key in field_keys})
            for record in snapshot.records.get(name, ())
        ]
        tables.append(_table(measurement, at, base, tag_keys, rows))
    numbers: dict[str, Scalar] = {name: snapshot.satellite.get(name) for name in _SATELLITE_NUMBERS}
    numbers["rx_lock"] = snapshot.satellite.get("rx_lock")
    tables.append(_table("noc_satellite", at, base, (), [((), numbers)]))
    return tuple(table for table in tables if table is not None)


def _interfaces(
    rows: list[Interface], fields: tuple[str, ...], at: datetime, base: Mapping[str, str]
) -> Samples | None:
    return _table(
        "interface",
        at,
        base,
        ("ifIndex", "ifName", "ifDescr"),
        [
            ((str(row.if_index), row.name or "", row.descr or ""), dict(zip(fields, _numbers(row), strict=True)))
            for row in rows
        ],
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
    rows: Sequence[tuple[tuple[str, ...], Mapping[str, Scalar]]],
) -> Samples | None:
    """Return the rows that have a number at all as a table; None when there are none."""
    kept = [(tags, fields) for tags, fields in rows if any(_number(value) is not None for value in fields.values())]
    if not kept:
        return None
    field_keys = tuple(kept[0][1])
    head = tuple(base.values())
    return Samples(
        measurement=measurement,
        time=at,
        tag_keys=(*base, *tag_keys),
        field_keys=field_keys,
        tags=tuple((*head, *tags) for tags, _ in kept),
        values=tuple(tuple(_number(fields[key]) for key in field_keys) for _, fields in kept),
    )


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, int | float) else None
