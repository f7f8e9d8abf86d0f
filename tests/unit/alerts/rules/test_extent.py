"""For how many entities and series a rule holds."""

from __future__ import annotations

from dataclasses import replace

from alerts.rules.compiled import DownRule, Rules
from alerts.rules.eventtext import globs
from alerts.rules.extent import entities_of
from alerts.rules.selection import Selection
from noc.inventory.entities import Region
from noc.inventory.inventory import Inventory
from tests.things import device
from tests.unit.alerts.rules.things import SITE, down, threshold
from tests.unit.alerts.watching import FULL, lines, take, watching

FLEET = Inventory(
    {"africa": Region(id="africa", name="Africa")},
    {"s": SITE},
    {
        "r1": device("r1"),
        "r2": device("r2"),
        "s1": replace(device("s1"), device_class="switch"),
    },
)


def counted(*rules: object, found: str | None = None) -> dict[str, int]:
    return dict(entities_of(Rules(rules), FLEET, lambda _: found, ["here"]))  # type: ignore[arg-type]  # rules of any kind


def test_a_rule_for_some_devices_holds_for_these() -> None:
    classes = threshold(name="routers", selection=Selection(classes=frozenset({"router"})))
    sites = threshold(name="nowhere", selection=Selection(sites=frozenset({"t"})))
    assert counted(classes, sites, threshold(name="all")) == {"routers": 2, "nowhere": 0, "all": 3}


def test_devices_that_are_named_are_told_from_others_like_them() -> None:
    one = down("one", Selection(devices=globs(("r1",)), patterns=("r1",)))
    assert counted(one, down("all")) == {"one": 1, "all": 2}


def test_a_rule_about_parts_is_counted_by_devices() -> None:
    peers = DownRule(name="peers", summary="x", severity="minor", hold_ms=0, of=frozenset({"bgp", "ospf"}))
    assert counted(peers) == {"peers": 3}


def test_a_profile_that_was_found_counts() -> None:
    rule = threshold(name="junos", selection=Selection(profiles=frozenset({"juniper-junos"})))
    assert (counted(rule), counted(rule, found="juniper-junos")) == ({"junos": 0}, {"junos": 3})


def test_series_are_those_that_a_rule_looked_at_last() -> None:
    some = threshold("interface.in_pct", name="some", tags=(("ifName", "a"),))
    watch = watching(FULL, some, threshold(name="busy"))
    take(watch, lines(0, a=1, b=2, c=3))
    assert dict(watch.series()) == {"full": 3, "some": 1}
    take(watch, lines(5, a=1))
    assert dict(watch.series()) == {"full": 1, "some": 1}


def test_a_series_without_the_field_is_none() -> None:
    out = threshold("interface.out_pct", name="out")
    watch = watching(FULL, out)
    take(watch, lines(0, a=1, b=2))
    assert dict(watch.series()) == {"full": 2, "out": 0}
