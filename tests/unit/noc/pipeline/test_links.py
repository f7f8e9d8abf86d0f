"""What polls one after another tell of a satellite link: locks that were lost, rate that was given up."""

from __future__ import annotations

from noc.model.snapshot import Scalar
from noc.pipeline.links import HOUR_MS, LINK_FIELDS, SatelliteLinks

MINUTE = 60_000
NOTHING: dict[str, Scalar] = dict.fromkeys(LINK_FIELDS)


def polled(links: SatelliteLinks, minute: float, **told: Scalar) -> tuple[Scalar, Scalar]:
    found = links.take("device/a", told, int(minute * MINUTE))
    return found["lock_losses"], found["capacity_pct"]


def test_a_lock_that_comes_and_goes_is_counted_for_an_hour() -> None:
    links = SatelliteLinks()
    states = [True, False, False, True, False, True, False, True]
    counts = [polled(links, 5 * n, rx_lock=state)[0] for n, state in enumerate(states)]
    assert counts == [None, 1, 1, 1, 2, 2, 3, 3]
    assert [polled(links, minute, rx_lock=True)[0] for minute in (64.9, 65, 80, 90)] == [3, 2, 1, 0]


def test_a_terminal_that_was_never_seen_locked_has_lost_no_lock() -> None:
    links = SatelliteLinks()
    assert [polled(links, minute, rx_lock=False)[0] for minute in (0, 5, 60, 65)] == [None, None, 0, 0]


def test_rate_is_held_against_the_best_of_a_day() -> None:
    links = SatelliteLinks()
    assert polled(links, 0, bits_per_symbol=2.0) == (None, None)
    assert polled(links, 5, bits_per_symbol=1.0) == (None, 50.0)
    assert polled(links, 60, bits_per_symbol=2.0) == (None, 100.0)
    assert polled(links, 120, bits_per_symbol=1.5)[1] == 75.0
    assert polled(links, 120 + 24 * 60, bits_per_symbol=1.5)[1] == 100.0  # slower for a day: that is its rate now


def test_all_is_well_only_after_an_hour_of_watching() -> None:
    """After a restart in the middle of a fade the best rate isn't known: nothing is cleared by that."""
    links = SatelliteLinks()
    assert polled(links, 0, bits_per_symbol=1.0, rx_lock=True) == (None, None)
    assert polled(links, 59, bits_per_symbol=1.0, rx_lock=True) == (None, None)
    assert polled(links, HOUR_MS / MINUTE, bits_per_symbol=1.0, rx_lock=True) == (0, 100.0)


def test_a_poll_that_is_not_later_adds_nothing() -> None:
    links = SatelliteLinks()
    polled(links, 10, rx_lock=True)
    assert links.take("device/a", {"rx_lock": False}, 10 * MINUTE) == NOTHING
    assert polled(links, 15, rx_lock=False)[0] == 1


def test_what_is_no_satellite_link_is_not_remembered_and_what_left_is_forgotten() -> None:
    links = SatelliteLinks()
    assert links.take("device/a", {"rx_lock": None, "bits_per_symbol": None}, 0) == NOTHING
    polled(links, 0, rx_lock=True)
    links.forget("device/a")
    assert polled(links, 5, rx_lock=False)[0] is None
