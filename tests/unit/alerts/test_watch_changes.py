"""A watch after a restart, under other rules or another inventory, and with incidents that were open before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.rules.compiled import Rule, Rules
from alerts.rules.selection import Selection
from alerts.watch import Open
from tests.unit.alerts.rules.things import down, inventory, threshold
from tests.unit.alerts.watching import (
    BEGIN_MS,
    BUSY,
    FULL,
    again,
    lines,
    processors,
    take,
    told,
    watching,
)


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
