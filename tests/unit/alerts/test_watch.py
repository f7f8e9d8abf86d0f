"""Rules over tables that come one after another: what is raised, cleared, late or gone."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.evaluate import Memory, step
from alerts.rules.held import GONE_AFTER_MS, MAX_SERIES, stale_ms
from alerts.rules.selection import Selection
from alerts.watch import Open
from noc.model.incident import RuleTransition
from noc.model.samples import Samples
from tests.things import device, watch
from tests.unit.alerts.rules.things import inventory, threshold
from tests.unit.alerts.watching import (
    BEGIN,
    BEGIN_MS,
    BUSY,
    FULL,
    MINUTE,
    again,
    lines,
    processors,
    table,
    take,
    watching,
)


def test_what_it_tells_when_a_rule_is_raised() -> None:
    watched = watching(BUSY)
    assert take(watched, processors(0, 20, 20)) == []
    assert take(watched, processors(5, 20, 95)) == []
    assert take(watched, processors(10, 20, 96)) == []
    (found,) = watched.take("device/d", (processors(15, 20, 97),), "there")
    assert found == RuleTransition(
        rule="busy",
        entity="device/d",
        status="raised",
        severity="minor",
        since_ms=BEGIN_MS + 5 * MINUTE,
        decided_ms=BEGIN_MS + 15 * MINUTE,
        poller="there",
        facts={
            "measurement": "noc_processor",
            "metric": "usage_pct",
            "value": 97,
            "limit": 90,
            "clear": 80,
            "unit": "percent",
            "tag.name": "CPU 1",
            "tag.oid": "-",
        },
    )


def test_what_it_tells_when_a_rule_is_cleared() -> None:
    watched = watching(threshold(name="busy"))
    take(watched, processors(0, 95))
    (found,) = watched.take("device/d", (processors(5, 70),), "there")
    assert (found.status, found.since_ms, found.decided_ms) == ("cleared", *[BEGIN_MS + 5 * MINUTE] * 2)
    assert (found.facts["value"], found.facts["reason"]) == (70, "value")
    assert watched.memories() == []
    assert watched._watched["device/d"].held == {}


def test_a_rule_of_interfaces_is_raised_for_each_interface() -> None:
    watched = watching(FULL)
    assert take(watched, lines(0, ge0=95, ge1=91, ge2=10)) == [
        ("full", "interface/d/ge0", "raised"),
        ("full", "interface/d/ge1", "raised"),
    ]
    assert take(watched, lines(5, ge0=95, ge1=10, ge2=10)) == [("full", "interface/d/ge1", "cleared")]


def test_an_interface_without_a_name_is_the_device() -> None:
    unnamed = table(0, "interface", "in_pct", [({"ifName": ""}, 95.0)])
    assert take(watching(FULL), unnamed) == [("full", "device/d", "raised")]


def test_an_interface_keeps_its_memory_when_its_index_changes() -> None:
    watched = watching(FULL)
    take(watched, table(0, "interface", "in_pct", [({"ifName": "ge0", "ifIndex": "1"}, 95.0)]))
    after = table(5, "interface", "in_pct", [({"ifName": "ge0", "ifIndex": "7"}, 70.0)])
    assert take(watched, after) == [("full", "interface/d/ge0", "cleared")]


def test_wide_and_narrow_interfaces_of_one_reading_are_one_table() -> None:
    watched = watching(FULL)
    assert len(take(watched, lines(0, ge0=95), lines(0, old0=95))) == 2
    assert len(take(watched, lines(5, ge0=10), lines(5, old0=10))) == 2


def test_a_device_is_raised_while_one_of_its_series_is() -> None:
    watched = watching(threshold(name="busy"))
    assert take(watched, processors(0, 95, 20)) == [("busy", "device/d", "raised")]
    (further,) = watched.take("device/d", [processors(5, 95, 95)], "there")
    assert (further.status, further.facts["further"], further.facts["series"]) == ("raised", "CPU 1", 2)
    assert take(watched, processors(10, 20, 95)) == []
    assert take(watched, processors(15, 20, 20)) == [("busy", "device/d", "cleared")]


def test_the_worst_of_several_series_is_told_and_the_longest_since() -> None:
    watched = watching(BUSY)
    take(watched, processors(0, 91, 20, 20))
    take(watched, processors(5, 91, 95, 93))
    (found,) = watched.take("device/d", (processors(10, 91, 95, 93),), "there")
    assert (found.facts["value"], found.since_ms) == (91, BEGIN_MS)  # the others are not raised yet
    watched = watching(threshold(name="busy"))
    (found,) = watched.take("device/d", (processors(0, 91, 95, 93),), "there")
    assert found.facts["value"] == 95


def test_of_several_series_that_raise_it_at_once_the_longest_counts() -> None:
    watched = watching(BUSY)
    take(watched, processors(0, 20, 91))
    take(watched, processors(5, 95, 91))
    (found,) = watched.take("device/d", (processors(15, 95, 91),), "there")
    assert (found.facts["value"], found.since_ms) == (95, BEGIN_MS)


@pytest.mark.parametrize("nothing", [None, math.nan, -math.inf])
def test_of_two_rows_with_one_name_one_may_have_no_number(nothing: float | None) -> None:
    watched = watching(FULL)
    take(watched, lines(0, ge0=95))
    both = [({"ifName": "ge0"}, nothing), ({"ifName": "ge0"}, 10.0)]
    assert take(watched, table(5, "interface", "in_pct", both)) == [("full", "interface/d/ge0", "cleared")]
    take(watched, lines(10, ge0=95))
    assert len(take(watched, table(15, "interface", "in_pct", both[::-1]))) == 1


def test_of_two_rows_with_one_name_the_worse_counts() -> None:
    watched = watching(FULL)
    both = [({"ifName": "ge0", "ifIndex": "1"}, 10.0), ({"ifName": "ge0", "ifIndex": "2"}, 95.0)]
    assert len(take(watched, table(0, "interface", "in_pct", both))) == 1
    assert take(watched, table(5, "interface", "in_pct", both[::-1])) == []


def test_only_series_with_the_tags_that_the_rule_names() -> None:
    watched = watching(
        threshold("noc_sensor.value", name="charge", raise_at=40, clear_at=60, tags=(("kind", "charge"),))
    )
    load, charge = {"kind": "load", "oid": "1"}, {"kind": "charge", "oid": "2"}
    assert take(watched, table(0, "noc_sensor", "value", [(load, 5.0), (charge, 90.0)])) == []
    assert take(watched, table(5, "noc_sensor", "value", [(load, 5.0), (charge, 30.0)])) == [
        ("charge", "device/d", "raised")
    ]
    assert take(watched, table(10, "noc_sensor", "value", [(load, 5.0), (charge, 60.0)])) == [
        ("charge", "device/d", "cleared")
    ]


def test_a_series_without_a_number_is_as_it_was() -> None:
    watched = watching(threshold(name="busy"))
    take(watched, processors(0, 95))
    assert take(watched, processors(5, None)) == []
    assert take(watched, processors(10, math.nan)) == []
    assert take(watched, processors(15, 70)) == [("busy", "device/d", "cleared")]


def test_what_no_rule_asks_for_costs_nothing_and_tells_nothing() -> None:
    watched = watching(BUSY)
    assert take(watched, lines(0, ge0=100)) == []
    assert take(watched, processors(0, 100), entity="device/unknown") == []
    assert take(watched, table(0, "noc_processor", "other_field", [({"name": "x"}, 100.0)])) == []
    assert (watched.tally.given, watched.memories()) == (1, [])


def test_a_rule_is_for_the_devices_that_it_chooses() -> None:
    watched = watching(threshold(name="busy", selection=Selection(classes=frozenset({"ups"}))))
    assert take(watched, processors(0, 100)) == []


def test_late_tables_are_counted_and_left() -> None:
    watched = watching(threshold(name="busy"))
    take(watched, processors(5, 95))
    assert take(watched, processors(5, 10)) == []
    assert take(watched, processors(0, 10)) == []
    assert (watched.tally.given, watched.tally.judged, watched.tally.late) == (3, 1, 2)


@pytest.mark.parametrize(
    ("measurement", "stale", "minutes"),
    [("noc_processor", None, 15), ("ping", None, 3), ("noc_processor", 5 * MINUTE, 10), ("ping", 5 * MINUTE, 5)],
)
def test_how_long_a_gap_may_be(measurement: str, stale: int | None, minutes: int) -> None:
    rule = threshold(f"{measurement}.x", stale_ms=stale)
    watched = watch(interval=timedelta(minutes=1), poll_interval=timedelta(minutes=5))
    assert stale_ms(rule, device(watched=watched)) == minutes * MINUTE


def test_a_series_that_its_device_no_longer_tells_of_is_cleared_after_a_day() -> None:
    watched = watching(FULL)
    take(watched, lines(0, ge0=95, ge1=10))
    day = GONE_AFTER_MS // MINUTE
    assert take(watched, lines(day, ge1=10)) == []
    (found,) = watched.take("device/d", (lines(day + 1, ge1=10),), "there")
    assert (found.entity, found.status, found.facts["reason"]) == ("interface/d/ge0", "cleared", "series")
    assert watched.memories() == []


def test_a_series_is_not_gone_while_its_device_tells_nothing_at_all_or_no_number() -> None:
    watched = watching(FULL)
    take(watched, lines(0, ge0=95))
    day = GONE_AFTER_MS // MINUTE
    assert take(watched, lines(0.5 * day, ge0=None)) == []
    assert take(watched, lines(1.4 * day, ge1=10)) == []
    assert take(watched, lines(9 * day)) == []
    assert len(watched.memories()) == 1


def test_memory_is_bounded_and_counts_what_it_leaves() -> None:
    watched = watching(BUSY)
    take(watched, processors(0, *[95.0] * (MAX_SERIES + 5)))
    assert len(watched.memories()) == MAX_SERIES
    assert watched.tally.shed == 5


def signal(minute: float, es_n0_db: float | None, margin_db: float | None) -> Samples:
    """Return the satellite values of a poll as the pipeline writes them."""
    at, fields = BEGIN + timedelta(minutes=minute), ("es_n0_db", "link_margin_db")
    return Samples("noc_satellite", at, ("device",), fields, (("d",),), ((es_n0_db, margin_db),))


WEAK = threshold("noc_satellite.es_n0_db", 6, 7, name="weak", unless="link_margin_db", degraded=True)
THIN = threshold("noc_satellite.link_margin_db", 3, 4, name="thin", degraded=True)


def test_a_rule_does_not_hold_while_another_field_tells_more() -> None:
    watched = watching(WEAK, THIN)
    assert take(watched, signal(0, 5.0, 4.2)) == []
    assert take(watched, signal(5, 5.0, 2.8)) == [("thin", "device/d", "raised")]
    assert take(watched, signal(10, 5.0, None)) == [("weak", "device/d", "raised")]  # its margin isn't known any more
    assert take(watched, signal(15, 5.0, 3.5)) == [("weak", "device/d", "cleared")]
    assert take(watched, signal(20, 9.0, 6.0)) == [("thin", "device/d", "cleared")]
    assert watched.memories() == []


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_a_field_without_a_number_tells_nothing_more(nothing: float | None) -> None:
    assert take(watching(WEAK), signal(0, 5.0, nothing)) == [("weak", "device/d", "raised")]


def test_what_is_cleared_because_another_field_tells_more_says_so() -> None:
    watched = watching(replace(WEAK, hold_ms=5 * MINUTE))
    take(watched, signal(0, 5.0, None))
    assert take(watched, signal(4, 5.0, 1.0)) == []
    assert watched.memories() == []  # what was pending is forgotten with it
    watched = watching(WEAK)
    (raised,) = watched.take("device/d", (signal(5, 5.0, None),), "there")
    (cleared,) = watched.take("device/d", (signal(10, 5.0, 1.0),), "there")
    assert (raised.facts["status"], cleared.facts["reason"]) == ("degraded", "superseded")


def test_an_incident_that_was_taken_up_ends_when_another_field_tells_more() -> None:
    watched = watching(WEAK)
    watched.adopt([Open("weak", "device/d", "minor", BEGIN_MS)], BEGIN_MS)
    assert take(watched, signal(5, 5.0, 1.0)) == [("weak", "device/d", "cleared")]


VALUE = st.sampled_from([None, math.nan, 70.0, 80.0, 85.0, 90.0, 95.0])
READING = st.tuples(st.integers(1, 5), st.dictionaries(st.sampled_from("abc"), VALUE))


@given(st.lists(READING, max_size=20), st.integers(0, 3), st.booleans(), st.integers(0, 20))
def test_it_is_as_if_every_series_were_remembered(
    readings: list[tuple[int, dict[str, float | None]]], hold: int, by_interface: bool, restart: int
) -> None:
    rule = FULL if by_interface else threshold(name="busy")
    rule = replace(rule, hold_ms=hold * MINUTE)
    near = replace(device("d"), watch=watch(poll_interval=timedelta(minutes=1)))
    over = replace(inventory("d"), devices={"d": near})
    watched = watching(rule, over=over)
    memories: dict[str, Memory] = {}
    raised: set[str] = set()
    now = 0
    for n, (minutes, numbers) in enumerate(readings):
        if n == restart:
            watched = again(watched, rule, over=over, minute=now)[0]
        now += minutes
        before = {name for name, memory in memories.items() if memory.raised}
        for name, value in numbers.items():
            if value is not None:
                time_ms = BEGIN_MS + now * MINUTE
                memories[name], _ = step(memories.get(name, Memory()), value, time_ms, rule, 3 * MINUTE)
        names = {name for name, memory in memories.items() if memory.raised}
        expected = {f"interface/d/{name}" for name in names} if by_interface else {"device/d"} if names else set()
        rows = [({"ifName": name, "name": name}, value) for name, value in numbers.items()]
        sent = table(now, rule.measurement, rule.field, rows)
        assert {found[1:] for found in take(watched, sent)} == {
            *((entity, "raised") for entity in expected - raised),
            *((entity, "cleared") for entity in raised - expected),
            *((entity, "raised") for entity in expected & raised if not by_interface and names - before),
        }
        raised = expected
