"""What a window touches: who loses the only path, who one of several, and what stands behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from noc.inventory.entities import Circuit, Device, Region, Service, Site
from noc.inventory.inventory import Inventory
from noc.maintenance.below import below, self_and_above
from noc.maintenance.draft import Asked, DraftError, draft
from noc.maintenance.impact import Other, foresee, impact
from tests.things import device

HOUR = 3_600_000


def site(key: str, *edges: str) -> Site:
    written = {"id": key, "name": key, "region": "africa", "class": "field", "edge_devices": list(edges)}
    return Site.model_validate_json(json.dumps(written))


def router(key: str, at: str, *upstream: str) -> Device:
    return replace(device(key), site=at, upstream=upstream)


def circuit(key: str, at: str, end: str) -> Circuit:
    written = {"id": key, "name": key, "kind": "mpls", "site": at, "a": {"device": end, "interface": "ge0"}}
    return Circuit.model_validate_json(json.dumps(written))


def service(key: str, formula: Mapping[str, object]) -> Service:
    return Service.model_validate_json(json.dumps({"id": key, "name": key, "formula": formula}))


# Juba hangs on Nairobi's router; Goma has two routers with a circuit each; Entebbe's one router has two ways up.
INVENTORY = Inventory(
    {"africa": Region(id="africa", name="Africa")},
    {
        "nairobi": site("nairobi", "nbo"),
        "juba": site("juba", "juba"),
        "goma": site("goma", "goma-1", "goma-2"),
        "entebbe": site("entebbe", "ebb"),
    },
    {
        "nbo": router("nbo", "nairobi"),
        "juba": router("juba", "juba", "device/nbo"),
        "goma-1": router("goma-1", "goma"),
        "goma-2": router("goma-2", "goma"),
        "ebb": router("ebb", "entebbe", "site/nairobi", "site/goma"),
    },
    {
        "goma-a": circuit("goma-a", "goma", "goma-1"),
        "goma-b": circuit("goma-b", "goma", "goma-2"),
        "nbo-a": circuit("nbo-a", "nairobi", "nbo"),
    },
    {
        "mail": service("mail", {"any_of": ["site/nairobi", "site/goma"]}),
        "erp": service("erp", {"at_least": 2, "of": ["device/nbo", "device/goma-1", "site/juba"]}),
    },
)


def test_who_stands_behind_a_router_loses_the_path() -> None:
    found = impact(INVENTORY, "device/nbo")
    assert found.cut == ("site/nairobi", "site/juba")
    assert found.uncovered == found.cut  # a device's window doesn't make its site's time planned
    assert found.weaker == ("site/entebbe",)
    assert found.circuits == ("circuit/nbo-a",)
    assert found.services == ("service/erp",)


def test_a_site_with_two_ways_goes_on_with_one() -> None:
    found = impact(INVENTORY, "circuit/goma-a")
    assert (found.cut, found.weaker, found.services) == ((), ("site/goma",), ())


def test_the_only_circuit_of_a_site_cuts_it() -> None:
    assert impact(INVENTORY, "circuit/nbo-a").cut == ("site/nairobi", "site/juba")
    assert impact(INVENTORY, "interface/nbo/ge0").cut == ("site/nairobi", "site/juba")


def test_what_is_worked_on_at_the_same_time_counts() -> None:
    assert impact(INVENTORY, "device/goma-1").cut == ()
    found = impact(INVENTORY, "device/goma-1", also=["circuit/goma-b"])
    assert (found.cut, found.also) == (("site/goma",), ("circuit/goma-b",))


@pytest.mark.parametrize("is_approved", [True, False])
def test_two_windows_that_are_harmless_alone_are_named_where_they_cut_a_site_together(is_approved: bool) -> None:
    near = [Other(7, "circuit/goma-b", is_approved), Other(8, "circuit/nbo-a"), Other(9, "device/goma-1")]
    found = foresee(INVENTORY, "device/goma-1", near)
    assert [(one.other.window, one.sites) for one in found.together] == [(7, ("site/goma",))]
    assert ("site/goma" in found.cut) is is_approved  # what nobody approved yet isn't counted in
    assert foresee(INVENTORY, "device/goma-1", [Other(8, "circuit/nbo-a")]).together == ()


def test_devices_that_nobody_reaches_are_told() -> None:
    assert impact(INVENTORY, "device/nbo").devices == ("device/nbo", "device/juba")


def test_all_sites_of_a_region_are_covered_by_its_window() -> None:
    found = impact(INVENTORY, "region/africa")
    assert (len(found.cut), found.uncovered, found.services) == (4, (), ("service/mail", "service/erp"))


def test_above_and_below() -> None:
    assert list(self_and_above(INVENTORY, "interface/nbo/ge0")) == [
        "interface/nbo/ge0",
        "device/nbo",
        "site/nairobi",
        "region/africa",
    ]
    assert list(self_and_above(INVENTORY, "circuit/goma-a")) == ["circuit/goma-a", "site/goma", "region/africa"]
    assert list(self_and_above(INVENTORY, "device/gone")) == ["device/gone"]
    assert list(below(INVENTORY, "site/goma")) == [
        "device/goma-1",
        "device/goma-2",
        "circuit/goma-a",
        "circuit/goma-b",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entity": "site/narobi"}, r"no 'site/narobi' \(did you mean 'site/nairobi'\?\)"),
        ({"entity": "nairobi"}, "not an entity"),
        ({"end_ms": 0}, "must end after it begins"),
        ({"end_ms": 100 * 24 * HOUR}, "at most 92 days"),
        ({"start_ms": -2 * HOUR, "end_ms": -HOUR}, "this time is over"),
        ({"zone": "Nairobi"}, "no IANA time zone"),
        ({"rrule": "FREQ=HOURLY"}, "FREQ must be one of"),
        ({"why": "  "}, "say what is to be done"),
        ({"who": ""}, "say who asks"),
        ({"why": "x" * 2_001}, "2000 at most"),
    ],
)
def test_what_can_not_be_a_window(changes: dict[str, object], said: str) -> None:
    given = {"entity": "site/goma", "start_ms": HOUR, "end_ms": 2 * HOUR, "who": "ann", "why": "work", **changes}
    with pytest.raises(DraftError, match=said):
        draft(Asked(**given), INVENTORY, 0)  # type: ignore[arg-type]


def test_a_request() -> None:
    asked = Asked("interface/nbo/ge0", HOUR, 2 * HOUR, " ann ", "work", "rrule:freq=daily", "Africa/Nairobi")
    found = draft(asked, INVENTORY, 5)
    assert (found.step, found.since_ms, found.who, found.rrule) == ("requested", 5, "ann", "FREQ=DAILY")
