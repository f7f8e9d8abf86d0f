from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.compiled import Rule, Rules, Selection
from alerts.rules.evaluate import Memory, step
from alerts.rules.held import GONE_AFTER_MS, MAX_SERIES, stale_ms
from alerts.rules.measurements import MEASUREMENTS
from alerts.watch import Open, Watch
from noc.inventory.inventory import Inventory
from noc.model.incident import RuleTransition
from noc.model.samples import Samples
from tests.things import device, watch
from tests.unit.alerts.rules.things import down, inventory, threshold

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
MINUTE = 60_000
BUSY = threshold(name="busy", hold_ms=10 * MINUTE)
FULL = threshold("interface.in_pct", name="full")
CONTEXT = ("agent_host", "hostname", "device", "site", "region", "device_class")


def table(
    minute: float, measurement: str, field: str, rows: Sequence[tuple[Mapping[str, str], float | None]]
) -> Samples:
    """Return a table as the pipeline writes it, with the numbers of one field beside those of another."""
    tags = MEASUREMENTS[measurement].tags
    return Samples(
        measurement=measurement,
        time=BEGIN + timedelta(minutes=minute),
        tag_keys=(*CONTEXT, *tags),
        field_keys=("another", field),
        tags=tuple((*("x",) * len(CONTEXT), *(told.get(tag, "-") for tag in tags)) for told, _ in rows),
        values=tuple((1e9, value) for _, value in rows),
    )


def processors(minute: float, *usage: float | None) -> Samples:
    return table(minute, "noc_processor", "usage_pct", [({"name": f"CPU {n}"}, value) for n, value in enumerate(usage)])


def lines(minute: float, **usage: float | None) -> Samples:
    return table(minute, "interface", "in_pct", [({"ifName": name}, value) for name, value in usage.items()])


def watching(*rules: Rule, over: Inventory | None = None) -> Watch:
    return Watch(Rules(rules), over or inventory("d"), "here")


def take(watched: Watch, *tables: Samples, entity: str = "device/d") -> list[tuple[str, str, str]]:
    return told(watched.take(entity, tables, "there"))


def told(transitions: Sequence[RuleTransition]) -> list[tuple[str, str, str]]:
    return [(found.rule, found.entity, found.status) for found in transitions]


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
    assert take(watched, processors(5, 95, 95)) == []
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


def again(
    watched: Watch, *rules: Rule, over: Inventory | None = None, minute: int = 0
) -> tuple[Watch, list[tuple[str, str, str]]]:
    """Return the watch after a restart, and what it cleared then."""
    rows = [tuple(row) for row in json.loads(json.dumps(watched.memories()))]
    restarted = watching(*rules, over=over)
    return restarted, told(restarted.restore(rows, BEGIN_MS + minute * MINUTE))


@pytest.mark.parametrize(
    ("part", "rubbish"),
    [
        (0, None),
        (1, 7),
        (3, ["device/d"]),
        (4, "grave"),
        (5, 1),
        (6, "soon"),
        (7, True),
        (8, BEGIN_MS + 1),
        (9, 3.5),
    ],
)
def test_a_row_that_makes_no_sense_is_told_and_the_others_are_taken_up(
    part: int, rubbish: object, caplog: pytest.LogCaptureFixture
) -> None:
    watched = watching(BUSY, FULL)
    take(watched, processors(-20, 95), lines(-20, ge0=95))
    rows: list[tuple[Any, ...]] = list(watched.memories())
    busy = next(row for row in rows if row[1] == "busy")
    damaged = [(*busy[:part], rubbish, *busy[part + 1 :]), busy[:8], ()]
    restarted = watching(BUSY, FULL)
    assert restarted.restore([*damaged, *(row for row in rows if row is not busy)], BEGIN_MS) == ()
    assert [row[1] for row in restarted.memories()] == ["full"]
    assert caplog.text.count("a row of the checkpoint of rules is left out") == 3


def test_a_restart_forgets_nothing() -> None:
    before = watching(BUSY, FULL)
    take(before, processors(0, 95), lines(0, ge0=95))
    after, cleared = again(before, BUSY, FULL)
    assert cleared == []
    assert sorted(map(str, after.memories())) == sorted(map(str, before.memories()))
    (found,) = after.take("device/d", (processors(10, 95),), "there")
    assert (found.rule, found.since_ms) == ("busy", BEGIN_MS)
    assert take(after, lines(10, ge0=10)) == [("full", "interface/d/ge0", "cleared")]


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (down("full"),),
        (replace(FULL, field="out_pct"),),
        (replace(FULL, tags=(("ifName", "ge0"),)),),
        (replace(FULL, selection=Selection(classes=frozenset({"ups"}))),),
    ],
)
def test_what_nobody_asks_any_more_is_cleared(rules: tuple[Rule, ...]) -> None:
    before = watching(FULL)
    take(before, lines(0, ge0=95))
    after, cleared = again(before, *rules)
    assert cleared == [("full", "interface/d/ge0", "cleared")]
    assert after.memories() == []
    (found,) = before.replace(Rules(rules), inventory("d"), BEGIN_MS + 1)
    assert (found.severity, found.since_ms, found.poller) == ("minor", BEGIN_MS + 1, "here")
    assert found.facts == {"reason": "rule"}
    assert before.memories() == []


def test_what_was_only_pending_goes_without_a_word() -> None:
    watched = watching(BUSY)
    take(watched, processors(0, 95))
    assert watched.replace(Rules(), inventory("d"), BEGIN_MS) == ()


def test_a_rule_with_other_limits_goes_on_with_its_memory() -> None:
    watched = watching(FULL)
    take(watched, lines(0, ge0=95))
    other = replace(FULL, raise_at=98, clear_at=96, severity="critical")
    assert watched.replace(Rules([other]), inventory("d"), BEGIN_MS) == ()
    assert take(watched, lines(5, ge0=95)) == [("full", "interface/d/ge0", "cleared")]


def test_a_device_that_left_is_cleared() -> None:
    watched = watching(FULL, threshold(name="busy"), over=inventory("d", "e"))
    take(watched, lines(0, ge0=95, ge1=95), processors(0, 95, 95))
    take(watched, processors(0, 95), entity="device/e")
    (*rest, last) = watched.replace(Rules([FULL, threshold(name="busy")]), inventory("e"), BEGIN_MS)
    assert sorted(told([*rest, last])) == [
        ("busy", "device/d", "cleared"),
        ("full", "interface/d/ge0", "cleared"),
        ("full", "interface/d/ge1", "cleared"),
    ]
    assert last.facts == {"reason": "device"}
    assert told(watched.forget("device/e", BEGIN_MS)) == [("busy", "device/e", "cleared")]
    assert watched.forget("device/e", BEGIN_MS) == ()
    assert watched.memories() == []


def test_an_open_incident_that_the_checkpoint_does_not_know_is_cleared_when_all_is_well() -> None:
    watched = watching(threshold(name="busy"))
    assert watched.adopt([Open("busy", "device/d", "minor", BEGIN_MS)], BEGIN_MS) == ()
    assert again(watched, threshold(name="busy"))[0].memories() == watched.memories()
    assert take(watched, processors(1, None, None)) == []
    assert take(watched, processors(5, 20, 20)) == [("busy", "device/d", "cleared")]
    assert watched.memories() == []


def test_an_adopted_incident_stays_open_while_a_series_is_not_back() -> None:
    watched = watching(threshold(name="busy"))
    watched.adopt([Open("busy", "device/d", "minor", BEGIN_MS)], BEGIN_MS)
    assert take(watched, processors(5, 85, 20)) == []
    assert take(watched, processors(10, 20, 85)) == [("busy", "device/d", "cleared")]


def test_a_series_that_was_pending_when_its_incident_was_adopted_is_raised() -> None:
    watched = watching(BUSY)
    take(watched, processors(0, 95))
    watched.adopt([Open("busy", "device/d", "minor", BEGIN_MS)], BEGIN_MS)
    assert take(watched, processors(5, 95)) == []
    assert take(watched, processors(10, 85)) == []
    assert take(watched, processors(15, 70)) == [("busy", "device/d", "cleared")]


def test_an_incident_of_another_interface_is_adopted_beside_what_is_known() -> None:
    watched = watching(FULL)
    take(watched, lines(0, ge0=95, ge1=70))
    watched.adopt([Open("full", "interface/d/ge1", "minor", BEGIN_MS)], BEGIN_MS)
    assert take(watched, lines(5, ge0=95, ge1=70)) == [("full", "interface/d/ge1", "cleared")]


def test_a_checkpoint_with_the_keys_of_another_version_goes_on_by_entity() -> None:
    before = watching(FULL)
    take(before, lines(0, ge0=95))
    after = watching(FULL)
    assert after.restore([(*row, "another tag") for row in before.memories()], BEGIN_MS) == ()
    assert take(after, lines(5, ge0=85, ge1=20)) == []
    assert take(after, lines(10, ge0=70, ge1=20)) == [("full", "interface/d/ge0", "cleared")]


def test_an_incident_is_adopted_once_and_only_if_it_is_of_a_threshold() -> None:
    watched = watching(FULL, down("device-down"))
    take(watched, lines(0, ge0=95))
    before = watched.memories()
    known = Open("full", "interface/d/ge0", "minor", BEGIN_MS)
    assert watched.adopt([known, Open("device-down", "device/d", "major", BEGIN_MS)], BEGIN_MS) == ()
    assert watched.memories() == before
    unknown = [Open("gone", "device/d", "major", BEGIN_MS), Open("full", "interface/e/ge0", "minor", BEGIN_MS)]
    assert sorted(told(watched.adopt(unknown, BEGIN_MS))) == [
        ("full", "interface/e/ge0", "cleared"),
        ("gone", "device/d", "cleared"),
    ]


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
        }
        raised = expected
