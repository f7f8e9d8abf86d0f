"""Section "Sites and the network": the state of a site."""

from __future__ import annotations

import pytest

from noc.availability.rollup import site_timeline
from noc.availability.spans import ALWAYS, Span
from noc.availability.timeline import Change, State

UP, DOWN, UNREACHABLE, UNKNOWN = State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN


@pytest.mark.parametrize(
    ("devices", "site"),
    [
        ([UP], UP),
        ([UP, DOWN, UNREACHABLE, UNKNOWN], UP),
        ([UNKNOWN, DOWN], UNKNOWN),
        ([UNKNOWN, UNREACHABLE], UNKNOWN),
        ([UNREACHABLE, UNREACHABLE], UNREACHABLE),
        ([UNREACHABLE, DOWN], DOWN),
        ([DOWN, DOWN], DOWN),
        ([], UNKNOWN),
    ],
)
def test_the_state_of_a_site(devices: list[State], site: State) -> None:
    timelines = [([] if state is UNKNOWN else [Change(10, state)], ALWAYS) for state in devices]
    assert site_timeline(timelines) == ([] if site is UNKNOWN else [Change(10, site)])


def test_it_changes_when_its_devices_do() -> None:
    one = [Change(0, UP), Change(20, DOWN), Change(40, UP), Change(60, UNKNOWN)]
    other = [Change(10, UP), Change(30, UNREACHABLE), Change(40, DOWN), Change(60, UNKNOWN)]
    expected = [Change(0, UP), Change(30, DOWN), Change(40, UP), Change(60, UNKNOWN)]
    assert site_timeline([(one, ALWAYS), (other, ALWAYS)]) == expected


def test_devices_that_change_places_at_one_moment_leave_no_trace() -> None:
    one = [Change(0, UP), Change(20, DOWN)]
    other = [Change(0, DOWN), Change(20, UP)]
    assert site_timeline([(one, ALWAYS), (other, ALWAYS)]) == [Change(0, UP)]


def test_a_device_out_of_service_has_no_vote() -> None:
    up, down = [Change(0, UP)], [Change(0, DOWN)]
    assert site_timeline([(up, [Span(10, 20)]), (down, ALWAYS)]) == [Change(0, DOWN), Change(10, UP), Change(20, DOWN)]


def test_an_unknown_device_out_of_service_hides_nothing() -> None:
    assert site_timeline([([], [Span(10, 20)]), ([Change(0, DOWN)], ALWAYS)]) == [
        Change(0, DOWN),
        Change(10, UNKNOWN),
        Change(20, DOWN),
    ]


def test_a_site_whose_devices_are_all_out_of_service_is_unknown() -> None:
    assert site_timeline([([Change(0, UP)], [Span(10, 20)])]) == [Change(10, UP), Change(20, UNKNOWN)]
