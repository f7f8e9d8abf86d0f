"""Figures from the ledger are those that a replay of the same probe results gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from noc.app.figures import Figures, answer_of
from noc.availability.policy import Period
from noc.availability.replay import replay
from noc.availability.timeline import State
from noc.clock import ManualClock
from noc.inventory.endpoints import Endpoint, TcpProbe
from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.restatement import Restatement
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.pipeline.policy import availability_policy
from noc.pipeline.status import Result, Statuses
from noc.state import corrections, ledger, windows
from noc.state.records import canonical
from tests.database import empty_database
from tests.things import device, watch

WATCHED = watch(
    interval=timedelta(seconds=10),
    stale_after=timedelta(seconds=30),
    skew=timedelta(seconds=10),
    confirm_down=2,
)
START = datetime(2026, 3, 1, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
DAY_MS = 86_400_000


def placed(name: str, site: str, *upstream: str) -> Device:
    return replace(device(name, watched=WATCHED), site=site, upstream=upstream)


INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={
        "hub": Site.model_validate({"id": "hub", "name": "Hub", "region": "r", "class": "hub", "edge_devices": ("a",)}),
        "far": Site.model_validate(
            {"id": "far", "name": "Far", "region": "r", "class": "field", "weight": 2.5, "edge_devices": ("b", "c")}
        ),
    },
    devices={
        "a": placed("a", "hub"),
        "b": placed("b", "far", "site/hub"),
        "c": placed("c", "far", "device/a"),
    },
    endpoints={"e": Endpoint("e", "E", "far", None, "tcp", TcpProbe(host="192.0.2.9", port=25), WATCHED, (), ())},
)
PROBED = [*(one.entity for one in INVENTORY.devices.values()), *(one.entity for one in INVENTORY.endpoints.values())]

Results = Mapping[str, Sequence[tuple[int, bool]]]


@st.composite
def results(draw: st.DrawFn) -> Results:
    """Return probe results of each device and end point, 8 to 12 s apart with holes, over some minutes."""
    found = {}
    for entity in PROBED:
        time_ms = START_MS + draw(st.integers(-60_000, 60_000))
        series = []
        for gap_s, ok in draw(st.lists(st.tuples(st.sampled_from([8, 10, 12, 35]), st.booleans()), max_size=40)):
            series.append((time_ms, ok))
            time_ms += gap_s * 1000
        found[entity] = series
    return found


def transitions(found: Results, now_ms: int) -> list[Transition]:
    """Return what the daemon would have written into the ledger by now."""
    statuses = Statuses()
    policies = availability_policy(INVENTORY).probes
    statuses.watch(policies)
    ordered = sorted((time_ms, entity, ok) for entity, series in found.items() for time_ms, ok in series)
    written = []
    for time_ms, entity, ok in ordered:
        if time_ms <= now_ms:
            written += statuses.expire(time_ms)
            written += statuses.take(Result(entity, time_ms, ok, "icmp", "here"))
    return [*written, *statuses.expire(now_ms)]


@given(results(), st.integers(0, 300_000), st.integers(1_000, 300_000), st.integers(0, 600_000))
def test_the_ledger_gives_the_figures_of_the_evidence(found: Results, start: int, length: int, now_after: int) -> None:
    now_ms = START_MS + now_after
    period = Period(START_MS + start, START_MS + start + length)
    policy = replace(availability_policy(INVENTORY), end=now_ms)
    rows = [
        (change.entity, change.since_ms, canonical({"status": change.status})) for change in transitions(found, now_ms)
    ]
    expected = replay(found, policy, period)
    answer = answer_of(rows, INVENTORY, period, now_ms)
    assert answer.network == expected.network
    assert answer.regions == expected.regions
    assert answer.entities == expected.entities


def test_an_end_point_is_unreachable_and_not_down_while_its_site_is_out() -> None:
    def series(up_s: int, down_s: int) -> list[tuple[int, bool]]:
        return [(START_MS + 10_000 * n, not up_s <= 10 * n < down_s) for n in range(60)]

    # Hub and site are out from 100 s to 300 s, the end point from 90 s on until 400 s: 90 s is within the skew.
    found = {"device/a": series(100, 300), "device/b": series(100, 300), "device/c": series(100, 300)}
    found["endpoint/e"] = series(90, 400)
    policy, period = availability_policy(INVENTORY), Period(START_MS, START_MS + 600_000)
    answer = replay(found, policy, period).entities["endpoint/e"]
    assert [(one.state, one.start - START_MS) for one in answer.intervals[:-1]] == [
        (State.UP, 0),
        (State.UNREACHABLE, 90_000),
        (State.DOWN, 300_000),
        (State.UP, 400_000),
    ]


async def test_a_later_period_is_worked_out_from_what_was_before_it(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    down_ms = START_MS - 40 * DAY_MS
    evidence = [("up", "unknown", down_ms - DAY_MS), ("down", "up", down_ms), ("up", "down", START_MS + 3_600_000)]
    async with database.write() as connection:
        await ledger.append(
            connection,
            [
                Transition("device/a", status, before, at, at, "icmp", "here", "confirmed", ((at, True),))  # type: ignore[arg-type]
                for status, before, at in evidence
            ],
        )
    clock = ManualClock(START + timedelta(days=1))
    figures = Figures(database, lambda: INVENTORY, clock)
    period = Period(START_MS, START_MS + DAY_MS)
    answer = await figures.of(period)
    assert answer.entities["device/a"].figures.durations.down == 3_600_000
    assert answer.entities["device/a"].figures.mttr == 40 * DAY_MS + 3_600_000
    assert answer.entities["site/hub"].figures.durations.up == 23 * 3_600_000
    assert answer.entities["site/far"].figures.durations.unknown == DAY_MS
    assert await figures.of(period) is answer
    await database.stop()


async def test_what_people_and_late_evidence_say_stands_beside_what_was_measured(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    hour_ms = 3_600_000
    async with database.write() as connection:
        await ledger.append(
            connection,
            [
                Transition("device/a", "up", "unknown", START_MS, START_MS, "icmp", "here", "confirmed", ()),
                Transition("device/a", "down", "up", START_MS + hour_ms, START_MS, "icmp", "here", "confirmed", ()),
                Transition("device/a", "up", "down", START_MS + 3 * hour_ms, START_MS, "icmp", "here", "confirmed", ()),
            ],
        )
        late = ((START_MS + 4 * hour_ms, "down"), (START_MS + 5 * hour_ms, "up"))
        end_ms = START_MS + 6 * hour_ms
        restatement = Restatement("device/a", late[0][0], end_ms, late, end_ms, "icmp", "p1", 720, "ab")  # type: ignore[arg-type]
        await ledger.append(connection, [restatement])
        held = await corrections.propose(
            connection,
            "site/hub",
            START_MS + hour_ms,
            START_MS + 2 * hour_ms,
            "planned",
            who="ann",
            why="told by mail",
            now_ms=START_MS + DAY_MS,
        )
        await corrections.decide(connection, held.number, "approved", who="bob", why="", now_ms=START_MS + DAY_MS)
    figures = Figures(database, lambda: INVENTORY, ManualClock(START + timedelta(days=1)))
    period = Period(START_MS, START_MS + DAY_MS)

    found = await figures.statement(period)
    assert found.measured.entities["site/hub"].figures.durations.down == 3 * hour_ms
    assert found.adjusted.entities["device/a"].figures.durations.down == 2 * hour_ms
    assert found.adjusted.entities["device/a"].figures.durations.planned == hour_ms
    assert found.causes["device/a"] == {"planned": hour_ms, "unknown": 2 * hour_ms}
    assert found.causes["network"] == found.causes["region/r"] == found.causes["device/a"]
    assert (await figures.of(period)).entities == found.measured.entities

    before = await figures.statement(period, known=4)
    assert before.adjusted is before.measured
    earlier = await figures.statement(period, known=3)
    assert earlier.measured.entities["device/a"].figures.durations.down == 2 * hour_ms
    await database.stop()


async def test_an_approved_window_is_planned_time_from_its_approval_on(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    hour_ms = 3_600_000
    async with database.write() as connection:
        up = Transition("device/a", "up", "unknown", START_MS, START_MS, "icmp", "here", "confirmed", ())
        await ledger.append(connection, [up])
        for start_h, approved_h in ((2, 1), (6, 7)):
            start_ms = START_MS + start_h * hour_ms
            asked = WindowDecision(
                "site/hub", START_MS, 0, "requested", start_ms, start_ms + 2 * hour_ms, "", "UTC", (), "ann", "UPS"
            )
            held = await windows.request(connection, asked)
            await windows.approve(connection, held.number, who="bob", now_ms=START_MS + approved_h * hour_ms)
    figures = Figures(database, lambda: INVENTORY, ManualClock(START + timedelta(days=1)))
    found = await figures.of(Period(START_MS, START_MS + DAY_MS))
    assert found.entities["device/a"].figures.durations.planned == 3 * hour_ms
    assert found.entities["site/hub"].figures.durations.planned == 3 * hour_ms
    assert found.entities["site/far"].figures.durations.planned == 0
    await database.stop()
