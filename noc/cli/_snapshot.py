"""A Snapshot as a JSON document, and for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.text import Text

from noc.cli import _quantities as quantities
from noc.cli._console import printable
from noc.cli._table import MISSING, Column, lines, width_of
from noc.model.snapshot import RECORD_FIELDS, SATELLITE_FIELDS, DeviceIdentity, Interface, Scalar, Sensor, Snapshot

_MPLS: Final = {"mpls_vrfs": "vrfs", "mpls_ldp_sessions": "ldp_sessions", "mpls_te_tunnels": "te_tunnels"}
_STYLES: Final = {"ok": "green", "up": "green", "warning": "yellow", "critical": "red", "down": "red", "off": "dim"}
_TITLES: Final = {
    "processors": "Processors",
    "memory": "Memory",
    "storage": "Storage",
    "bgp_peers": "BGP peers",
    "ospf_neighbors": "OSPF neighbours",
    "isis_adjacencies": "IS-IS neighbours",
    "mpls_vrfs": "MPLS VRFs",
    "mpls_ldp_sessions": "LDP sessions",
    "mpls_te_tunnels": "TE tunnels",
    "vpn_tunnels": "VPN tunnels",
    "vrf_interfaces": "Interfaces of VRFs",
    "qos_classes": "Classes of quality of service",
    "ip_sla": "IP SLA",
    "neighbors": "Neighbours",
    "gateway_groups": "Gateways that stand in for each other",
}


def document(taken: Snapshot) -> dict[str, object]:
    """Return the answer of `noc poll --json` (docs/reference/poll.md)."""
    records: Mapping[str, Sequence[Mapping[str, Scalar]]] = taken.records
    plain = {name: list(records.get(name, ())) for name in RECORD_FIELDS if name not in _MPLS}
    return {
        "device": asdict(taken.device),
        "interfaces": [asdict(row) for row in taken.interfaces],
        "sensors": [asdict(row) for row in taken.sensors],
        **plain,
        "mpls": {short: list(records.get(name, ())) for name, short in _MPLS.items()},
        "satellite": {name: taken.satellite.get(name) for name in SATELLITE_FIELDS},
        "errors": [asdict(part) for part in taken.errors],
        "duration_ms": taken.duration_ms,
    }


def show(taken: Snapshot) -> None:
    """Print a snapshot for a person, as wide as the terminal or as COLUMNS says."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line in _text(taken, width_of(console)):
        console.print(line)


def _text(taken: Snapshot, width: int) -> Iterator[Text]:
    yield from _head(taken.device, taken.duration_ms, width)
    yield from _table("Interfaces", _INTERFACE_COLUMNS, [_interface(row) for row in taken.interfaces], width)
    satellite = [
        [_cell(quantities.head(name)), _cell(quantities.field(name, value))]
        for name, value in taken.satellite.items()
        if value is not None
    ]
    yield from _table("Satellite", (Column("what"), Column("value", right=True)), satellite, width)
    yield from _table("Sensors", _SENSOR_COLUMNS, [_sensor(row) for row in taken.sensors], width)
    for name, rows in taken.records.items():
        yield from _records(_TITLES.get(name, name), rows, width)


def _head(device: DeviceIdentity, duration_ms: float, width: int) -> Iterator[Text]:
    yield Text(printable(device.sys_name or device.address), style="bold")
    release = " ".join(word for word in (device.os, device.version) if word)
    kind = " ".join(word for word in (device.vendor, device.model) if word)
    words = [kind, release, device.device_class, f"serial {device.serial}" if device.serial else None]
    if any(words):
        yield Text(printable(" · ".join(word for word in words if word)))
    up = quantities.duration(device.uptime_s) or "unknown"
    yield Text(f"{device.address} · profile {device.profile} · up {up} · read in {duration_ms:.0f} ms")
    if device.sys_descr:
        descr = Text(printable(" ".join(device.sys_descr.split())), style="dim")
        descr.truncate(width, overflow="ellipsis")
        yield descr


def _table(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int) -> Iterator[Text]:
    if rows:
        yield Text()
        yield Text(f"{title} ({len(rows)})", style="italic")
        yield from lines(columns, rows, width)


_INTERFACE_COLUMNS: Final = (
    Column("ifIndex", right=True, drops=1),
    Column("name", shrinks_to=16),
    Column("alias", shrinks_to=12, drops=3),
    Column("status"),
    Column("speed", right=True, drops=2),
    Column("received", right=True),
    Column("sent", right=True),
    Column("errors in", right=True),
    Column("out", right=True),
)


def _interface(row: Interface) -> list[Text]:
    counters = row.counters
    return [
        _cell(str(row.if_index)),
        _cell(row.name),
        _cell(row.alias or None),
        _cell("off" if row.admin_status == "down" else row.oper_status),
        _cell(quantities.speed(row.speed_bps)),
        _cell(quantities.octets(counters.in_octets)),
        _cell(quantities.octets(counters.out_octets)),
        _cell(quantities.quantity(counters.in_errors, None)),
        _cell(quantities.quantity(counters.out_errors, None)),
    ]


_SENSOR_COLUMNS: Final = (
    Column("kind"),
    Column("name", shrinks_to=16),
    Column("value", right=True),
    Column("status"),
    Column("low", right=True, drops=2),
    Column("high", right=True, drops=2),
    Column("OID", drops=3),
)


def _sensor(row: Sensor) -> list[Text]:
    value = row.text if row.kind == "state" else quantities.quantity(row.value, row.unit)
    low, high = (quantities.quantity(limit, row.unit) for limit in (row.limit_low, row.limit_high))
    return [_cell(cell) for cell in (row.kind, row.name, value, row.status, low, high, row.oid)]


_DROPPED: Final = {"oid": 2, "admin_status": 1, "kind": 1}
_CUT: Final = {"name", "tag", "local_port", "remote_name", "remote_port"}  # an address is never cut


def _records(title: str, rows: Sequence[Mapping[str, Scalar]], width: int) -> Iterator[Text]:
    if not rows:
        return
    columns = [
        Column(
            quantities.head(name),
            right=not any(isinstance(row[name], str) for row in rows),
            shrinks_to=12 if name in _CUT else None,
            drops=_DROPPED.get(name, 0),
        )
        for name in rows[0]
    ]
    yield from _table(title, columns, [[_cell(quantities.field(*item)) for item in row.items()] for row in rows], width)


def _cell(words: str | None) -> Text:
    if words is None:
        return MISSING
    return Text(printable(words), style=_STYLES.get(words, ""))
