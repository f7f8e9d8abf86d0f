"""Section "Planned time"."""

from __future__ import annotations

import pytest

from noc.availability.policy import Window
from noc.availability.windows import Planned, counted

SITES = {"site/x": ["device/a", "device/b"], "site/y": ["device/b"]}
REGIONS = {"region/r": ["site/x"]}


def planned(entity: str, *windows: Window) -> list[tuple[int, int]]:
    return [tuple(span) for span in Planned(windows, SITES, REGIONS).of(entity)]


def test_a_window_counts_for_the_entity_it_names() -> None:
    assert planned("device/a", Window("device/a", 10, 20)) == [(10, 20)]
    assert planned("device/b", Window("device/a", 10, 20)) == []


@pytest.mark.parametrize("above", ["site/x", "region/r", "device/a"])
def test_it_counts_for_everything_below(above: str) -> None:
    assert planned("device/a", Window(above, 10, 20)) == [(10, 20)]
    for part in ("interface/a/ge-0/0/1", "peer/a/bgp:192.0.2.1", "vrf/a/red", "tunnel/a/t1", "probe/a/hub"):
        assert planned(part, Window(above, 10, 20)) == [(10, 20)]


def test_a_region_s_window_counts_for_its_sites() -> None:
    assert planned("site/x", Window("region/r", 10, 20)) == [(10, 20)]
    assert planned("site/y", Window("region/r", 10, 20)) == []


def test_a_device_s_window_does_not_count_for_its_site() -> None:
    assert planned("site/x", Window("device/a", 10, 20)) == []


def test_windows_may_overlap_and_their_union_counts() -> None:
    windows = [Window("device/a", 10, 20), Window("device/a", 15, 30), Window("site/x", 30, 35)]
    assert planned("device/a", *windows) == [(10, 35)]


def test_a_device_in_two_sites_has_the_windows_of_both() -> None:
    assert planned("device/b", Window("site/x", 10, 20), Window("site/y", 40, 50)) == [(10, 20), (40, 50)]


@pytest.mark.parametrize(("entered", "start"), [(None, 10), (5, 10), (10, 10), (13, 13), (20, 20), (25, 25)], ids=str)
def test_entered_late_it_counts_from_then_on(entered: int | None, start: int) -> None:
    window = Window("device/a", 10, 20, entered)
    assert counted(window) == (start, 20)
    assert planned("device/a", window) == ([(start, 20)] if start < 20 else [])
