"""Section "Unreachable". Times in seconds, skew 10."""

from __future__ import annotations

from itertools import pairwise

import pytest

from noc.availability.spans import Span
from noc.availability.timeline import Change, State
from noc.availability.unreachable import CircleError, all_failed, blame, dependencies, in_order

UP, DOWN, UNREACHABLE, UNKNOWN = State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN
SKEW = 10


def down(*spans: tuple[int, int]) -> list[Change]:
    """Return a timeline that is up from 0 on, but for these spans."""
    changes = [Change(0, UP)]
    for start, end in spans:
        changes += [Change(start, DOWN), Change(end, UP)]
    return changes


def blamed(timeline: list[Change], *upstreams: list[Change]) -> list[tuple[int, State]]:
    """Return the changes after the first."""
    return [tuple(change) for change in blame(timeline, all_failed(upstreams), SKEW)][1:]


def test_down_while_the_upstream_is_down_is_unreachable() -> None:
    assert blamed(down((100, 200)), down((100, 200))) == [(100, UNREACHABLE), (200, UP)]


def test_down_with_an_upstream_that_is_up_or_unknown_is_down() -> None:
    assert blamed(down((100, 200)), down()) == [(100, DOWN), (200, UP)]
    assert blamed(down((100, 200)), []) == [(100, DOWN), (200, UP)]


def test_no_upstream_is_no_excuse() -> None:
    assert blamed(down((100, 200))) == [(100, DOWN), (200, UP)]


def test_an_upstream_that_is_unreachable_excuses_too() -> None:
    upstream = [Change(0, UP), Change(100, UNREACHABLE), Change(150, DOWN), Change(200, UP)]
    assert blamed(down((100, 200)), upstream) == [(100, UNREACHABLE), (200, UP)]


def test_every_one_of_several_upstreams_must_fail() -> None:
    one, other = down((80, 160)), down((120, 300))
    assert blamed(down((100, 200)), one, other) == [(100, DOWN), (120, UNREACHABLE), (160, DOWN), (200, UP)]
    assert blamed(down((100, 200)), one, down()) == [(100, DOWN), (200, UP)]


def test_pieces_at_both_ends_of_at_most_skew_are_unreachable_too() -> None:
    assert blamed(down((100, 200)), down((110, 190))) == [(100, UNREACHABLE), (200, UP)]


def test_longer_pieces_at_the_ends_stay_down() -> None:
    expected = [(100, DOWN), (111, UNREACHABLE), (189, DOWN), (200, UP)]
    assert blamed(down((100, 200)), down((111, 189))) == expected


def test_each_end_is_judged_by_itself() -> None:
    assert blamed(down((100, 200)), down((110, 189))) == [(100, UNREACHABLE), (189, DOWN), (200, UP)]
    assert blamed(down((100, 200)), down((111, 190))) == [(100, DOWN), (111, UNREACHABLE), (200, UP)]


def test_a_short_piece_in_the_middle_is_not_at_an_end() -> None:
    expected = [(100, UNREACHABLE), (150, DOWN), (155, UNREACHABLE), (200, UP)]
    assert blamed(down((100, 200)), down((100, 150), (155, 200))) == expected


def test_a_short_outage_of_its_own_is_not_next_to_an_unreachable_piece() -> None:
    assert blamed(down((100, 105)), down((105, 200))) == [(100, DOWN), (105, UP)]


@pytest.mark.parametrize("over", [60, 99, 100])
def test_a_fault_that_was_over_before_excuses_nothing(over: int) -> None:
    assert blamed(down((100, 105)), down((50, over))) == [(100, DOWN), (105, UP)]


def test_one_unreachable_moment_can_take_both_ends_with_it() -> None:
    assert blamed(down((100, 118)), down((109, 110))) == [(100, UNREACHABLE), (118, UP)]


def test_the_end_of_what_is_known_is_an_end_of_the_down_interval() -> None:
    timeline = [Change(0, UP), Change(100, DOWN), Change(200, UNKNOWN)]
    assert blamed(timeline, down((100, 195))) == [(100, UNREACHABLE), (200, UNKNOWN)]


def test_a_fault_that_lasts_still_has_no_end_yet() -> None:
    assert blamed([Change(0, UP), Change(100, DOWN)], down((100, 195))) == [(100, UNREACHABLE), (195, DOWN)]


def test_many_down_intervals_and_many_faults() -> None:
    faults = down((50, 60), (100, 130), (210, 260), (290, 400))
    expected = [
        *[(100, UNREACHABLE), (130, DOWN), (150, UP)],
        *[(200, UNREACHABLE), (250, UP)],
        *[(255, UNREACHABLE), (260, DOWN), (290, UNREACHABLE), (300, UP)],
    ]
    assert blamed(down((100, 150), (200, 250), (255, 300)), faults) == expected


def test_skew_of_nothing_extends_nothing() -> None:
    found = blame(down((100, 200)), [Span(101, 199)], 0)
    assert [tuple(change) for change in found][1:] == [(100, DOWN), (101, UNREACHABLE), (199, DOWN), (200, UP)]


def test_who_is_needed_comes_first() -> None:
    needs = dependencies({"device/c": ["site/x"], "device/b": ["device/a"]}, {"site/x": ["device/b"]})
    order = in_order(needs)
    wanted = ["device/a", "device/b", "site/x", "device/c"]
    assert [name for name in order if name in wanted] == wanted


def test_a_site_needs_its_devices_and_its_upstreams() -> None:
    assert dependencies({"site/x": ["device/a"]}, {"site/x": ["device/b"]}) == {"site/x": ["device/a", "device/b"]}


@pytest.mark.parametrize(
    ("upstream", "sites", "chain"),
    [
        ({"device/a": ["device/a"]}, {}, {"device/a"}),
        ({"device/a": ["device/b"], "device/b": ["device/a"]}, {}, {"device/a", "device/b"}),
        ({"device/a": ["site/x"]}, {"site/x": ["device/a"]}, {"device/a", "site/x"}),
    ],
)
def test_a_circle_is_named_as_a_chain(
    upstream: dict[str, list[str]], sites: dict[str, list[str]], chain: set[str]
) -> None:
    needs = dependencies(upstream, sites)
    with pytest.raises(CircleError) as caught:
        in_order(needs)
    found = caught.value.chain
    assert set(found) == chain
    assert found[0] == found[-1]
    assert all(following in needs[name] for name, following in pairwise(found))
    assert str(caught.value) == " -> ".join(found)


def test_a_long_chain_of_upstreams_is_no_trouble() -> None:
    needs = {f"device/{number + 1}": [f"device/{number}"] for number in range(10_000)}
    assert in_order(needs)[-1] == "device/10000"
