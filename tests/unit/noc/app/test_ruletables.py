"""Tables for rules alone: engine ids, neighbours, and noc's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from alerts.rules.measurements import FOR_RULES
from noc.app.portwatch import PortWatch
from noc.app.ruletables import OwnTables, RuleTables
from noc.clock import ManualClock
from noc.inventory.entities import Circuit, CircuitEnd, Region
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.samples import Samples
from noc.model.snapshot import DeviceIdentity, Snapshot
from noc.pipeline.ingest import Ingested
from tests.database import empty_database
from tests.things import device
from tests.unit.alerts.rules.things import SITE

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENDS = Circuit(id="c", name="c", kind="mpls", site="s", a=CircuitEnd(device="core", interface="Gi9"))
INVENTORY = Inventory(
    {"africa": Region(id="africa", name="Africa")},
    {"s": SITE},
    {name: device(name) for name in ("core", "edge")},
    {"c": ENDS},
)
CHECK = Check("device/core", "snmp", 300, 300)


def heard(tables: RuleTables, *told: tuple[str, str]) -> list[tuple[str, str, float | None, float | None]]:
    identity = DeviceIdentity("192.0.2.1", None, "core", None, 1.0, None, None, None, None, None, None, "p")
    records = {
        "neighbors": tuple(
            {"protocol": "lldp", "local_port": port, "remote_name": name, "remote_port": "x"} for port, name in told
        )
    }
    any_table = Samples("snmp", NOW, (), ("uptime_s",), ((),), ((1.0,),))
    found = tables(CHECK, Ingested(samples=(any_table,), snapshot=Snapshot(identity, (), (), records, None)))
    rows = [row for table in found if table.measurement == "noc_neighbor" for row in rows_of(table)]
    return [(str(row["local_port"]), str(row["remote_name"]), row["known"], row["infrastructure"]) for row in rows]  # type: ignore[misc]


def rows_of(table: Samples) -> list[Mapping[str, str | float | None]]:
    return [
        {**dict(zip(table.tag_keys, tags, strict=True)), **dict(zip(table.field_keys, values, strict=True))}
        for tags, values in zip(table.tags, table.values, strict=True)
    ]


def tables_of(folder: Path, twins: Callable[[str], Sequence[str]] = lambda _: ()) -> RuleTables:
    ports = PortWatch(empty_database(folder / "state.sqlite3"), ManualClock(NOW), lambda: INVENTORY)
    return RuleTables(lambda: INVENTORY, twins, ports)


def test_a_stranger_on_a_port_where_the_inventory_was_heard(tmp_path: Path) -> None:
    tables = tables_of(tmp_path)
    assert heard(tables, ("Gi1", "stranger"), ("Gi9", "stranger")) == [
        ("Gi1", "stranger", 0.0, 0.0),
        ("Gi9", "stranger", 0.0, 1.0),
    ]
    assert heard(tables, ("Gi1", "EDGE.example.org")) == [("Gi1", "EDGE.example.org", 1.0, 1.0)]
    assert heard(tables, ("Gi1", "stranger"), ("", "x")) == [("Gi1", "stranger", 0.0, 1.0)]


def test_twins_are_counted_and_a_ping_says_nothing(tmp_path: Path) -> None:
    tables = tables_of(tmp_path, lambda entity: ("device/edge",) if entity == "device/core" else ())
    assert tables(CHECK, Ingested()) == ()
    identity = DeviceIdentity("192.0.2.1", None, "core", None, 1.0, None, None, None, None, None, None, "p")
    any_table = Samples("snmp", NOW, (), ("uptime_s",), ((),), ((1.0,),))
    (engine,) = tables(CHECK, Ingested(samples=(any_table,), snapshot=Snapshot(identity, (), (), {}, None)))
    assert (engine.measurement, rows_of(engine)) == ("noc_engine", [{"twins": 1.0}])


def test_own_numbers(tmp_path: Path) -> None:
    (row,) = rows_of(OwnTables({"overdue_s": lambda: 3.0}, tmp_path)(NOW))
    assert row["overdue_s"] == 3.0
    assert isinstance(row["disk_used_pct"], float)
    assert 0 < row["disk_used_pct"] <= 100
    assert row.keys() == set(FOR_RULES["noc_self"].fields)
    (without,) = rows_of(OwnTables({}, tmp_path / "missing")(NOW))
    assert without["disk_used_pct"] is None
