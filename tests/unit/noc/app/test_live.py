"""What open pages hear of the daemon, and who hears it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.app.live import STORED_AFTER_S, Live
from noc.clock import ManualClock
from noc.http.live import Hub
from noc.http.scope import EVERYTHING, Scope
from tests.unit.noc.http.house import INVENTORY, transition

AFRICA, EUROPE = Scope(frozenset({"africa"})), Scope(frozenset({"europe"}))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


def topics(hub: Hub, scope: Scope, *wanted: str) -> list[str]:
    return [event.topic for event in hub.after(0, frozenset(wanted), scope).events]


@pytest.mark.parametrize("entity", ["device/nbo-rtr-1", "site/nairobi", "interface/nbo-rtr-1/Gi0/0", "circuit/nbo-sat"])
def test_a_change_of_status_is_heard_in_its_region(clock: ManualClock, entity: str) -> None:
    hub = Hub(clock)
    Live(hub, lambda: INVENTORY, clock).statuses([transition(entity)])
    for scope, told in ((AFRICA, ["statuses", entity]), (EVERYTHING, ["statuses", entity]), (EUROPE, [])):
        assert topics(hub, scope, "statuses", entity) == told


def test_what_belongs_to_no_region_is_for_those_who_see_everything(clock: ManualClock) -> None:
    hub = Hub(clock)
    Live(hub, lambda: INVENTORY, clock).statuses([transition("poller/centre"), transition("device/gone")])
    assert topics(hub, AFRICA, "statuses") == []
    assert topics(hub, EVERYTHING, "statuses") == ["statuses", "statuses"]


async def test_that_a_device_was_read_is_heard_in_its_region_when_its_numbers_are_there(clock: ManualClock) -> None:
    hub = Hub(clock)
    hub.listeners = 1
    Live(hub, lambda: INVENTORY, clock).read("device/nbo-rtr-1")
    assert hub.last == 0
    await clock.advance(STORED_AFTER_S)
    assert topics(hub, AFRICA, "device/nbo-rtr-1") == ["device/nbo-rtr-1"]
    assert topics(hub, EUROPE, "device/nbo-rtr-1") == []


def test_an_incident_waits_until_it_is_known_whose_it_is(clock: ManualClock) -> None:
    hub = Hub(clock)
    live = Live(hub, lambda: INVENTORY, clock)
    for number in (7, 8, 7):
        live.incident(number)
    assert hub.last == 0
    assert hub.waiting_incidents(10) == [7, 8]
    hub.tell_incident(7, "africa")
    assert hub.waiting_incidents(10) == [8]
    assert topics(hub, AFRICA, "incidents") == ["incidents"]
