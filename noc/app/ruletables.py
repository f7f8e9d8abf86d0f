"""Tables for rules alone: what is known beside the time series, of devices and of noc itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from alerts.rules.measurements import FOR_RULES
from noc.app.portwatch import PortWatch
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.samples import Samples
from noc.model.snapshot import Scalar
from noc.pipeline.ingest import Ingested

Row = Mapping[str, str | float]

PORTS_AT_MOST: Final = 200_000
"""Ports on which a device of the inventory was heard that are remembered."""


class RuleTables:
    """Makes tables from what a poll told. twins: gives the other devices with the SNMP engine id of a device.

    A port is infrastructure when it is the end of a circuit, or when a device of the inventory was heard on it since
    the start. ports: knows which addresses those have.
    """

    def __init__(
        self, inventory: Callable[[], Inventory], twins: Callable[[str], Sequence[str]], ports: PortWatch
    ) -> None:
        self._inventory = inventory
        self._twins = twins
        self._ports = ports
        self._heard: dict[str, set[str]] = {}
        self._number = 0
        self._of: Inventory | None = None
        self._names: frozenset[str] = frozenset()
        self._ends: dict[str, set[str]] = {}

    def __call__(self, check: Check, ingested: Ingested) -> Sequence[Samples]:
        """Return the tables of one Reading; none where it was no poll of a device, nor of its addresses."""
        device, told = check.entity.removeprefix("device/"), ingested.forwarding
        if told is not None:
            found: list[Row] = [
                {"local_port": one.port, "address": one.address, "new": float(one.new)}
                for one in self._ports.take(device, told)
            ]
            return (table_of("noc_port_address", told.at, found),) if found else ()
        snapshot = ingested.snapshot
        if snapshot is None or not ingested.samples:
            return ()
        at = ingested.samples[0].time
        engine = table_of("noc_engine", at, [{"twins": float(len(self._twins(check.entity)))}])
        rows = self._neighbours(device, snapshot.records.get("neighbors", ()))
        self._ports.learn(device, snapshot, self._infrastructure(device))
        return (engine, table_of("noc_neighbor", at, rows)) if rows else (engine,)

    def _infrastructure(self, device: str) -> set[str]:
        return self._heard.get(device, set()) | self._ends.get(device, set())

    def _neighbours(self, device: str, told: Iterable[Mapping[str, Scalar]]) -> list[Row]:
        self._learn()
        rows: list[Row] = []
        for one in told:
            port, name = str(one.get("local_port") or ""), str(one.get("remote_name") or "")
            if not port or not name:
                continue
            known = _plain(name) in self._names
            if known and self._number < PORTS_AT_MOST:
                heard = self._heard.setdefault(device, set())
                self._number += port not in heard
                heard.add(port)
            rows.append({
                "protocol": str(one.get("protocol") or ""),
                "local_port": port,
                "remote_name": name,
                "known": float(known),
                "infrastructure": float(port in self._infrastructure(device)),
            })  # fmt: skip
        return rows

    def _learn(self) -> None:
        inventory = self._inventory()
        if inventory is self._of:
            return
        self._of = inventory
        devices = inventory.devices.values()
        self._names = frozenset(_plain(name) for one in devices for name in (one.id, one.name))
        ends = (end for one in inventory.circuits.values() for end in (one.a, one.z) if end is not None)
        self._ends = {}
        for end in ends:
            self._ends.setdefault(end.device, set()).add(end.interface)


class OwnTables:
    """Tells noc's own numbers. read: gives those that are counted elsewhere, by field of `noc_self`.

    state_dir: the folder whose disk is looked at.
    """

    def __init__(self, read: Mapping[str, Callable[[], float]], state_dir: Path) -> None:
        self._read = read
        self._state_dir = state_dir

    def __call__(self, at: datetime) -> Samples:
        """Return them as one table."""
        row: dict[str, str | float] = {name: read() for name, read in self._read.items()}
        try:
            disk = shutil.disk_usage(self._state_dir)
            row["disk_used_pct"] = 100 * disk.used / max(disk.used + disk.free, 1)
        except OSError:
            pass  # a disk that can't be asked is told by what can't be written
        return table_of("noc_self", at, [row])


def table_of(name: str, at: datetime, rows: Sequence[Row]) -> Samples:
    """Return rows as a table of a measurement that only rules know."""
    known = FOR_RULES[name]
    return Samples(
        measurement=name,
        time=at,
        tag_keys=known.tags,
        field_keys=tuple(known.fields),
        tags=tuple(tuple(str(row.get(tag, "")) for tag in known.tags) for row in rows),
        values=tuple(tuple(_number(row.get(field)) for field in known.fields) for row in rows),
    )


def _number(value: str | float | None) -> float | None:
    return value if isinstance(value, int | float) else None


def _plain(name: str) -> str:
    """Return a name as it is compared: without its domain, in small letters."""
    return name.partition(".")[0].casefold()
