"""Section "Replay": what a whole answer holds. Times in milliseconds."""

from __future__ import annotations

from fractions import Fraction

import pytest

from noc.availability.policy import Period, Policy, ProbePolicy, Window
from noc.availability.replay import derived, replay
from noc.availability.spans import Span
from noc.availability.timeline import Change, State
from noc.availability.unreachable import CircleError

UP, DOWN, UNREACHABLE, UNKNOWN = State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN
PROBE = ProbePolicy.probed_every(10, confirm_down=1)
PERIOD = Period(0, 100)
ALWAYS_OK = [(time, True) for time in range(0, 101, 10)]
ALWAYS_BAD = [(time, False) for time in range(0, 101, 10)]


def test_entities_without_events_are_unknown_throughout() -> None:
    policy = Policy(PROBE, named=frozenset({"device/lost"}))
    answer = replay({}, policy, PERIOD)
    assert answer.entities["device/lost"].intervals == [(0, 100, UNKNOWN)]
    assert answer.entities["device/lost"].figures.durations.unknown == 100
    assert answer.unseen == ["device/lost"]


def test_everything_that_the_policy_names_is_in_the_answer() -> None:
    policy = Policy(
        PROBE,
        probes={"device/a": PROBE},
        upstream={"circuit/b": ["device/c"]},
        sites={"site/d": ["device/e"]},
        regions={"region/f": ["site/g"]},
        windows=[Window("service/h", 0, 1), Window("region/i", 0, 1)],
        in_service={"poller/j": [Span(0, 1)]},
        weights={"site/k": Fraction(2)},
    )
    answer = replay({"interface/l/m": ALWAYS_OK}, policy, PERIOD)
    assert list(answer.entities) == [
        *("circuit/b", "device/a", "device/c", "device/e", "interface/l/m", "poller/j", "service/h"),
        *("site/d", "site/g", "site/k"),
    ]
    assert list(answer.regions) == ["region/f", "region/i"]
    assert answer.unseen == ["circuit/b", "device/a", "device/c", "device/e", "poller/j", "service/h"]


def test_the_end_is_the_last_event_by_default() -> None:
    results = {"device/a": ALWAYS_OK[:5], "device/b": [(0, True)]}
    answer = replay(results, Policy(PROBE), PERIOD)
    assert answer.entities["device/a"].intervals == [(0, 40, UP), (40, 100, UNKNOWN)]
    assert answer.entities["device/b"].intervals == [(0, 30, UP), (30, 100, UNKNOWN)]


def test_results_after_the_end_are_as_if_they_were_not_there() -> None:
    results = {"device/a": ALWAYS_OK, "device/later": [(60, True)]}
    answer = replay(results, Policy(PROBE, end=50), PERIOD)
    assert answer.entities["device/a"].intervals == [(0, 50, UP), (50, 100, UNKNOWN)]
    assert "device/later" not in answer.entities


def test_evidence_before_and_after_the_period_counts() -> None:
    probe = ProbePolicy.probed_every(10)
    series = [(-20, True), (-10, False), (0, False), (10, False), (20, True)]
    answer = replay({"device/a": series}, Policy(probe), Period(0, 5))
    assert answer.entities["device/a"].intervals == [(0, 5, DOWN)]
    assert answer.entities["device/a"].figures.outages == 1


def test_with_no_sites_the_network_adds_up_the_devices_and_nothing_else() -> None:
    results = {"device/a": ALWAYS_OK, "device/b": ALWAYS_BAD, "circuit/c": ALWAYS_BAD, "interface/a/x": ALWAYS_BAD}
    answer = replay(results, Policy(PROBE), PERIOD)
    assert (answer.network.up, answer.network.down) == (100, 100)


def test_with_no_sites_a_device_may_have_a_weight() -> None:
    results = {"device/a": ALWAYS_OK, "device/b": ALWAYS_BAD}
    answer = replay(results, Policy(PROBE, weights={"device/a": Fraction(3)}), PERIOD)
    assert answer.network.floor_pct == 75


def test_with_sites_the_network_adds_up_the_sites() -> None:
    results = {"device/a": ALWAYS_OK, "device/b": ALWAYS_BAD, "device/alone": ALWAYS_BAD}
    sites = {"site/x": ["device/a", "device/b"], "site/y": ["device/b"], "site/none": []}
    policy = Policy(
        PROBE,
        sites=sites,
        regions={"region/r": ["site/x", "site/y", "site/x"], "region/none": []},
        weights={"site/x": Fraction(2)},
    )
    answer = replay(results, policy, PERIOD)
    assert (answer.network.up, answer.network.down, answer.network.unknown) == (200, 100, 100)
    assert (answer.regions["region/r"].up, answer.regions["region/r"].down) == (200, 100)
    assert answer.regions["region/none"].floor_pct is None


def test_a_site_can_be_an_upstream() -> None:
    policy = Policy(PROBE, sites={"site/hub": ["device/h"]}, upstream={"device/a": ["site/hub"]})
    answer = replay({"device/a": ALWAYS_BAD, "device/h": ALWAYS_BAD}, policy, PERIOD)
    assert answer.entities["device/a"].intervals == [(0, 100, UNREACHABLE)]
    assert answer.entities["site/hub"].intervals == [(0, 100, DOWN)]


def test_unreachable_goes_down_the_line_and_makes_sites_unreachable() -> None:
    policy = Policy(
        PROBE,
        sites={"site/x": ["device/c"]},
        upstream={"device/c": ["device/b"], "device/b": ["device/a"]},
    )
    answer = replay(dict.fromkeys(("device/a", "device/b", "device/c"), ALWAYS_BAD), policy, PERIOD)
    states = {name: entity.intervals[0].state for name, entity in answer.entities.items()}
    assert states == {"device/a": DOWN, "device/b": UNREACHABLE, "device/c": UNREACHABLE, "site/x": UNREACHABLE}


def test_each_entity_has_its_own_skew() -> None:
    bad = [(time, False) for time in range(5, 101, 10)]
    patient, strict = (ProbePolicy(30, skew, confirm_down=1) for skew in (5, 4))
    policy = Policy(
        PROBE,
        probes={"device/patient": patient, "device/strict": strict, "site/s": strict},
        upstream={"device/patient": ["device/a"], "device/strict": ["device/a"], "site/s": ["device/a"]},
        sites={"site/s": ["device/alone"]},
        end=100,
    )
    results = {"device/a": ALWAYS_BAD[1:]}
    results |= dict.fromkeys(("device/patient", "device/strict", "device/alone"), bad)
    answer = replay(results, policy, PERIOD)
    assert answer.entities["device/patient"].intervals == [(0, 5, UNKNOWN), (5, 100, UNREACHABLE)]
    for name in ("device/strict", "site/s"):
        assert answer.entities[name].intervals == [(0, 5, UNKNOWN), (5, 10, DOWN), (10, 100, UNREACHABLE)]


def test_a_site_may_have_an_upstream_of_its_own() -> None:
    policy = Policy(PROBE, sites={"site/x": ["device/b"]}, upstream={"site/x": ["device/a"]})
    answer = replay({"device/a": ALWAYS_BAD, "device/b": ALWAYS_BAD}, policy, PERIOD)
    assert answer.entities["site/x"].intervals == [(0, 100, UNREACHABLE)]
    assert answer.entities["device/b"].intervals == [(0, 100, DOWN)]


def test_intervals_keep_windows_and_service_in() -> None:
    policy = Policy(PROBE, windows=[Window("device/a", 10, 20)], in_service={"device/a": [Span(0, 50)]}, end=100)
    entity = replay({"device/a": ALWAYS_OK}, policy, PERIOD).entities["device/a"]
    assert entity.intervals == [(0, 100, UP)]
    assert (entity.figures.durations.up, entity.figures.durations.planned) == (40, 10)


def test_planned_time_of_a_device_does_not_change_its_vote() -> None:
    policy = Policy(PROBE, sites={"site/x": ["device/a"]}, windows=[Window("device/a", 0, 100)])
    answer = replay({"device/a": ALWAYS_BAD}, policy, PERIOD)
    assert answer.entities["site/x"].figures.durations.down == 100
    assert answer.entities["device/a"].figures.durations.planned == 100


def test_a_device_out_of_service_has_no_vote() -> None:
    policy = Policy(PROBE, sites={"site/x": ["device/a", "device/b"]}, in_service={"device/b": [Span(50, 100)]})
    answer = replay({"device/a": ALWAYS_BAD, "device/b": ALWAYS_OK}, policy, PERIOD)
    assert answer.entities["site/x"].intervals == [(0, 50, DOWN), (50, 100, UP)]


def test_an_upstream_out_of_service_still_has_its_state() -> None:
    policy = Policy(PROBE, upstream={"device/a": ["device/b"]}, in_service={"device/b": [Span(900, 901)]})
    answer = replay({"device/a": ALWAYS_BAD, "device/b": ALWAYS_BAD}, policy, PERIOD)
    assert answer.entities["device/a"].intervals == [(0, 100, UNREACHABLE)]


def test_a_circle_is_an_error() -> None:
    with pytest.raises(CircleError, match="device/a -> site/x -> device/a"):
        derived({}, Policy(PROBE, upstream={"device/a": ["site/x"]}, sites={"site/x": ["device/a"]}))


def test_states_can_be_made_from_stored_ones() -> None:
    raw = {"device/a": [Change(0, DOWN)], "device/b": [Change(0, DOWN)]}
    policy = Policy(PROBE, upstream={"device/b": ["device/a"]}, sites={"site/x": ["device/b"]})
    assert derived(raw, policy) == {
        "device/a": [Change(0, DOWN)],
        "device/b": [Change(0, UNREACHABLE)],
        "site/x": [Change(0, UNREACHABLE)],
    }
