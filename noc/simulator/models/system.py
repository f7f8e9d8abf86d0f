"""The system group (RFC 3418): who a device says it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from noc.simulator.moment import Moment
from noc.simulator.objects import Object
from noc.wire.ber import Oid, Tag

EXAMPLE: Final[Oid] = (1, 3, 6, 1, 4, 1, 32473)
"""The enterprise number for documentation (RFC 5612): for devices of no known make."""

_SYSTEM: Final[Oid] = (1, 3, 6, 1, 2, 1, 1)


def system(descr: bytes | Callable[[Moment], bytes], object_id: Oid, services: int = 78) -> Iterator[Object]:
    """Yield the system group. services: sysServices, 78 for a router, 72 for a host."""
    yield Object((*_SYSTEM, 1, 0), Tag.OCTET_STRING, descr)
    yield Object((*_SYSTEM, 2, 0), Tag.OID, object_id)
    yield Object((*_SYSTEM, 3, 0), Tag.TIME_TICKS, lambda now: now.ticks)
    yield Object((*_SYSTEM, 4, 0), Tag.OCTET_STRING, b"noc@example.org")
    yield Object((*_SYSTEM, 5, 0), Tag.OCTET_STRING, lambda now: now.machine.device.id.encode())
    yield Object((*_SYSTEM, 6, 0), Tag.OCTET_STRING, _location)
    yield Object((*_SYSTEM, 7, 0), Tag.INTEGER, services)


def _location(now: Moment) -> bytes:
    place = now.machine.place
    return f"{place.name}, {place.country}".encode()


def serial(now: Moment) -> bytes:
    """Return a serial number."""
    return f"SIM{now.machine.seed:08X}".encode()
