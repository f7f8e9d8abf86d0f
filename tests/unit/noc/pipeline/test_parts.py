"""Parts of a device out of one snapshot."""

from __future__ import annotations

from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from noc.pipeline.parts import parts_of

NO_COUNTERS = Counters(*(None,) * 12)
NOBODY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]


def port(if_index: int, name: str | None) -> Interface:
    return Interface(if_index, name, None, None, 6, 10**9, 1500, None, "up", "down", None, None, True, NO_COUNTERS)


def test_an_interface_that_tells_no_name_has_its_number() -> None:
    found = parts_of("nbo-rtr-1", Snapshot(NOBODY, (port(3, None), port(4, "Gi0/4"))), lambda _: True)
    assert {entity: part.ok for entity, part in found.items()} == {
        "interface/nbo-rtr-1/ifIndex 3": False,
        "interface/nbo-rtr-1/Gi0/4": False,
    }
