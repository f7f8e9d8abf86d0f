"""A Snapshot as a JSON document, and for people at a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from noc.cli._console import printable
from noc.model.snapshot import Scalar, Snapshot

_MPLS = {"mpls_vrfs": "vrfs", "mpls_ldp_sessions": "ldp_sessions", "mpls_te_tunnels": "te_tunnels"}
_STYLES = {"ok": "green", "up": "green", "warning": "yellow", "critical": "red", "down": "red"}


def document(taken: Snapshot) -> dict[str, object]:
    """Return the answer of `noc poll --json` (docs/reference/poll.md)."""
    records: Mapping[str, Sequence[Mapping[str, Scalar]]] = taken.records
    plain = {name: list(rows) for name, rows in records.items() if name not in _MPLS}
    return {
        "device": asdict(taken.device),
        "interfaces": [asdict(row) for row in taken.interfaces],
        "sensors": [asdict(row) for row in taken.sensors],
        **plain,
        "mpls": {short: list(records.get(name, ())) for name, short in _MPLS.items()},
        "satellite": dict(taken.satellite),
        "errors": [asdict(part) for part in taken.errors],
        "duration_ms": taken.duration_ms,
    }


def show(taken: Snapshot) -> None:
    """Print a snapshot for a person."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=200)
    device = taken.device
    title = " ".join(word for word in (device.vendor, device.model, device.version) if word)
    console.print(Text(f"{device.sys_name or device.address}  {title}".rstrip(), style="bold"))
    console.print(
        f"{device.address} · profile {device.profile} · {device.device_class or 'unknown class'}"
        f" · up {_uptime(device.uptime_s)} · read in {taken.duration_ms:.0f} ms"
    )
    if device.sys_descr:
        console.print(printable(" ".join(device.sys_descr.split()))[:300], style="dim")
    interfaces = [
        [
            str(row.if_index),
            row.name,
            row.alias,
            row.oper_status if row.admin_status != "down" else "off",
            _speed(row.speed_bps),
            _octets(row.counters.in_octets),
            _octets(row.counters.out_octets),
            row.counters.in_errors,
            row.counters.out_errors,
        ]
        for row in taken.interfaces
    ]
    heads: tuple[str, ...] = (
        "ifIndex",
        "name",
        "alias",
        "status",
        "speed",
        "received",
        "sent",
        "in errors",
        "out errors",
    )
    _table(console, "Interfaces", heads, interfaces)
    sensors = [
        [row.kind, row.name, row.text if row.kind == "state" else row.value, row.unit, row.status, row.oid]
        for row in taken.sensors
    ]
    _table(console, "Sensors", ("kind", "name", "value", "unit", "status", "OID"), sensors)
    for name, rows in taken.records.items():
        if rows:
            heads = tuple(rows[0])
            _table(console, name.replace("_", " ").capitalize(), heads, [list(row.values()) for row in rows])
    satellite = [[name, value] for name, value in taken.satellite.items() if value is not None]
    _table(console, "Satellite", ("what", "value"), satellite)


def _table(console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> None:
    if not rows:
        return
    table = Table(title=f"{title} ({len(rows)})", title_justify="left", header_style="bold", box=None, pad_edge=False)
    for position, head in enumerate(heads):
        numeric = all(not isinstance(row[position], str) for row in rows)
        table.add_column(head, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print()
    console.print(table)


def _cell(value: Scalar) -> Text:
    if value is None:
        return Text("–", style="dim")
    if isinstance(value, float):
        return Text(f"{value:,.6g}")
    if isinstance(value, int) and not isinstance(value, bool):
        return Text(f"{value:,}")
    words = printable(str(value))
    return Text(words, style=_STYLES.get(words, ""))


def _octets(count: int | None) -> str | None:
    if count is None:
        return None
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "kB")):
        if count >= 1000**power:
            return f"{count / 1000**power:.1f} {unit}"
    return f"{count} B"


def _speed(bps: int | None) -> str | None:
    if bps is None:
        return None
    for factor, unit in ((10**9, "Gbit/s"), (10**6, "Mbit/s"), (10**3, "kbit/s")):
        if bps >= factor:
            return f"{bps / factor:g} {unit}"
    return f"{bps} bit/s"


def _uptime(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    minutes, _ = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h {minutes} min"
