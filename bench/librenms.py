"""Holds what noc read of a recording against what LibreNMS read of the same one (its `tests/data`), part by part.

LibreNMS's reading is another product's opinion, not the truth: `OPINIONS` lists where it is wrong, and why.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.opinions import OPINIONS
from noc.model.snapshot import Scalar, Snapshot

Row = Mapping[str, Any]

COUNTERS = {
    "ifInOctets": "in_octets",
    "ifOutOctets": "out_octets",
    "ifInUcastPkts": "in_ucast_pkts",
    "ifOutUcastPkts": "out_ucast_pkts",
    "ifInErrors": "in_errors",
    "ifOutErrors": "out_errors",
}
CLOSE = 0.011  # relative; LibreNMS rounds to two or three digits
CLOSE_ABSOLUTE = 0.051
UNITS = {"runtime": 60, "power_consumed": 1000}
"""Its units in ours: minutes in seconds, kilowatt hours in watt hours."""
MEGA = 1_000_000  # its frequencies of radios are in megahertz, those of other sensors in hertz


@dataclass
class Score:
    """How many of the expected things were found, and what is wrong with the others."""

    right: int = 0
    expected: int = 0
    misses: list[str] = field(default_factory=list)

    def tell(self, right: bool, miss: str) -> None:
        """Count one thing that is expected. miss: what is wrong with it, if it is."""
        self.expected += 1
        self.right += right
        if not right:
            self.misses.append(miss)

    def add(self, other: Score) -> None:
        """Add what another score counted."""
        self.right += other.right
        self.expected += other.expected
        self.misses += other.misses


def expected(root: Path, name: str) -> dict[str, list[Row]] | None:
    """Return LibreNMS's rows by table, the poller's over discovery's; None where there is no file."""
    path = root / "snmprec-expected" / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, list[Row]] = {}
    for phases in json.loads(path.read_text()).values():
        for phase in (phases.get("discovery"), phases.get("poller")):
            if isinstance(phase, dict):
                found.update(phase)
    return found


def compare(name: str, taken: Snapshot, tables: Mapping[str, list[Row]], *, opinions: bool = True) -> dict[str, Score]:
    """Return a score for each part: interfaces, names, states, counters, sensors, values, processors, ...

    opinions: leave out what LibreNMS has wrong (bench/opinions.py).
    """
    scores: dict[str, Score] = {}
    for part, right, miss in (
        *_interfaces(taken, tables.get("ports", [])),
        *_sensors(taken, [*_sensor_rows(tables)]),
        *_lists(taken, tables),
        *_identity(taken, next(iter(tables.get("devices", [])), {})),
    ):
        if opinions and (name, miss.split(":", 1)[0]) in OPINIONS:
            continue
        scores.setdefault(part, Score()).tell(right, f"{name} {part} {miss}")
    return scores


def _close(mine: Scalar, theirs: Scalar) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    try:
        one, other = float(mine), float(theirs)
    except ValueError:
        return str(mine).strip() == str(theirs).strip()
    return abs(one - other) <= max(CLOSE_ABSOLUTE, CLOSE * abs(other))


Told = Iterator[tuple[str, bool, str]]


def _interfaces(taken: Snapshot, rows: Iterable[Row]) -> Told:
    mine = {row.if_index: row for row in taken.interfaces}
    for row in rows:
        index = row["ifIndex"]
        found = mine.get(index)
        yield "interfaces", found is not None, f"interface {index}: missing ({row['ifName'] or row['ifDescr']})"
        if found is None:
            continue
        names = {found.name, found.descr}
        yield "names", row["ifName"] in names, f"ifName {index}: {row['ifName']!r}, not {found.name!r}"
        if row["ifOperStatus"] is not None:
            right = found.oper_status == row["ifOperStatus"]
            yield "states", right, f"ifOperStatus {index}: {row['ifOperStatus']}, not {found.oper_status}"
        for column, counter in COUNTERS.items():
            if row.get(column) is not None:
                value = getattr(found.counters, counter)
                right = value == row[column] or (value is None and row[column] == 0)
                yield "counters", right, f"{column} {index}: {row[column]}, not {value}"


def _sensor_rows(tables: Mapping[str, list[Row]]) -> Iterator[tuple[str, str, str, Scalar]]:
    # An optical receiver that reports watts is there twice, under one OID: in watts and in dBm.
    light = {row["sensor_oid"] for row in tables.get("sensors", []) if row["sensor_class"] == "dbm"}
    for row in tables.get("sensors", []):
        if row["sensor_class"] == "power" and row["sensor_oid"] in light:
            continue
        value = row["sensor_current"]
        in_our_unit = value if value is None else value * UNITS.get(row["sensor_class"], 1)
        yield row["sensor_oid"].lstrip("."), row["sensor_class"], row["sensor_descr"], in_our_unit
    for row in tables.get("wireless_sensors", []):
        oids = json.loads(row["sensor_oids"])
        if len(oids) == 1:
            oid = oids[0] if isinstance(oids, list) else next(iter(oids.values()))
            value = row["sensor_current"]
            in_hertz = value * MEGA if row["sensor_class"] == "frequency" and value is not None else value
            yield oid.lstrip("."), row["sensor_class"], row["sensor_descr"], in_hertz


def _sensors(taken: Snapshot, rows: Iterable[tuple[str, str, str, Scalar]]) -> Told:
    mine = {sensor.oid: sensor for sensor in taken.sensors}
    mine_too = {str(row["oid"]): row for row in taken.records["processors"]}
    for oid, kind, descr, value in rows:
        found = mine.get(oid)
        if found is None and oid in mine_too:
            yield "sensors", True, ""
            continue
        yield "sensors", found is not None, f"{oid}: no {kind} '{descr}' = {value}"
        if found is not None:
            right = _close(found.value, value) or (kind == "state" and found.value is None)
            yield "values", right, f"{oid}: {kind} '{descr}' is {value}, not {found.value} {found.kind} '{found.name}'"


def _lists(taken: Snapshot, tables: Mapping[str, list[Row]]) -> Told:
    processors = {str(row["oid"]): row for row in taken.records["processors"]}
    for row in tables.get("processors", []):
        oid = row["processor_oid"].lstrip(".")
        found = processors.get(oid)
        yield (
            "processors",
            found is not None,
            f"{oid}: no processor '{row['processor_descr']}' = {row['processor_usage']}",
        )
        if found is not None:
            right = (
                _close(found["usage_pct"], row["processor_usage"])
                or abs(float(found["usage_pct"] or 0) - float(row["processor_usage"])) <= 1
            )
            yield (
                "usages",
                right,
                f"{oid}: '{row['processor_descr']}' {row['processor_usage']}, not {found['usage_pct']}",
            )
    pools = [*taken.records["memory"], *taken.records["storage"]]
    for row in tables.get("mempools", []):
        right = any(_same_pool(pool, row) for pool in pools)
        text = f"{row['mempool_used']} of {row['mempool_total']}, {row['mempool_perc']} %"
        yield "memory", right, f"{row['mempool_type']}.{row['mempool_index']}: '{row['mempool_descr']}' {text}"
    for row in tables.get("storage", []):
        right = any(
            _close(pool["total_bytes"], row["storage_size"]) and _close(pool["used_bytes"], row["storage_used"])
            for pool in pools
        )
        text = f"{row['storage_used']} of {row['storage_size']}"
        yield "storage", right, f"{row['type']}.{row['storage_index']}: '{row['storage_descr']}' {text}"
    peers = {_address(str(row["peer"])): row for row in taken.records["bgp_peers"]}
    for row in tables.get("bgpPeers", []):
        peer = row["bgpPeerIdentifier"]
        found = peers.get(_address(peer))
        right = found is not None and found["state"] == row["bgpPeerState"]
        right = right and found is not None and found["remote_as"] == row["bgpPeerRemoteAs"]
        yield "bgp", right, f"{peer}: AS {row['bgpPeerRemoteAs']} {row['bgpPeerState']}, not {found}"
    names = {row["name"] for row in taken.records["mpls_vrfs"]}
    for row in tables.get("vrfs", []):
        yield "vrfs", row["vrf_name"] in names, f"VRF {row['vrf_name']}: not among {sorted(map(str, names))}"
    probes = {str(row["index"]): row for row in taken.records["ip_sla"]}
    tags = {str(row["tag"]): row for row in taken.records["ip_sla"]}
    for row in tables.get("slas", []):
        right = str(row["sla_nr"]) in probes or str(row["tag"]) in tags
        yield "ip_sla", right, f"SLA {row['sla_nr']}: {row['owner']} {row['tag']} {row['rtt']} ms"


def _address(text: str) -> str:
    # LibreNMS writes IPv6 in full.
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _same_pool(pool: Row, row: Row) -> bool:
    if row["mempool_total"] in (None, 0, 100):
        return (
            _close(pool["used_pct"], row["mempool_perc"])
            or abs(float(pool["used_pct"] or 0) - float(row["mempool_perc"])) <= 1
        )
    return _close(pool["total_bytes"], row["mempool_total"]) and _close(pool["used_bytes"], row["mempool_used"])


def _identity(taken: Snapshot, row: Row) -> Told:
    device = taken.device
    for part, theirs, mine in (
        ("version", row.get("version"), device.version),
        ("serial", row.get("serial"), device.serial),
        ("model", row.get("hardware"), device.model),
    ):
        if theirs:
            right = mine is not None and (str(mine).lower() in theirs.lower() or theirs.lower() in str(mine).lower())
            yield part, right, f"{part}: {theirs!r}, not {mine!r}"
