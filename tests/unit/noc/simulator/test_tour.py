"""The tour: what the demo shows, in which order, where, and that it heals."""

from __future__ import annotations

import pytest

from noc.simulator.commandline import last_change
from noc.simulator.faults import Story
from noc.simulator.moment import Moment, Pushed
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.tour import ACTS, CALM_AFTER_S, ROUND_S, Tour
from noc.simulator.world import VANTAGE, build
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, world

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000


def toured(begins_ms: int | None = NOW_MS + MINUTE_MS, *, quiet: bool = False) -> Story:
    told = Story(world(), load_scenarios(), 1, NOW_MS, quiet=quiet, toured=True)
    if begins_ms is not None:
        told.tour_from(begins_ms)
    return told


def test_nothing_happens_until_the_tour_begins() -> None:
    told = toured(None)
    assert list(told.between(NOW_MS, NOW_MS + DAY_MS)) == []
    assert list(told.between(NOW_MS - 5 * DAY_MS, NOW_MS)) != []
    told.tour_from(NOW_MS + HOUR_MS)
    assert min(one.start_ms for one in told.between(NOW_MS, NOW_MS + DAY_MS)) == NOW_MS + HOUR_MS + 10 * SECOND_MS


def test_its_five_acts_come_in_order_alone_and_heal_and_chance_comes_after_them() -> None:
    begins_ms = NOW_MS + MINUTE_MS
    found = sorted(toured().between(NOW_MS, begins_ms + CALM_AFTER_S * SECOND_MS), key=lambda one: one.start_ms)
    assert [one.scenario for one in found] == [f"tour-{act.name}" for act in ACTS]
    assert max(one.end_ms for one in found) < begins_ms + CALM_AFTER_S * SECOND_MS
    later = list(toured().between(begins_ms + 10 * MINUTE_MS, begins_ms + 70 * MINUTE_MS))
    assert any(not one.scenario.startswith("tour-") for one in later)


def test_it_comes_again_and_again_elsewhere_and_is_the_same_for_the_same_seed() -> None:
    rounds = [Tour(world(), 1, NOW_MS).round(number) for number in range(8)]
    assert [Tour(world(), 1, NOW_MS).round(number) for number in range(8)] == rounds
    assert rounds[1][0].start_ms - rounds[0][0].start_ms == ROUND_S * SECOND_MS
    assert len({one[0].target for one in rounds}) > 2
    assert Tour(world(), 2, NOW_MS).round(0) != rounds[0]


def test_it_never_takes_away_the_place_where_noc_stands() -> None:
    assert all(VANTAGE not in one.target for number in range(20) for one in Tour(world(), 1, NOW_MS).round(number))


@pytest.mark.parametrize(("sites", "devices"), [(12, 60), (30, 200), (80, 1_500)])
def test_the_cut_fibre_does_not_take_the_terminal_in_the_rain_with_it(sites: int, devices: int) -> None:
    made = build(sites, devices)
    for number in range(10):
        acts = {one.act.name: one.target for one in Tour(made, 1, NOW_MS).round(number)}
        terminal, cut = made.device[acts["rain"].removeprefix("device/")], acts["fibre"].removeprefix("site/")
        assert any(made.devices[way].site != cut for way in made.before[terminal.number])


def test_a_world_of_twelve_sites_has_all_of_it_and_a_smaller_one_what_it_can() -> None:
    assert len(Tour(build(12, 60), 1, NOW_MS).round(0)) == len(ACTS)
    assert {one.act.name for one in Tour(build(2, 12), 1, NOW_MS).round(0)} == {"fibre"}
    assert Tour(build(1, 5), 1, NOW_MS).round(0) == ()


def test_in_a_quiet_world_there_is_none() -> None:
    assert list(toured(quiet=True).between(NOW_MS, NOW_MS + DAY_MS)) == []


def test_rain_takes_one_terminal_and_all_that_hangs_on_it_and_gives_it_back() -> None:
    scene = Scene(toured(NOW_MS), NOW_MS)
    (rain,) = (one for one in Tour(world(), 1, NOW_MS).round(0) if one.act.name == "rain")
    terminal = world().device[rain.target.removeprefix("device/")]
    scene.advance(NOW_MS + 60 * SECOND_MS)
    behind = [one for one in world().at[terminal.site] if one != terminal and scene.silent[one.number]]
    assert scene.silent[terminal.number]
    assert len(behind) >= 3
    scene.advance(NOW_MS + 300 * SECOND_MS)
    assert not any(scene.silent[one.number] for one in world().at[terminal.site])


def test_a_configuration_that_is_pushed_shows_who_did_it_and_is_put_right() -> None:
    scene = Scene(toured(NOW_MS), NOW_MS)
    (push,) = (one for one in Tour(world(), 1, NOW_MS).round(0) if one.act.name == "push")
    router = world().device[push.target.removeprefix("device/")].number

    def at(seconds: int) -> Moment:
        now_ms = NOW_MS + seconds * SECOND_MS
        scene.advance(now_ms)
        return scene.moment(router, now_ms)

    before, during, after = (last_change(at(seconds)) for seconds in (160, 200, 410))
    assert (before.is_wrong, during.is_wrong, after.is_wrong) == (False, True, False)
    assert during.at_ms == push.start_ms
    assert after.at_ms == push.end_ms
    assert before.turn < during.turn < after.turn
    assert at(420).pushed == (Pushed(push.start_ms, is_wrong=True), Pushed(push.end_ms, is_wrong=False))
