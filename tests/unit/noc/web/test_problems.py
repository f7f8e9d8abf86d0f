from __future__ import annotations

from dataclasses import replace

import pytest

from noc.model.incident import Fact, Incident
from noc.web.filtering import read
from noc.web.places import place_of
from noc.web.problemfilter import KINDS, Known, Row, keys_of, takes
from noc.web.problemlist import counted, grouped, heads, held_numbers, outcome, still, told_numbers
from noc.web.views.problems import back
from tests.unit.noc.http.house import INVENTORY

OPEN = Incident(1, "device/a", "device-down", "major", "standard", 1_000, 1_000, {})
KNOWN = Known(INVENTORY, 8_201_000, "Carla", {1: 4})
KEYS = keys_of(INVENTORY, ("Carla",), ("device-down",), lambda _: True)


def row(**changes: object) -> Row:
    incident = replace(OPEN, **changes)  # type: ignore[arg-type]
    return Row(incident, place_of(INVENTORY, incident.entity))


def fits(text: str, one: Row) -> bool:
    query = read(text, KEYS)
    assert query.faults == ()
    return takes(query, one, KNOWN)


def test_what_nobody_owns_comes_first_then_the_gravest_then_the_newest() -> None:
    rows = [
        row(id=1, severity="critical", acknowledged_ms=5),
        row(id=2, severity="minor"),
        row(id=3, severity="critical", since_ms=10),
        row(id=4, severity="critical", since_ms=20),
    ]
    assert [one.incident.id for one in sorted(rows, key=lambda one: one.order)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("state:new", True),
        ("state:acknowledged", False),
        ("state:unresolved", True),
        ("severity:major", True),
        ("severity:minor,major", True),
        ("-severity:minor", True),
        ("severity:minor", False),
        ("region:africa", False),
        ("DOWN", True),
        ("device/A", True),
        ("juba", False),
        ("#1", True),
        ("#2", False),
        ("priority:4", True),
        ("priority:<=2", False),
        ("owner:carla", False),
        ("-owner:*", True),
        ("site:nairobi", False),
        ("since:<2h", False),
        ("since:>2h", True),
        ("symptoms:>3", True),
        ("rule:device-*", True),
        ("entity:device/a severity:minor", False),
        ("is:major", False),
        ("-is:*", True),
        ("class:router", False),
    ],
)
def test_a_filter_takes_what_fits_all_of_it(text: str, holds: bool) -> None:
    assert fits(text, row()) is holds


@pytest.mark.parametrize(
    "text", ["region:africa", "site:nairobi", "site:nai*", "device:nbo-rtr-*", "device:NBO-RTR-1", "class:*", "nairobi"]
)
def test_what_stands_somewhere_is_found_by_where(text: str) -> None:
    assert fits(text, row(entity="device/nbo-rtr-1"))
    assert not fits(text, row(entity="device/bds-rtr-1")) or text == "class:*"


@pytest.mark.parametrize(
    ("facts", "kind"),
    [({"status": "down"}, "down"), ({"status": "degraded"}, "degraded"), ({}, "other"), ({"status": "odd"}, "other")],
)
def test_what_is_degraded_is_listed_apart_from_what_is_down(facts: dict[str, Fact], kind: str) -> None:
    one = row(facts=facts)
    assert [word for word in KINDS if fits(f"kind:{word}", one)] == [kind]
    assert fits("", one)


def test_what_is_resolved_is_shown_only_where_it_is_asked_for() -> None:
    over = row(resolved_ms=9)
    assert not fits("", over)
    assert not fits("-state:new", over)
    assert fits("state:resolved", over)
    assert not fits("state:closed", over)
    assert fits("state:resolved", row(resolved_ms=9, closed_ms=10))


def test_what_somebody_owns_is_found_by_their_name() -> None:
    owned = row(acknowledged_ms=5, acknowledged_by="Carla")
    assert fits("owner:carla", owned)
    assert fits("owner:me", owned)
    assert fits("owner:*", owned)
    assert not fits("owner:bob", owned)
    assert not fits("owner:me", row())


def test_incidents_are_counted_by_state_and_severity() -> None:
    found = [OPEN, replace(OPEN, severity="critical"), replace(OPEN, severity="critical", acknowledged_ms=5)]
    counts = counted(found)
    assert (counts.new, counts.acknowledged) == (2, 1)
    assert dict(counts.severities) == {"major": 1, "critical": 2}


def test_rows_stand_still_where_they_stood_and_new_ones_wait() -> None:
    items = [row(id=number) for number in (9, 5, 1)]
    gone = {3: replace(row(id=3, resolved_ms=5), gone=True)}
    shown, waiting = still(items, (1, 3, 5, 4), gone)
    assert [one.incident.id for one in shown] == [1, 3, 5]
    assert [one.gone for one in shown] == [False, True, False]
    assert waiting == 1


@pytest.mark.parametrize(("text", "numbers"), [("3 1 3", (3, 1)), ("", ()), ("1 x", ()), ("1 " * 900, (1,))])
def test_a_page_says_which_rows_it_shows(text: str, numbers: tuple[int, ...]) -> None:
    assert held_numbers(text) == numbers
    assert told_numbers(text.strip().replace(" ", ".")) == numbers


def test_groups_come_in_the_order_of_their_gravest_row() -> None:
    entities = ["device/bds-rtr-1", "device/nbo-rtr-1", "external/x", "site/nairobi", "site/bangui"]
    rows = grouped([row(id=number, entity=one) for number, one in enumerate(entities, 1)], "site")
    assert [one.incident.id for one in rows] == [1, 2, 4, 3, 5]
    found = heads(rows[:4], rows, "site")
    assert {number: (group.key, group.number) for number, group in found.items()} == {
        1: ("brindisi", 1),
        2: ("nairobi", 2),
        3: ("", 1),
    }


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"acknowledged_by": "Carla", "acknowledged_ms": 1}, "yours"),
        ({"acknowledged_by": "Kofi", "acknowledged_ms": 1}, "theirs"),
        ({"resolved_ms": 5}, "over"),
        ({"resolved_ms": 5, "parent": 3}, "merged"),
    ],
)
def test_what_became_of_each_is_told_as_it_is(changes: dict[str, object], word: str) -> None:
    assert outcome(row(**changes).incident, "Carla") == word


@pytest.mark.parametrize(
    ("wanted", "goal"),
    [
        ("/problems", "/problems"),
        ("/problems?q=a", "/problems?q=a"),
        ("/problems?q=\r\nSet-Cookie: a", "/x"),
        ("//example.org", "/x"),
        ("/problemsolver", "/x"),
        ("https://example.org/problems", "/x"),
        ("", "/x"),
    ],
)
def test_a_form_goes_back_to_a_list_and_nowhere_else(wanted: str, goal: str) -> None:
    assert back(wanted, "/x") == goal
