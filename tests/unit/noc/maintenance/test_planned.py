"""A window holds for all that stands below its entity, as the arithmetic sees it and as the inventory does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.availability.windows import Planned
from noc.maintenance.below import self_and_above
from noc.maintenance.planned import planned_times
from noc.model.window import PlannedWindow, WindowDecision
from noc.pipeline.policy import availability_policy
from tests.unit.noc.maintenance.test_impact import INVENTORY, router

SMALL = replace(INVENTORY, devices={**INVENTORY.devices, "nbo-sw": router("nbo-sw", "nairobi")})
ALL = [
    *(region.entity for region in SMALL.regions.values()),
    *(site.entity for site in SMALL.sites.values()),
    *(device.entity for device in SMALL.devices.values()),
    *(circuit.entity for circuit in SMALL.circuits.values()),
    *(service.entity for service in SMALL.services.values()),
    "interface/nbo/ge0",
    "peer/nbo-sw/bgp:192.0.2.1",
]


@pytest.mark.parametrize("entity", ALL)
def test_the_arithmetic_covers_whom_the_inventory_names(entity: str) -> None:
    asked = WindowDecision(entity, 0, 1, "requested", 10, 20, "", "UTC", (), "ann", "w")
    window = PlannedWindow((asked, replace(asked, since_ms=1, step="approved", who="bob")))
    planned = Planned.by(replace(availability_policy(SMALL), windows=planned_times([window], 0, 100)))
    covered = {one for one in ALL if planned.of(one)}
    assert covered == {one for one in ALL if entity in self_and_above(SMALL, one)}
    assert all([tuple(span) for span in planned.of(one)] == [(10, 20)] for one in covered)
