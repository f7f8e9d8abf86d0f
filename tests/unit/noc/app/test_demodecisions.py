"""The demo's past has windows, corrections and reports, written by the real code, and its ledger is whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from noc.app.demodecisions import Step, steps
from noc.app.madeagain import MadeAgain, made_again
from noc.app.reports import changes_between
from noc.inventory.inventory import Inventory
from noc.model.transition import Status, Transition
from noc.state import corrections, ledger, reports, windows
from noc.state.database import Database
from noc.state.verify import proof
from tests.database import empty_database
from tests.reported import HOUR_MS, INVENTORY, UP, at
from tests.things import device

START_MS, NOW_MS = at("10-03 09:00"), at("11-02 09:00")
DOWN = {
    "device/juba": ("10-28 00:00", "10-28 06:00"),
    "device/nbo": ("10-29 00:00", "10-29 00:40"),
    "device/juba-sw": ("10-30 00:00", "10-30 00:30"),  # no edge device
    **{f"device/r{number}": (f"10-30 0{number}:00", f"10-30 0{number}:20") for number in range(1, 4)},
}


def inventory() -> Inventory:
    """Return the month's network and three sites more."""
    sites, devices = dict(INVENTORY.sites), dict(INVENTORY.devices)
    for number in range(1, 4):
        sites[f"s{number}"] = sites["juba"].model_copy(update={"id": f"s{number}", "edge_devices": (f"r{number}",)})
        devices[f"r{number}"] = replace(device(f"r{number}"), site=f"s{number}")
    return replace(INVENTORY, sites=sites, devices=devices)


def changes() -> list[Transition]:
    def change(entity: str, status: Status, before: Status, at_ms: int) -> Transition:
        return Transition(entity, status, before, at_ms, at_ms + 30_000, "icmp", "hq", "confirmed", ())

    found = [change(entity, "up", "unknown", START_MS) for entity in (*UP, "device/r1", "device/r2", "device/r3")]
    for entity, (start, end) in DOWN.items():
        found += [change(entity, "down", "up", at(start)), change(entity, "up", "down", at(end))]
    return sorted(found, key=lambda one: one.decided_ms)


async def lived_through(database: Database, taken: list[Step]) -> None:
    """Write changes and steps as the demo does: each when it was known."""
    rest = changes()
    for step in taken:
        known = [one for one in rest if one.decided_ms < step.at_ms]
        rest = rest[len(known) :]
        async with database.write() as connection:
            await ledger.append(connection, known)
            await step.take(connection)


async def test_people_decided_in_the_past_and_the_ledger_proves_it(tmp_path: Path) -> None:
    taken = steps(inventory(), changes(), (START_MS, NOW_MS), "centre", lambda _: None)
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    await lived_through(database, taken)
    async with database.read() as connection:
        planned = await windows.page(connection)
        said = await corrections.page(connection)
        changed = await changes_between(connection, 1, 2)
        again = await made_again(connection, inventory())
        issues = await reports.page(connection)
    await database.stop()
    assert [one.at_ms for one in taken] == sorted(one.at_ms for one in taken)
    assert all(START_MS <= one.at_ms < NOW_MS for one in taken)
    assert sorted((one.entity, one.state) for one in planned) == [
        ("site/juba", "approved"),
        ("site/juba", "approved"),  # work that took longer than planned
        ("site/nairobi", "approved"),
        ("site/s1", "requested"),
    ]
    assert [(one.entity, one.cause, one.state) for one in reversed(said)] == [
        ("site/nairobi", "power", "approved"),
        ("site/s1", "carrier", "approved"),
        ("site/s2", "planned", "approved"),
        ("site/s3", "satellite_weather", "proposed"),
    ]
    assert all("SIMULATED" in one.request.why for one in planned)
    assert {one.kind for one in changed.records} == {"correction"}
    assert len(issues) == 2
    assert again == MadeAgain(made=2)
    assert proof(tmp_path / "noc.db").whole


async def test_a_world_in_which_nothing_failed_has_its_works_and_reports() -> None:
    quiet = [one for one in changes() if one.before == "unknown"]
    taken = steps(inventory(), quiet, (START_MS, NOW_MS), "centre", lambda _: None)
    assert len(taken) == 1 + 3 + 2
    assert max(one.at_ms for one in taken) <= NOW_MS - HOUR_MS
