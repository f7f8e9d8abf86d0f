"""The priority of an incident by what is affected and how grave its rule is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifesettings import LifeSettings
from alerts.priority import ranked, telling
from noc.inventory.entities import Region, Service, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import SEVERITIES, Severity
from tests.things import device as router


def site(name: str, people: int | None, *edges: str) -> Site:
    return Site.model_validate(
        {"id": name, "name": name, "region": "r", "class": "field", "people": people, "edge_devices": edges}
    )


INVENTORY = Inventory(
    regions={"r": Region.model_validate({"id": "r", "name": "R"})},
    sites={
        "hub": site("hub", 1200, "hub-1", "hub-2"),
        "field": site("field", 60, "field-1"),
        "bare": site("bare", None),
    },
    devices={name: replace(router(name), site=name.split("-")[0]) for name in ("hub-1", "hub-2", "hub-3", "field-1")},
    services={
        "mail": Service.model_validate(
            {"id": "mail", "name": "Mail", "formula": {"any_of": ["device/hub-3", "site/field"]}}, strict=False
        ),
        "erp": Service.model_validate(
            {"id": "erp", "name": "ERP", "formula": {"all_of": ["service/mail", "device/hub-1"]}}, strict=False
        ),
    },
)
NAMES = ("hub", "field", "bare", "hub-1", "hub-2", "hub-3", "field-1", "mail", "erp", "x")


@pytest.mark.parametrize(
    ("entity", "affected", "counts", "impact"),
    [
        ("device/hub-3", (), (0, 0, 0), 3),  # no edge, and mail has another leg
        ("device/hub-1", (), (0, 0, 1), 2),  # the other edge keeps the site; the ERP system needs it
        ("device/field-1", (), (1, 60, 0), 2),
        ("device/hub-1", ("device/hub-2",), (1, 1200, 1), 1),
        ("site/field", ("device/field-1", "device/hub-3"), (1, 60, 2), 1),
        ("provider/x", ("site/bare",), (1, 0, 0), 2),
        ("device/elsewhere", ("device/none",), (0, 0, 0), 3),
    ],
)
def test_impact_is_of_sites_people_and_services(
    entity: str, affected: tuple[str, ...], counts: tuple[int, int, int], impact: int
) -> None:
    rank = ranked(entity, "major", affected, INVENTORY)
    assert ((rank.sites, rank.people, rank.services), rank.impact) == (counts, impact)
    assert rank.priority == (1, 2, 3)[impact - 1]


def test_what_still_works_cuts_nothing_off() -> None:
    assert ranked("device/field-1", "critical", (), INVENTORY).priority == 1
    for affected in ((), ("device/field-1",)):
        assert ranked("device/field-1", "critical", affected, INVENTORY, works=True).priority == 2


@pytest.mark.parametrize("severity", SEVERITIES)
def test_more_impact_is_never_less_priority(severity: Severity) -> None:
    few = ranked("device/hub-3", severity, (), INVENTORY)
    many = ranked("device/hub-3", severity, ("device/hub-1", "device/hub-2", "device/field-1"), INVENTORY)
    assert (many.impact, many.urgency) == (1, few.urgency)
    assert many.priority <= few.priority


def test_the_matrix_and_the_bounds_are_settings() -> None:
    settings = LifeSettings.model_validate_json(
        '{"matrix": {"critical": [5, 4, 3]}, "impact": {"medium": {"people": 61, "sites": 9, "services": 9}}}'
    )
    rank = ranked("device/field-1", "critical", (), INVENTORY, settings=settings)
    assert (rank.impact, rank.priority) == (3, 3)


@given(
    st.sets(st.sampled_from([f"{kind}/{name}" for kind in ("device", "site", "service", "circuit") for name in NAMES]))
)
def test_what_tells_is_all_that_tells(affected: set[str]) -> None:
    few = affected & telling(INVENTORY)
    for entity in ("device/hub-1", "shared/region/r", "site/field"):
        assert ranked(entity, "major", few, INVENTORY) == ranked(entity, "major", affected, INVENTORY)
