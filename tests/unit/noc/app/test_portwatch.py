"""What the daemon knows of addresses on ports: which ports count, and what a restart knows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from noc.app.portwatch import PortWatch
from noc.clock import ManualClock
from noc.inventory.entities import Region
from noc.inventory.inventory import Inventory
from noc.model.forwarding import Forwarding
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from noc.pipeline.portaddresses import Told
from noc.state.database import Database
from tests.database import empty_database
from tests.things import device
from tests.unit.alerts.rules.things import SITE

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
INVENTORY = Inventory({"africa": Region(id="africa", name="Africa")}, {"s": SITE}, {"sw": device("sw")})
NEVER = Counters(*[None] * 12)


def snapshot(*names: str) -> Snapshot:
    identity = DeviceIdentity("192.0.2.1", None, "sw", None, 1.0, None, None, None, None, None, None, "p")
    ports = tuple(
        Interface(at, name, None, f"to {name}", 6, None, None, None, "up", "up", None, None, True, NEVER)
        for at, name in enumerate(names, start=1)
    )
    return Snapshot(identity, ports)


def watch(database: Database) -> PortWatch:
    return PortWatch(database, ManualClock(BEGIN), lambda: INVENTORY)


def mac(number: int) -> str:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"


def learnt(*numbers: int, hours: float = 0, port: int = 1) -> Forwarding:
    return Forwarding(BEGIN + timedelta(hours=hours), {port: frozenset(map(mac, numbers))})


async def test_what_comes_while_it_is_written_is_written_the_next_time(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "state.sqlite3")
    await database.start()
    ports = watch(database)
    await ports.start()
    ports.learn("sw", snapshot("Gi1"), {"Gi1"})
    ports.take("sw", learnt(0))
    number, stopping = 0, asyncio.create_task(ports.stop())
    while not stopping.done():
        number += 1
        ports.take("sw", learnt(number))
        await asyncio.wait({stopping}, timeout=0.001)
    await ports.stop()
    again = watch(database)
    await again.start()
    again.learn("sw", snapshot("Gi1"), {"Gi1"})
    assert again.take("sw", learnt(*range(number + 1), hours=25)) == []
    assert again.take("sw", learnt(5_000, hours=25)) == [Told("Gi1", mac(5_000), True)]
    await again.stop()
    await database.stop()


def test_only_infrastructure_counts_by_whichever_name_it_was_heard(tmp_path: Path) -> None:
    ports = watch(empty_database(tmp_path / "state.sqlite3"))
    ports.learn("sw", snapshot("Gi1", "Gi2"), {"to Gi2"})
    for port in (1, 2):
        ports.take("sw", learnt(1, port=port))
    assert ports.take("sw", learnt(2, hours=25, port=1)) == []
    assert ports.take("sw", learnt(3, hours=25, port=2)) == [Told("Gi2", mac(3), True)]
    assert ports.take("gone", learnt(3, hours=25, port=2)) == []
    ports.learn("sw", snapshot("Gi1", "Gi2"), ())
    assert ports.take("sw", learnt(4, hours=26, port=2)) == [Told("Gi2", mac(3), True)]
