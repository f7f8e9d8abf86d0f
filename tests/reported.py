"""A month of a small network, in a state database, for tests of reports: its truth is written down here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

from noc.app.reports import material_of
from noc.inventory.entities import Circuit, Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.correction import Cause
from noc.model.ports import SeriesReader
from noc.model.transition import Status, Transition
from noc.reports.frame.material import Material
from noc.state import corrections, incidents, ledger
from noc.state.database import Database, Transaction
from noc.state.incidents import Opening
from tests.database import empty_database
from tests.things import device, watch

HOUR_MS: Final = 3_600_000


def at(text: str) -> int:
    """Return `10-05 12:00` of 2026, UTC, in milliseconds."""
    return int(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp() * 1000)


def _site(key: str, *edges: str) -> Site:
    written = {"id": key, "name": key.title(), "region": "africa", "class": "field", "edge_devices": list(edges)}
    return Site.model_validate_json(json.dumps(written))


def _circuit(key: str, **more: object) -> Circuit:
    ends = {"a": {"device": "juba", "interface": "ge0"}}
    written = {"id": key, "name": f"Juba, {key}", "kind": "mpls", "site": "juba", **ends, **more}
    return Circuit.model_validate_json(json.dumps(written))


def _device(key: str, site: str, device_class: str = "router", installed: str = "", *upstream: str) -> Device:
    made = replace(device(key, watched=watch(useful_life=5)), site=site, upstream=upstream)
    day = date.fromisoformat(installed) if installed else None
    return replace(made, device_class=device_class, installed=day)  # type: ignore[arg-type]


# Juba hangs on Nairobi's router, which is old; its own has its two edges.
INVENTORY: Final = Inventory(
    {"africa": Region(id="africa", name="Africa", technology_centre="nairobi")},
    {"nairobi": _site("nairobi", "nbo"), "juba": _site("juba", "juba")},
    {
        "nbo": _device("nbo", "nairobi", "router", "2019-06-30"),
        "juba": _device("juba", "juba", "router", "2024-01-01", "device/nbo"),
        "juba-sw": _device("juba-sw", "juba", "switch"),
        "juba-old": _device("juba-old", "juba", "switch", "2010-01-01", "device/juba"),
    },
    {
        "mpls": _circuit("mpls", provider="Example Carrier", provider_reference="EC-1", capacity="10M"),
        "sat": _circuit("sat", capacity="2M"),
    },
)

NOW_MS: Final = at("11-02 00:00")
UP: Final = ("device/nbo", "device/juba", "device/juba-sw", "device/juba-old", "circuit/mpls", "circuit/sat")
DOWN: Final = (
    ("circuit/mpls", "10-05 10:00", "10-05 12:00"),
    ("device/nbo", "10-07 00:00", "10-07 00:30"),
    ("device/juba", "10-07 00:00", "10-07 00:30"),
    ("device/juba-old", "10-09 08:00", "10-09 09:00"),
    ("circuit/mpls", "10-20 23:00", "10-21 00:00"),
)
CORRECTED: Final[tuple[tuple[str, str, str, Cause], ...]] = (
    ("circuit/mpls", "10-05 10:00", "10-05 11:00", "carrier"),
    ("device/nbo", "10-07 00:00", "10-07 00:30", "power"),
)
OPENED: Final = (
    # entity, rule, since, acknowledged, resolved
    ("circuit/mpls", "circuit-down", "10-05 10:00", "10-05 10:11", "10-05 12:00"),
    ("device/nbo", "device-down", "10-07 00:00", None, "10-07 00:30"),
    ("device/juba-sw", "hot", "10-08 00:00", "10-08 00:21", "10-08 02:00"),
    ("device/juba-sw", "hot", "10-11 00:00", None, "10-11 01:00"),
    ("device/juba-sw", "hot", "10-14 00:00", None, None),
    ("device/nbo", "device-down", "09-30 23:00", None, "10-01 05:00"),
)


@asynccontextmanager
async def reported(folder: Path) -> AsyncIterator[Material]:
    """Give what reports read of the month, in a reading transaction."""
    async with month(folder) as database, database.read() as connection:
        yield material_with(connection)


def material_with(connection: Transaction, series: SeriesReader | None = None) -> Material:
    """Return what reports read in a transaction of the month's database."""
    return material_of(connection, INVENTORY, NOW_MS, lambda _: Fraction("99.8"), series=series)


@asynccontextmanager
async def month(folder: Path) -> AsyncIterator[Database]:
    """Give the state database of the month, open."""
    database = empty_database(folder / "noc.db")
    await database.start()
    try:
        await _write(database)
        yield database
    finally:
        await database.stop()


async def _write(database: Database) -> None:
    async with database.write() as connection:
        changes = [_transition(entity, "up", "unknown", at("09-30 00:00")) for entity in UP]
        for entity, start, end in DOWN:
            changes += [_transition(entity, "down", "up", at(start)), _transition(entity, "up", "down", at(end))]
        await ledger.append(connection, sorted(changes, key=lambda change: change.since_ms))
        for entity, start, end, cause in CORRECTED:
            held = await corrections.propose(
                connection, entity, at(start), at(end), cause, who="ann", why="said so", now_ms=at("11-01 00:00")
            )
            await corrections.decide(connection, held.number, "approved", who="bob", why="", now_ms=at("11-01 12:00"))
        for opened in OPENED:
            await _open(connection, *opened)


async def _open(
    connection: Transaction, entity: str, rule: str, since: str, acknowledged: str | None, resolved: str | None
) -> None:
    is_down = rule.endswith("-down")
    opening = Opening(
        entity=entity,
        rule=rule,
        origin="status" if is_down else "rule",
        severity="major",
        policy="all",
        since_ms=at(since),
        opened_ms=at(since) + 60_000,
        facts={"status": "down"} if is_down else {"metric": "temperature"},
    )
    one = await incidents.insert(connection, opening)
    if acknowledged is not None:
        await incidents.acknowledge(connection, one.id, at(acknowledged), "ann")
    if resolved is not None:
        await incidents.resolve(connection, one.id, at(resolved), None)


def _transition(entity: str, status: Status, before: Status, since_ms: int) -> Transition:
    results = ((since_ms, status == "up"), (since_ms + 60_000, status == "up"))
    return Transition(entity, status, before, since_ms, since_ms + 60_000, "icmp", "hq", "confirmed", results)
