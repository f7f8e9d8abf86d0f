"""One result from those of several vantage points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.policy import ProbePolicy
from noc.inventory.layers import DownWhen
from noc.pipeline.status import Result, Statuses
from noc.pipeline.views import Views

SPEAKS_MS = 180_000
MINUTE = 60_000

Seen = tuple[int, str, bool]
"""Milliseconds, poller, ok."""


def views(down_when: DownWhen = "quorum", *, upstream: bool = False) -> Views:
    return Views(lambda poller: poller.partition("-")[0], lambda _: (down_when, SPEAKS_MS), lambda _: upstream)


def fed(to: Views, *several: Seen) -> list[Seen]:
    made = [to.take(Result("device/a", at_ms, ok, "icmp", poller)) for at_ms, poller, ok in several]
    return [(one.time_ms, one.poller, one.ok) for one in made if one is not None]


def round_of(oks: Sequence[bool], first_ms: int = 0) -> list[Seen]:
    return [(first_ms + number * 100, f"p{number}-1", ok) for number, ok in enumerate(oks)]


def test_one_that_is_alone_is_believed_as_it_is() -> None:
    several = [(0, "nbo-1", True), (60_000, "nbo-1", False), (50_000, "nbo-1", True)]
    assert fed(views(), *several) == several


def test_pollers_of_one_place_stand_in_for_each_other() -> None:
    several = [(0, "nbo-1", True), (60_000, "nbo-2", False), (120_000, "nbo-1", True)]
    assert fed(views(), *several) == several


@pytest.mark.parametrize(
    ("down_when", "oks", "ok"),
    [
        ("any", [True, True, False], False),
        ("any", [True, True, True], True),
        ("quorum", [True, True, False], True),
        ("quorum", [True, False, False], False),
        ("quorum", [True, False], True),
        ("all", [True, False, False], True),
        ("all", [False, False, False], False),
        ("testimony", [True, True, False], True),
        ("testimony", [False, False], False),
    ],
)
def test_what_it_takes_to_be_down(down_when: DownWhen, oks: list[bool], ok: bool) -> None:
    watched = views(down_when)
    fed(watched, *round_of([True] * len(oks)))
    last = fed(watched, *round_of(oks, MINUTE))
    assert last == [(MINUTE + 100 * (len(oks) - 1), "+".join(f"p{number}" for number in range(len(oks))), ok)]


def test_one_view_is_enough_where_what_it_hangs_on_is_seen_up() -> None:
    watched = views("testimony", upstream=True)
    fed(watched, *round_of([True, True]))
    assert fed(watched, *round_of([True, False], MINUTE)) == [(MINUTE + 100, "p0+p1", False)]
    assert fed(watched, *round_of([True, True], 2 * MINUTE)) == [(2 * MINUTE + 100, "p0+p1", True)]


def test_a_round_waits_for_all_that_look_and_not_for_ever() -> None:
    watched = views("all")
    fed(watched, *round_of([True, True]))
    assert fed(watched, (60_000, "p0-1", False)) == []
    assert fed(watched, (120_000, "p0-1", False)) == [(60_000, "p0+p1", True)]  # the other's word still counts
    assert fed(watched, (180_000, "p0-1", False)) == [(120_000, "p0+p1", True)]
    assert fed(watched, (240_000, "p0-1", False)) == [(240_000, "p0-1", False)]  # it is alone now
    assert fed(watched, (300_000, "p0-1", False)) == [(300_000, "p0-1", False)]
    assert watched.views_of("device/a") == {}
    assert fed(watched, (310_000, "p1-1", True)) == [(310_000, "p0+p1", True)]


def test_one_that_missed_a_round_is_in_the_next() -> None:
    watched = views("any")
    fed(watched, *round_of([True, True]))
    assert fed(watched, (60_000, "p0-1", True), (120_000, "p0-1", True)) == [(60_000, "p0+p1", True)]
    assert fed(watched, (120_100, "p1-1", False)) == [(120_100, "p0+p1", False)]
    assert fed(watched, (180_000, "p0-1", True), (180_100, "p1-1", True)) == [(180_100, "p0+p1", True)]


def test_what_is_late_is_no_evidence() -> None:
    watched = views()
    fed(watched, *round_of([True, True]), *round_of([True, True], MINUTE))
    assert fed(watched, (30_000, "p0-1", False)) == []
    assert watched.views_of("device/a") == {"p0": (60_000, True), "p1": (60_100, True)}


def test_what_is_not_judged_goes_through() -> None:
    watched = Views(lambda poller: poller, lambda _: None)
    assert fed(watched, (0, "a", True), (1, "b", False)) == [(0, "a", True), (1, "b", False)]


def test_an_entity_can_be_forgotten() -> None:
    watched = views()
    fed(watched, *round_of([True, True]))
    watched.forget("device/a")
    assert fed(watched, (200, "p1-1", False)) == [(200, "p1-1", False)]


@given(
    st.lists(st.tuples(st.integers(0, 1_000_000), st.sampled_from(["a-1", "b-1", "c-1", "c-2"]), st.booleans())),
    st.sampled_from(get_args(DownWhen)),
)
def test_time_never_goes_back_and_who_agree_are_believed(several: list[Seen], down_when: DownWhen) -> None:
    ordered = sorted(several, key=lambda one: one[0])
    made = fed(views(down_when), *ordered)
    assert [at_ms for at_ms, _, _ in made] == sorted(at_ms for at_ms, _, _ in made)
    for ok in (True, False):
        agreed = fed(views(down_when), *[(at_ms, poller, ok) for at_ms, poller, _ in ordered])
        assert {said for _, _, said in agreed} <= {ok}


def test_a_slow_place_is_not_late_by_what_a_quick_one_said() -> None:
    watched = views()
    fed(watched, (60_000, "p0", True), (60_100, "p1", True), (120_000, "p0", True))
    assert not watched.is_late("device/a", "p1-other", 60_200)
    assert watched.is_late("device/a", "p1", 60_100)
    assert watched.is_late("device/a", "p0", 119_000)
    assert not watched.is_late("device/other", "p0", 1)


def test_a_change_says_what_each_place_saw() -> None:
    watched, statuses = views("any"), Statuses()
    statuses.watch({"device/a": ProbePolicy(SPEAKS_MS, SPEAKS_MS, confirm_down=1, confirm_up=1)})
    said = []
    for at_ms, poller, ok in (
        (60_000, "p0", True),
        (60_100, "p1", False),
        (120_000, "p0", True),
        (120_100, "p1", False),
    ):
        changes = watched.judge(Result("device/a", at_ms, ok, "icmp", poller), statuses)
        said += [(change.status, change.poller, change.vantage) for change in changes]
    assert said == [("up", "p0", ""), ("down", "p0+p1", "p0: ok, p1: failed")]
