"""A poller was cut off: what it kept restates the ledger, and figures are those of all results at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from noc.app.figures import statement_from
from noc.app.restating import Known, Restated, known_from, restate_late
from noc.availability.evidence import Result
from noc.availability.policy import Period
from noc.availability.replay import replay
from noc.inventory.entities import Region, Service, Site
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.model.restatement import Restatement
from noc.pipeline.liveness import LivenessSeries
from noc.pipeline.policy import availability_policy
from noc.pipeline.services import Services
from noc.pipeline.status import Result as Heard
from noc.pipeline.status import Statuses
from noc.state import ledger
from noc.state.database import Database
from noc.state.records import recorded_of
from noc.store.memory import MemoryStore
from tests.database import empty_database
from tests.stores import put
from tests.things import device, watch

WATCHED = watch(
    interval=timedelta(seconds=10), stale_after=timedelta(seconds=30), skew=timedelta(seconds=10), confirm_down=2
)
START = 1_772_323_200_000
HOUR = 3_600_000
NOW = START + 3 * HOUR
PERIOD = Period(START, START + 2 * HOUR)
CUT = (START + 20 * 60_000, START + 50 * 60_000)
INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={"s": Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "hub", "edge_devices": ("b",)})},
    devices={
        "a": replace(device("a", watched=WATCHED), site="s"),
        "b": replace(device("b", watched=WATCHED), site="s", upstream=("device/a",)),
    },
)
WITH_SERVICE = replace(
    INVENTORY, services={"x": Service(id="x", name="X", formula=Formula(all_of=("site/s", "device/a")))}
)
Series = Mapping[str, Sequence[Result]]


def made_up() -> Series:
    """Return the results of two devices over two hours, with some outages."""
    found: dict[str, list[Result]] = {}
    for name, seed in (("device/a", 1), ("device/b", 5)):
        chance, ok = Random(seed), True  # noqa: S311 - made-up results
        found[name] = []
        for time in range(START, START + 2 * HOUR, 10_000):
            ok = ok if chance.random() < 0.93 else not ok
            found[name].append((time + chance.randrange(2_000), ok))
    return found


def part_of(results: Series, keep: Callable[[int], bool]) -> dict[str, list[Result]]:
    return {entity: [one for one in series if keep(one[0])] for entity, series in results.items()}


def is_cut_off(time: int) -> bool:
    return CUT[0] <= time < CUT[1]


def known_of(results: Series) -> Known:
    async def known(entity: str, start: int, stop: int) -> Sequence[Result]:
        return [one for one in results.get(entity, ()) if start <= one[0] < stop]

    return known


async def database_of(
    folder: Path, results: Series, withdrawn_ms: int | None = None, inventory: Inventory = INVENTORY
) -> Database:
    """Return a state database whose ledger the daemon wrote from results, `withdrawn_ms`: when b was taken out."""
    policy = availability_policy(INVENTORY)
    statuses, services = Statuses(), Services(inventory, "hq")
    statuses.watch({entity: policy.probe_of(entity) for entity in results})
    services.start(statuses.status_of, statuses.since_ms, {}, {}, START)
    changes = []
    for time, entity, ok in sorted((time, entity, ok) for entity, series in results.items() for time, ok in series):
        changes += statuses.expire(time)
        changes += statuses.take(Heard(entity, time, ok, "icmp", "hq"))
    if withdrawn_ms is not None:
        changes += statuses.withdraw("device/b", withdrawn_ms, "icmp", "hq")
    changes += statuses.expire(NOW)
    changes += services.take(changes)[0]
    database = empty_database(folder / "noc.db")
    await database.start()
    async with database.write() as connection:
        await ledger.append(connection, changes)
    return database


async def restated(
    database: Database, late: Series, known: Series, *, write: bool = True, inventory: Inventory = INVENTORY
) -> Restated:
    return await restate_late(database, inventory, late, known_of(known), poller="mogadishu", now_ms=NOW, write=write)


async def test_figures_are_those_of_all_results_and_those_known_before_stay(tmp_path: Path) -> None:
    results = made_up()
    live, late = part_of(results, lambda time: not is_cut_off(time)), part_of(results, is_cut_off)
    database = await database_of(tmp_path, live)
    policy = replace(availability_policy(INVENTORY), end=NOW)
    async with database.read() as connection:
        before = await statement_from(connection, INVENTORY, PERIOD, NOW)
        (last,) = await ledger.newest(connection, 1)
    assert before.measured.entities == replay(live, policy, PERIOD).entities
    shown = await restated(database, late, live, write=False)
    async with database.read() as connection:
        assert (await ledger.newest(connection, 1))[0].seq == last.seq
    done = await restated(database, late, live)
    assert done.outcomes == shown.outcomes
    assert [(one.entity, one.late, list(one.contested)) for one in done.outcomes] == [
        (entity, len(late[entity]), []) for entity in ("device/a", "device/b")
    ]
    async with database.read() as connection:
        after = await statement_from(connection, INVENTORY, PERIOD, NOW)
        as_known = await statement_from(connection, INVENTORY, PERIOD, NOW, last.seq)
        records = await ledger.newest(connection, 2)
        assert (await ledger.verify(connection)).broken is None
    assert after.measured.entities == replay(results, policy, PERIOD).entities
    assert after.measured.network.unknown < before.measured.network.unknown
    assert as_known.measured == before.measured
    held = [recorded_of(record.kind, record.body) for record in records]
    assert [(one.check, one.poller) for one in held if isinstance(one, Restatement)] == [("icmp", "mogadishu")] * 2
    again = await restated(database, late, results)
    assert all(one.restatement is None and one.late == 0 for one in again.outcomes)
    await database.stop()


async def test_results_of_a_time_in_which_nothing_was_expected_count_for_nothing(tmp_path: Path) -> None:
    results = made_up()
    live = part_of(results, lambda time: time < CUT[0])
    database = await database_of(tmp_path, live, CUT[0])
    done = await restated(database, {"device/b": results["device/b"]}, live)
    assert [(one.restatement, one.late) for one in done.outcomes] == [(None, 0)]
    await database.stop()


async def test_the_last_minutes_are_left_to_the_daemon(tmp_path: Path) -> None:
    late = {"device/a": [(time, True) for time in range(NOW - 600_000, NOW, 10_000)]}
    database = await database_of(tmp_path, {})
    (outcome,) = (await restated(database, late, {})).outcomes
    assert outcome.restatement is not None
    assert outcome.restatement.end_ms == NOW - 3 * 30_000 - 60_000
    await database.stop()


@pytest.mark.parametrize("entity", ["device/gone", "interface/a/Gi0", "service/x"])
async def test_what_is_not_judged_is_told(tmp_path: Path, entity: str) -> None:
    database = await database_of(tmp_path, {})
    done = await restated(database, {entity: [(START, True)]}, {})
    assert (done.outcomes, done.unjudged) == ([], [entity])
    await database.stop()


async def test_known_results_come_from_the_time_series_of_whoever_saw_them() -> None:
    series, store = LivenessSeries(lambda _: {"site": "s", "region": "r"}), MemoryStore(10_000)
    heard = [(START, True, "hq"), (START + 7 * HOUR, False, "hq"), (START + 8 * HOUR, True, "other")]
    for time, ok, poller in heard:
        series.take(Heard("device/a", time, ok, "icmp", poller))
        series.take(Heard("interface/a/Gi0", time, False, "snmp", poller))
    await put(store, series.samples())
    known = known_from(store)
    assert await known("device/a", START, START + 9 * HOUR) == [(time, ok) for time, ok, _ in heard]
    assert await known("device/a", START + 1, START + 8 * HOUR) == [(START + 7 * HOUR, False)]
    assert await known("device/b", START, START + 9 * HOUR) == []


async def test_a_service_follows_what_it_stands_on(tmp_path: Path) -> None:
    results = made_up()
    live, late = part_of(results, lambda time: not is_cut_off(time)), part_of(results, is_cut_off)
    database = await database_of(tmp_path / "live", live, inventory=WITH_SERVICE)
    at_once = await database_of(tmp_path / "whole", results, inventory=WITH_SERVICE)
    shown = await restated(database, late, live, write=False, inventory=WITH_SERVICE)
    done = await restated(database, late, live, inventory=WITH_SERVICE)
    assert [one.entity for one in done.outcomes] == ["device/a", "device/b", "service/x"]
    assert done.outcomes == shown.outcomes
    figures = []
    for one in (database, at_once):
        async with one.read() as connection:
            said = await statement_from(connection, WITH_SERVICE, PERIOD, NOW)
        figures.append(said.measured.entities["service/x"].figures)
        await one.stop()
    assert figures[0] == figures[1]
    assert figures[0].durations.down > 0
