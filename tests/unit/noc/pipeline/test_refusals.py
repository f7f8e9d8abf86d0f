"""Refusals of firewalls as a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.model.instants import to_ms
from noc.pipeline.refusals import Refusals
from tests.things import device

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
SITE = Site.model_validate({"id": "s", "name": "S", "region": "africa", "class": "field"})
WORLD = Inventory(
    {"africa": Region(id="africa", name="Africa")},
    {"s": SITE},
    {"fw": replace(device("fw"), site="s", device_class="firewall"), "r": replace(device("r"), site="s")},
)


def said(text: str, on: str = "fw", minute: float = 0, count: int = 1) -> Event:
    at_ms = to_ms(BEGIN + timedelta(minutes=minute))
    event = Event("192.0.2.1", f"device/{on}", "syslog", "x", "other", "info", at_ms, at_ms, {}, text)
    return replace(event, count=count)


def told(refusals: Refusals, minute: float) -> list[tuple[str, float | None]]:
    return [(entity, table.values[0][0]) for entity, table in refusals.samples(BEGIN + timedelta(minutes=minute))]


def test_refusals_of_firewalls_are_told_each_five_minutes() -> None:
    refusals = Refusals(lambda: WORLD)
    assert told(refusals, 0) == []
    refusals.take([said("Deny tcp src a"), said("action=deny", count=19), said("Built connection"), said("Deny", "r")])
    assert told(refusals, 4) == []
    assert told(refusals, 5) == [("device/fw", 4.0)]
    assert told(refusals, 10) == [("device/fw", 0.0)]


def test_who_has_been_silent_for_a_day_is_not_told_of() -> None:
    refusals = Refusals(lambda: WORLD)
    told(refusals, 0)
    refusals.take([said("denied")])
    assert told(refusals, 24 * 60) == [("device/fw", 1 / 1440)]
    assert told(refusals, 24 * 60 + 5) == []


def test_its_series_has_the_tags_by_which_it_is_compared_with_before() -> None:
    refusals = Refusals(lambda: WORLD)
    told(refusals, 0)
    refusals.take([said("denied")])
    ((_, table),) = refusals.samples(BEGIN + timedelta(minutes=5))
    assert dict(zip(table.tag_keys, table.tags[0], strict=True)) == {
        "device": "fw",
        "site": "s",
        "region": "africa",
        "device_class": "firewall",
    }
