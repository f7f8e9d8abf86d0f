"""Byte budgets: no hour takes more than it holds, liveness goes first, and what is left out is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.entities import Circuit, Region, Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Liveness
from noc.model.budget import BudgetNow, Extent, Grant
from noc.model.check import Check
from noc.model.reading import Reading
from noc.scheduling.budget import HOUR_S
from noc.scheduling.budgets import Budgets
from noc.scheduling.plan import checks, offset_s
from tests.examples import at_least
from tests.things import WATCH, device

HOUR = int(HOUR_S)
QUIET = replace(
    WATCH, interval=timedelta(minutes=5), poll_interval=timedelta(minutes=10), liveness=Liveness("snmp", None)
)


def inventory(budget: str | None = None, line: str | None = None, devices: int = 1) -> Inventory:
    site = {"id": "s", "name": "S", "region": "r", "class": "field", "budget": budget}
    vsat = {"id": "v", "name": "V", "kind": "satellite", "site": "s", "budget": line}
    vsat["probe"] = {"device": "d0", "name": "1"}
    return Inventory(
        regions={"r": Region(id="r", name="R")},
        sites={"s": Site.model_validate(site)},
        devices={f"d{number}": replace(device(f"d{number}", watched=QUIET), site="s") for number in range(devices)},
        circuits={"v": Circuit.model_validate(vsat)},
    )


class House:
    """Runs the checks of a plan in virtual time; each takes what `cost` says, as far as it was granted."""

    def __init__(self, plan: Inventory, cost: dict[Extent, int], liveness: int = 200, restart_every: int = 0) -> None:
        self.now_s = 0.0
        self.plan = plan
        self.budgets = Budgets(plan, lambda: self.now_s)
        self.budgets.watch(checks(plan))
        self.cost = cost
        self.liveness = liveness
        self.restart_every = restart_every
        self.known: set[str] = set()
        self.found_s: dict[str, float] = {}
        self.took: list[tuple[float, int]] = []
        self.ran: Counter[str] = Counter()
        self.due: Counter[str] = Counter()

    def run(self, hours: float) -> None:
        due = [(offset_s(check.key, check.interval_s), check) for check in checks(self.plan)]
        moments = sorted(
            (offset + turn * check.interval_s, check.key, check)
            for offset, check in due
            for turn in range(int(hours * HOUR / check.interval_s))
        )
        for turn, (self.now_s, _, check) in enumerate(moments, 1):
            if self.restart_every and turn % self.restart_every == 0:
                self.restart()
            self.due[check.kind] += 1
            self.fire(check)

    def fire(self, check: Check) -> None:
        known = check.entity in self.known
        stale = known and self.now_s - self.found_s[check.entity] >= HOUR
        grant = self.budgets.admit(check, known=known, due=stale)
        if grant is None:
            return
        assert self.budgets.granted(check) == grant
        wanted = self.liveness if check.liveness else self.cost[grant.extent]
        took = wanted if grant.octets is None else min(wanted, grant.octets)
        if not check.liveness and grant.extent is Extent.ALL and took == wanted:
            self.known.add(check.entity)
            self.found_s[check.entity] = self.now_s
        self.ran[check.kind if check.liveness else grant.extent] += 1
        self.took.append((self.now_s, took))
        self.budgets.settle(check, reading(check, took))

    def restart(self) -> None:
        """Begin anew, with nothing but what a checkpoint keeps."""
        rows = json.loads(json.dumps(self.budgets.rows()))
        self.budgets = Budgets(self.plan, lambda: self.now_s)
        self.budgets.take_up(rows)
        self.budgets.watch(checks(self.plan))
        self.known.clear()

    def busiest_hour(self) -> int:
        return max(
            (sum(octets for at_s, octets in self.took if start <= at_s < start + HOUR) for start, _ in self.took),
            default=0,
        )


def reading(check: Check, octets: int) -> Reading:
    return Reading(check.kind, "192.0.2.1", "test", datetime(2026, 3, 1, tzinfo=UTC), 1.0, octets=octets)


COST = {Extent.ALL: 20_000, Extent.KNOWN: 6_000, Extent.STATUS: 2_500}


def test_without_a_budget_all_is_granted() -> None:
    house = House(inventory(), COST)
    house.run(3)
    assert house.ran == {"uptime": 36, Extent.ALL: 18}
    assert house.budgets.left_out == 0
    assert house.budgets.now("site/s") is None


def test_a_budget_that_is_wide_enough_leaves_nothing_out() -> None:
    house = House(inventory("256KiB/h"), COST)
    house.run(5)
    assert house.ran[Extent.ALL] >= 4
    assert house.ran[Extent.ALL] + house.ran[Extent.KNOWN] == house.due["snmp"]
    now = house.budgets.now("site/s")
    assert now is not None
    assert now.left_out == ()
    assert now.limit_bytes == 256 * 1024
    assert 0 < now.spent_bytes <= now.limit_bytes


def test_sensors_are_left_out_before_interfaces_and_rediscovery_before_sensors() -> None:
    house = House(inventory("32KiB/h"), COST)
    house.run(8)
    assert house.ran["uptime"] == house.due["uptime"]
    assert house.busiest_hour() <= 32 * 1024
    assert house.ran[Extent.STATUS] > 0
    assert house.ran[Extent.KNOWN] > 0  # stretched, not dropped
    assert house.ran[Extent.STATUS] + house.ran[Extent.KNOWN] + house.ran[Extent.ALL] >= house.due["snmp"] * 0.8
    now = house.budgets.now("site/s")
    assert now is not None
    assert {(left.entity, left.what) for left in now.left_out} >= {
        ("device/d0", "sensors and records"),
        ("device/d0", "rediscovery"),
    }


def test_a_budget_for_liveness_alone_leaves_all_polls_out() -> None:
    house = House(inventory("3KiB/h"), COST)
    house.run(6)
    assert house.ran["uptime"] == house.due["uptime"]
    assert set(house.ran) == {"uptime"}
    assert house.busiest_hour() <= 3 * 1024


def test_a_budget_below_liveness_stretches_liveness() -> None:
    house = House(inventory("1KiB/h"), COST)
    house.run(6)
    assert 6 <= house.ran["uptime"] < house.due["uptime"]
    assert house.busiest_hour() <= 1024


def test_the_narrower_of_site_and_circuit_counts() -> None:
    house = House(inventory("10MB/h", "32KiB/h"), COST)
    house.run(4)
    assert house.busiest_hour() <= 32 * 1024
    site, line = house.budgets.now("site/s"), house.budgets.now("circuit/v")
    assert site is not None
    assert line is not None
    assert site.left_out == ()
    assert line.left_out
    assert site.spent_bytes == line.spent_bytes
    assert house.budgets.spent("circuit") == {"v": float(line.spent_bytes)}


@at_least(60)
@given(
    st.integers(1, 400),
    st.integers(1, 4),
    st.fixed_dictionaries(
        {
            Extent.ALL: st.integers(100, 200_000),
            Extent.KNOWN: st.integers(100, 60_000),
            Extent.STATUS: st.integers(50, 30_000),
        }
    ),
    st.integers(60, 1_500),
    st.sampled_from([0, 1, 5, 40]),
)
def test_no_hour_takes_more_than_the_budget(
    kib: int, devices: int, cost: dict[Extent, int], liveness: int, restart_every: int
) -> None:
    house = House(inventory(f"{kib}KiB/h", devices=devices), cost, liveness, restart_every)
    house.run(3)
    assert house.busiest_hour() <= kib * 1024


def test_what_runs_at_once_does_not_take_the_same_bytes_twice() -> None:
    plan = inventory("40KiB/h", devices=4)
    budgets = Budgets(plan, lambda: 0.0)
    budgets.watch(checks(plan))
    polls = [check for check in checks(plan) if check.kind == "snmp"]
    grants = [budgets.admit(check, known=False, due=False) for check in polls]
    assert sum(grant.octets or 0 for grant in grants if grant is not None) <= 40 * 1024


def test_a_check_that_ended_by_a_fault_counts_with_all_that_it_was_granted() -> None:
    plan = inventory("64KiB/h")
    budgets = Budgets(plan, lambda: 0.0)
    budgets.watch(checks(plan))
    poll = next(check for check in checks(plan) if check.kind == "snmp")
    grant = budgets.admit(poll, known=False, due=False)
    assert isinstance(grant, Grant)
    budgets.settle(poll, None)
    now = budgets.now("site/s")
    assert now is not None
    assert now.spent_bytes == grant.octets


def test_a_reload_keeps_what_was_spent_and_takes_the_new_limit() -> None:
    house = House(inventory("64KiB/h"), COST)
    house.run(1)
    before = house.budgets.now("site/s")
    fresh = inventory("128KiB/h")
    house.budgets.replace(fresh)
    house.budgets.watch(checks(fresh))
    after = house.budgets.now("site/s")
    assert before is not None
    assert after is not None
    assert (after.limit_bytes, after.spent_bytes) == (128 * 1024, before.spent_bytes)
    house.budgets.replace(inventory())
    house.budgets.watch(checks(inventory()))
    assert house.budgets.now("site/s") is None


def test_after_a_restart_what_was_spent_is_still_spent_and_what_was_under_way_counts_whole() -> None:
    house = House(inventory("64KiB/h"), COST)
    house.run(1)
    poll = next(check for check in checks(house.plan) if check.kind == "snmp")
    before = house.budgets.now("site/s")
    grant = house.budgets.admit(poll, known=False, due=False)
    house.restart()
    after = house.budgets.now("site/s")
    assert before is not None
    assert grant is not None
    assert grant.octets
    assert after is not None
    assert after.spent_bytes == before.spent_bytes + grant.octets
    house.now_s += 2 * HOUR
    assert house.budgets.now("site/s") == BudgetNow("site/s", 64 * 1024, 0, ())


def test_a_checkpoint_of_minutes_to_come_counts_now_and_rows_that_say_nothing_are_left_out() -> None:
    budgets = Budgets(inventory("64KiB/h"), lambda: 600.0)
    wrong = [("site/gone", 1, 1, 1, 1, 1), ("site/s", 1, 1), ("site/s", 1, 1, None, 1, 1), (7, 1, 1, 1, 1, 1), ()]
    budgets.take_up([*wrong, ("site/s", 99, 1, 2, 3, 4), ("site/s", 9, 10, 0, 0, 0), ("site/s", 10, 100, 0, 0, 0)])
    assert sorted(budgets.rows()) == [("site/s", 9, 10, 0, 0, 0), ("site/s", 10, 101, 2, 3, 4)]


@pytest.mark.parametrize("text", ["64KiB/h", "64 KiB/h", "65536B/h"])
def test_a_budget_is_written_with_binary_or_decimal_units(text: str) -> None:
    assert inventory(text).sites["s"].budget == 65_536


@pytest.mark.parametrize("text", ["64KiB", "64KiB/d", "0B/h", "64", "-1MB/h"])
def test_a_budget_without_hour_or_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"budget|above zero"):
        inventory(text)


def test_what_others_spent_is_no_longer_there_for_an_hour_and_is_taken_anew_each_time() -> None:
    house = House(inventory("20KiB/h"), {Extent.ALL: 3000, Extent.KNOWN: 2000, Extent.STATUS: 1000})
    house.now_s = 600.0
    for _ in range(2):
        house.budgets.beside({"site/s": {10: 15_000}, "site/elsewhere": {10: 1}})
    now = house.budgets.now("site/s")
    assert now is not None
    assert now.spent_bytes == 15_000
    house.run(1)
    own = sum(octets for _, octets in house.took)
    assert own + 15_000 <= 20 * 1024
    assert house.ran["uptime"] > 0
    assert not [row for row in house.budgets.rows() if 15_000 in row]
    house.now_s = 72 * 60.0
    later = house.budgets.now("site/s")
    assert later is not None
    assert later.spent_bytes <= own
