"""Receivers of traps and syslog as the daemon has them, on free loopback ports, and the senders of Debian."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from collectors.receivers._intake import Doors, Intake, Rate, Senders
from collectors.receivers._settings import Endpoint
from collectors.receivers.syslog import Listening, SyslogReceiver
from collectors.receivers.trap import Accepts, TrapReceiver
from noc.clock import SystemClock
from noc.inventory.events.compiled import EventBook, Meaning
from noc.inventory.events.load import load_events
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.event import Event
from noc.state import events
from noc.state.database import Database
from noc.state.eventlog import Bounds, EventLog
from noc.wire.snmp import User
from noc.wire.usmengine import Engine
from tests.database import empty_database
from tests.live.conftest import find_program
from tests.things import device

LOOPBACK = Endpoint("127.0.0.1", 0)
ENGINE_ID = bytes.fromhex("8000000005") + b"noc-test"
PLENTY = Rate(100_000, 1_000_000)


@cache
def shipped_book() -> EventBook:
    book, findings = load_events([shipped("events")])
    assert findings == []
    return book


@dataclass
class Reception:
    """Receivers that run. told: what they told of at once. log: where events are kept."""

    traps: TrapReceiver
    syslog: SyslogReceiver
    log: EventLog
    database: Database
    told: list[tuple[Event, Meaning]] = field(default_factory=list)

    @property
    def trap_port(self) -> int:
        return self.traps.ports[0]

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until something is so, 20 seconds at most."""
        async with asyncio.timeout(20):
            while not met():
                await asyncio.sleep(0.005)

    async def kept(self, number: int) -> list[Event]:
        """Wait until so many events were taken and are on disk; return the rows, the oldest first."""
        await self.until(lambda: self.log.tally.taken >= number and self.log.waiting == 0)
        async with self.database.read() as connection:
            found = await events.page(connection, limit=10_000)
        return [one.event for one in sorted(found, key=lambda one: one.id)]

    async def snmp(self, program: str, *arguments: str, fails: bool = False) -> str:
        """Run a program of net-snmp against our port; return what it says."""
        return await run(find_program(program, "snmp"), *arguments, fails=fails)


async def run(*command: str, fails: bool = False, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "MIBS": "", **(env or {})},
    )
    output, _ = await asyncio.wait_for(process.communicate(stdin), 30)
    assert (process.returncode != 0) is fails, output.decode()
    return output.decode()


@asynccontextmanager
async def reception(
    folder: Path,
    *,
    users: tuple[User, ...] = (),
    rate: Rate = PLENTY,
    inventory: Inventory | None = None,
    relays: frozenset[str] = frozenset(),
    listening: Listening | None = None,
    tls: Callable[[SyslogReceiver], None] = lambda _: None,
    interface: Callable[[str, int], str | None] = lambda *_: None,
    wanted: Bounds | None = None,
) -> AsyncIterator[Reception]:
    """Receive for one device at 127.0.0.1, unless another inventory is given."""
    clock, database = SystemClock(), empty_database(folder / "noc.db")
    await database.start()
    told: list[tuple[Event, Meaning]] = []
    log = EventLog(database, clock, wanted or Bounds(timedelta(days=1), 100_000, timedelta(minutes=5)), lambda _: None)
    known = Senders(inventory or Inventory(devices={"d": device(address="127.0.0.1")}), {}, relays)
    doors = Doors(
        clock=clock,
        sink=log,
        senders=lambda: known,
        book=shipped_book,
        told=lambda event, meaning: told.append((event, meaning)),
        interface=interface,
        rate=rate,
    )
    engine = Engine(ENGINE_ID, 3, clock.monotonic(), users)
    traps = TrapReceiver(Intake("trap", doors), engine, Accepts(None, users), [LOOPBACK])
    syslog = SyslogReceiver(Intake("syslog", doors), listening or Listening(udp=[LOOPBACK], tcp=[LOOPBACK]))
    tls(syslog)
    await log.start()
    await traps.start()
    await syslog.start()
    try:
        yield Reception(traps, syslog, log, database, told)
    finally:
        await syslog.stop()
        await traps.stop()
        await log.stop()
        await database.stop()
