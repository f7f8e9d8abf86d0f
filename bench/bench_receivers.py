"""Traps and syslog lines a second that one core takes durably: read, named, judged, and on disk (docs/performance.md).

The receivers are the daemon's; datagrams are given to them as the socket would, so that no sender takes part of the
core. A message counts when its row, or the count of its row, is committed with synchronous=FULL.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from collectors.receivers._intake import Doors, Intake, Rate, Senders
from collectors.receivers._settings import Endpoint
from collectors.receivers.syslog import Listening, SyslogReceiver
from collectors.receivers.trap import Accepts, TrapReceiver
from noc.clock import SystemClock
from noc.inventory.events.load import load_events
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.state.database import Database
from noc.state.eventlog import Bounds, EventLog
from noc.wire.ber import Message, Pdu, PduType, Tag, VarBind, Version, encode
from noc.wire.snmp import User
from noc.wire.snmpv3 import Flags, Frame, Security, encode_scoped
from noc.wire.snmpv3 import encode as encode_v3
from noc.wire.usm import encrypt, keys_of, mac, mac_octets
from noc.wire.usmengine import Engine
from tests.things import device

MESSAGES = 20_000
A_TURN = 64
"""Messages between two turns of the event loop: about what waits in the socket while a group is written."""

TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
USER = User("noc", "SHA-256", "a pass phrase", "AES-128", "another phrase")
THEIRS, OURS = b"\x80\0\0\0\x05their", b"\x80\0\0\0\x05ours-"

Give = Callable[[bytes], None]


def pdu(number: int, kind: PduType = PduType.TRAP_V2) -> Pdu:
    index = number % 10_000 + 1
    return Pdu(
        kind,
        number,
        0,
        0,
        (
            VarBind((1, 3, 6, 1, 2, 1, 1, 3, 0), Tag.TIME_TICKS, number),
            VarBind(TRAP_OID, Tag.OID, LINK_DOWN),
            VarBind((*IF_ENTRY, 1, index), Tag.INTEGER, index),
            VarBind((*IF_ENTRY, 7, index), Tag.INTEGER, 1),
            VarBind((*IF_ENTRY, 8, index), Tag.INTEGER, 2),
            VarBind((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, index), Tag.OCTET_STRING, b"GigabitEthernet0/%d" % index),
        ),
    )


def trap(number: int) -> bytes:
    return encode(Message(Version.V2C, b"public", pdu(number)))


def inform(number: int) -> bytes:
    return encode(Message(Version.V2C, b"public", pdu(number, PduType.INFORM)))


def trap_v3(number: int) -> bytes:
    keys = keys_of(USER, THEIRS)
    salt = number.to_bytes(8, "big")
    body = encrypt("AES-128", keys.priv[0], salt, 1, 100, encode_scoped(THEIRS, b"", pdu(number)))
    security = Security(THEIRS, 1, 100, b"noc", bytes(mac_octets("SHA-256")), salt)
    frame = Frame(number, 1_500, Flags.AUTH | Flags.PRIV, security, body)
    digest = mac("SHA-256", keys.auth, encode_v3(frame))
    return encode_v3(frame._replace(security=security._replace(digest=digest)))


def line(number: int, port: bytes = b"GigabitEthernet0") -> bytes:
    return (
        b"<189>%d: nbo-rtr-1: Mar  1 12:00:00.123 UTC: %%LINEPROTO-5-UPDOWN: Line protocol on Interface "
        b"%b/%d, changed state to down" % (number, port, number % 10_000)
    )


def traffic(number: int) -> bytes:
    return (
        b"<189>date=2026-03-01 time=12:00:00 devname=fw01 logid=0000000013 type=traffic subtype=forward level=notice "
        b'vd=root srcip=10.0.0.%d srcport=%d srcintf="port1" dstip=192.0.2.1 dstport=443 action=close policyid=34 '
        b'service="HTTPS" sentbyte=300 rcvdbyte=%d' % (number % 250, number % 60_000, number)
    )


class Bench:
    """Receivers and an event log on a disk."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.database = Database(folder / "noc.db")
        bounds = Bounds(timedelta(days=1), 10_000_000, timedelta(minutes=5))
        self.log = EventLog(self.database, clock, bounds, lambda _: None)
        known = Senders(Inventory(devices={"d": device(address="127.0.0.1")}), {}, frozenset())
        book, _ = load_events([shipped("events")])
        rate = Rate(1e9, 10**9)
        doors = Doors(clock, self.log, lambda: known, lambda: book, lambda *_: None, lambda *_: None, rate)
        engine = Engine(OURS, 1, clock.monotonic(), [USER])
        self.traps = TrapReceiver(Intake("trap", doors), engine, Accepts(None, (USER,)))
        self.syslog = SyslogReceiver(Intake("syslog", doors), Listening(tcp=[Endpoint("127.0.0.1", 0)]))
        self.answers = 0

    def trap(self, data: bytes) -> None:
        """Take a trap or an inform."""
        self.traps.datagram(data, "127.0.0.1", self._answered)

    def _answered(self, _: bytes) -> None:
        self.answers += 1

    def line(self, data: bytes) -> None:
        """Take a line of syslog."""
        self.syslog.datagram(data, "127.0.0.1")

    async def take(self, messages: Sequence[bytes], give: Give) -> tuple[float, float]:
        """Return the wall and the processor seconds from the first message until the last one is on disk."""
        before = self.log.tally.taken
        gc.collect()
        began, cpu = time.perf_counter(), time.process_time()
        for start in range(0, len(messages), A_TURN):
            while not self.log.has_room:  # noqa: ASYNC110 a turn of the loop, in which the log works
                await asyncio.sleep(0)
            for data in messages[start : start + A_TURN]:
                give(data)
            await asyncio.sleep(0)
        while self.log.waiting:  # noqa: ASYNC110
            await asyncio.sleep(0)
        took = time.perf_counter() - began, time.process_time() - cpu
        if self.log.tally.taken - before != len(messages) or self.log.tally.shed:
            sys.exit("not every message was taken: the figure would be a lie")
        return took


async def by_tcp(bench: Bench, messages: Sequence[bytes]) -> float:
    """Return the wall seconds from the first message on a connection until the last one is on disk."""
    before, began = bench.log.tally.taken, time.perf_counter()
    _, writer = await asyncio.open_connection("127.0.0.1", bench.syslog.ports["tcp"][0], family=socket.AF_INET)
    for data in messages:
        writer.write(b"%d %b" % (len(data), data))
        await writer.drain()
    writer.close()
    while bench.log.tally.taken - before < len(messages) or bench.log.waiting:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    return time.perf_counter() - began


async def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    numbers = range(1, MESSAGES + 1)
    print(f"{MESSAGES:,} messages each, one core, SQLite with synchronous=FULL")
    print("| what | a second, on disk | µs of processor each | rows |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        async with AsyncExitStack() as stack:
            bench = Bench(Path(folder))
            for service in (bench.database, bench.log, bench.syslog):
                await service.start()
                stack.push_async_callback(service.stop)
            kinds: list[tuple[str, list[bytes], Give]] = [
                ("SNMPv2c trap, 10,000 interfaces", [trap(n) for n in numbers], bench.trap),
                ("SNMPv2c trap, the same again", [trap(n) for n in numbers], bench.trap),
                ("SNMPv2c inform, answered when on disk", [inform(n) for n in numbers], bench.trap),
                ("SNMPv3 trap, SHA-256, AES-128", [trap_v3(n) for n in numbers], bench.trap),
                ("syslog, interfaces of Cisco IOS", [line(n) for n in numbers], bench.line),
                ("syslog, traffic of FortiGate", [traffic(n) for n in numbers], bench.line),
            ]
            for name, messages, give in kinds:
                rows = bench.log.tally.written
                wall_s, cpu_s = await bench.take(messages, give)
                written = bench.log.tally.written - rows
                print(f"| {name} | {MESSAGES / wall_s:,.0f} | {cpu_s / MESSAGES * 1e6:.0f} | {written:,} |")
            if bench.answers != MESSAGES:
                sys.exit(f"{bench.answers} of {MESSAGES} informs were answered")
            rows = bench.log.tally.written
            wall_s = await by_tcp(bench, [line(n, b"TenGigabitEthernet1") for n in numbers])
            written = bench.log.tally.written - rows
            print(f"| syslog by TCP, sender on the same core | {MESSAGES / wall_s:,.0f} | | {written:,} |")


if __name__ == "__main__":
    asyncio.run(main())
