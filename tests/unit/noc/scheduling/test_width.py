"""How many checks may be under way at once, by how long the event loop's turns are."""

from __future__ import annotations

from noc.model.check import Check
from noc.scheduling.width import LEAST, Width, needed


def after(width: Width, *turns_s: float) -> Width:
    for one in turns_s:
        width = width.after(one)
    return width


def test_a_loop_with_short_turns_takes_all_that_the_settings_allow() -> None:
    assert after(Width.of(500), *[0.001] * 100).now == 500


def test_a_loop_whose_turns_stay_long_takes_fewer_and_fewer_but_some() -> None:
    assert after(Width.of(500), 0.3).now == 437
    assert after(Width.of(500), *[0.3] * 8).now < 200
    assert after(Width.of(500), *[0.3] * 100).now == LEAST


def test_a_bound_below_the_least_stays() -> None:
    assert after(Width.of(3), *[5.0] * 10).now == 3


def test_it_comes_back_when_turns_are_short_again_and_no_further() -> None:
    narrow = after(Width.of(100), *[0.3] * 100)
    assert after(narrow, *[0.001] * 10).now == LEAST + 10
    assert after(narrow, *[0.001] * 1000).now == 100


def test_between_both_nothing_changes() -> None:
    assert Width(500, 100).after(0.07).now == 100


def test_liveness_needs_as_many_places_as_wait_where_nothing_answers() -> None:
    probes = [Check(f"device/d{number}", "uptime", 60.0, 7.0, liveness=True) for number in range(20_303)]
    polls = [Check(f"device/d{number}", "snmp", 300.0, 60.0) for number in range(20_303)]
    assert (
        needed([*probes, *polls]) == 2_515
    )  # 338.4 begin in a second, each waits for seven: 2,369 and what chance adds
    assert needed(polls) == 0
    assert needed(probes[:1]) == 1
