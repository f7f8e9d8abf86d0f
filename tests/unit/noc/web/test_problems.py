from __future__ import annotations

from dataclasses import replace

import pytest

from noc.inventory.inventory import Inventory
from noc.model.incident import Fact, Incident
from noc.web.places import place_of
from noc.web.views.problems import KINDS, Filter, Row, back, counted

ANY = Filter("unresolved", "", "", "")
OPEN = Incident(1, "device/a", "device-down", "major", "standard", 1_000, 1_000, {})


def row(**changes: object) -> Row:
    incident = replace(OPEN, **changes)  # type: ignore[arg-type]
    return Row(incident, place_of(Inventory(), incident.entity))


def test_what_nobody_owns_comes_first_then_the_gravest_then_the_newest() -> None:
    rows = [
        row(id=1, severity="critical", acknowledged_ms=5),
        row(id=2, severity="minor"),
        row(id=3, severity="critical", since_ms=10),
        row(id=4, severity="critical", since_ms=20),
    ]
    assert [one.incident.id for one in sorted(rows, key=lambda one: one.order)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        (ANY, True),
        (replace(ANY, state="new"), True),
        (replace(ANY, state="acknowledged"), False),
        (replace(ANY, severity="major"), True),
        (replace(ANY, severity="minor"), False),
        (replace(ANY, region="africa"), False),
        (replace(ANY, text="DOWN"), True),
        (replace(ANY, text="device/A"), True),
        (replace(ANY, text="juba"), False),
        (replace(ANY, text="#1"), True),
        (replace(ANY, text="#2"), False),
        (replace(ANY, priority="4"), True),
        (replace(ANY, priority="1"), False),
        (replace(ANY, owner="carla"), False),
        (replace(ANY, site="nairobi"), False),
    ],
)
def test_a_filter_takes_what_fits_all_of_it(wanted: Filter, takes: bool) -> None:
    assert wanted.takes(row()) is takes


@pytest.mark.parametrize(
    ("facts", "kind"),
    [({"status": "down"}, "down"), ({"status": "degraded"}, "degraded"), ({}, "other"), ({"status": "odd"}, "other")],
)
def test_what_is_degraded_is_listed_apart_from_what_is_down(facts: dict[str, Fact], kind: str) -> None:
    one = row(facts=facts)
    assert [word for word in KINDS if replace(ANY, kind=word).takes(one)] == [kind]
    assert ANY.takes(one)


def test_what_is_resolved_is_shown_only_where_it_is_asked_for() -> None:
    over = row(resolved_ms=9)
    assert not ANY.takes(over)
    assert replace(ANY, state="resolved").takes(over)


def test_what_somebody_owns_is_found_by_their_name() -> None:
    owned = row(acknowledged_ms=5, acknowledged_by="Carla")
    assert replace(ANY, owner="carla").takes(owned)
    assert not replace(ANY, owner="bob").takes(owned)


def test_incidents_are_counted_by_state_and_severity() -> None:
    found = [OPEN, replace(OPEN, severity="critical"), replace(OPEN, severity="critical", acknowledged_ms=5)]
    counts = counted(found)
    assert (counts.new, counts.acknowledged) == (2, 1)
    assert dict(counts.severities) == {"major": 1, "critical": 2}


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
