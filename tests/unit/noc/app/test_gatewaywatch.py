"""Two gateways that are active for one address are an incident, also over a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.app.gatewaywatch import GatewayWatch
from noc.model.incident import RuleTransition
from noc.model.reading import PartFailure
from noc.model.snapshot import DeviceIdentity, Scalar, Snapshot
from tests.unit.alerts.alerting import House, inventory

IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "cisco-ios")
FAILED = PartFailure("cHsrpGrpTable", "timeout")


def polled(role: str, *addresses: str, errors: tuple[PartFailure, ...] = ()) -> Snapshot:
    rows: list[dict[str, Scalar]] = [
        {"protocol": "hsrp", "group": 10, "interface": "Vlan10", "address": address, "state": role}
        for address in addresses
    ]
    return Snapshot(IDENTITY, records={"gateway_groups": tuple(rows)}, errors=errors)


class Watched:
    def __init__(self, house: House) -> None:
        self.house = house
        self.changes: list[RuleTransition] = []
        self.begin()

    def begin(self) -> None:
        house = self.house
        self.watch = GatewayWatch(house.database, house.clock, lambda: house.inventory, "here", self.changes.extend)

    async def polls(self, times: int, first: Snapshot, other: Snapshot) -> list[tuple[str, str]]:
        """Poll both devices so often; return state and evidence of all incidents."""
        for _ in range(times):
            self.house.clock.stall(60)
            self.watch.take("device/a", first)
            self.watch.take("device/b", other)
        changes, self.changes[:] = list(self.changes), []
        await self.house.handle(*changes)
        return [(one.state, one.rule) for one in await self.house.incidents()]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    house = House(tmp_path)
    await house.database.start()
    watched = Watched(house)
    await watched.watch.start()
    yield watched
    await house.database.stop()


ACTIVE, STANDBY = polled("active", "10.0.0.1"), polled("standby", "10.0.0.1")


async def test_two_active_gateways_open_an_incident_that_names_both_and_ends_by_itself(watched: Watched) -> None:
    assert await watched.polls(3, ACTIVE, STANDBY) == []
    assert await watched.polls(3, ACTIVE, ACTIVE) == [("new", "gateway-split")]
    (one,) = await watched.house.incidents()
    assert one.entity == "device/a"
    assert (one.facts["roles"], one.facts["address"]) == ("a active, b active", "10.0.0.1")
    assert [kind for kind, _, _ in await watched.house.calls()] == ["page"]
    assert await watched.polls(1, ACTIVE, STANDBY) == [("resolved", "gateway-split")]


async def test_none_active_after_a_split_is_an_incident_of_its_own(watched: Watched) -> None:
    await watched.polls(3, ACTIVE, ACTIVE)
    assert await watched.polls(3, STANDBY, STANDBY) == [("resolved", "gateway-split"), ("new", "gateway-none")]


async def test_over_a_restart_it_stays_one_incident_and_its_end_is_seen(watched: Watched) -> None:
    await watched.polls(3, ACTIVE, ACTIVE)
    watched.begin()
    await watched.watch.start()
    assert await watched.polls(3, ACTIVE, ACTIVE) == [("new", "gateway-split")]
    assert await watched.polls(1, STANDBY, ACTIVE) == [("resolved", "gateway-split")]


async def test_a_second_group_of_both_is_news_of_the_incident_and_the_last_one_ends_it(watched: Watched) -> None:
    await watched.polls(3, ACTIVE, ACTIVE)
    both = polled("active", "10.0.0.1", "10.0.1.1")
    assert await watched.polls(3, both, both) == [("new", "gateway-split")]
    (one,) = await watched.house.incidents()
    assert one.facts["further"] == "hsrp 10 10.0.1.1"
    mixed = Snapshot(
        ACTIVE.device,
        records={
            "gateway_groups": (
                *STANDBY.records["gateway_groups"],
                *polled("active", "10.0.1.1").records["gateway_groups"],
            )
        },
    )
    assert await watched.polls(2, mixed, both) == [("new", "gateway-split")]
    assert await watched.polls(1, polled("standby", "10.0.0.1", "10.0.1.1"), both) == [("resolved", "gateway-split")]


async def test_a_poll_that_left_the_table_out_ends_nothing(watched: Watched) -> None:
    await watched.polls(3, ACTIVE, ACTIVE)
    assert await watched.polls(2, polled("", errors=(FAILED,)), ACTIVE) == [("new", "gateway-split")]
    assert await watched.polls(1, polled(""), ACTIVE) == [("resolved", "gateway-split")]


async def test_a_device_that_leaves_the_inventory_ends_it(watched: Watched) -> None:
    await watched.polls(3, ACTIVE, ACTIVE)
    watched.house.inventory = inventory("a")
    watched.watch.replace()
    assert [(change.status, change.entity) for change in watched.changes] == [("cleared", "device/a")]
