"""From a change of status to a mail server's yes: how long it takes, at rest and while a fleet's samples flow.

    python bench/bench_telling.py [--faults N] [--form csv]

The daemon's alerting (rules, root cause, incidents, escalation, outbox, dispatch) on the settings and inventory of
20,303 devices, with a state database on disk; a mail server in a process of its own. A device fails, which is written
as the committer writes it; the clock stops when the mail server has said yes to the page, or to the news that it is
over. Everything else of that fleet is seen and well. While samples flow, all rules judge a poll of each device in five
minutes and a ping a minute, in the same process, as in the daemon.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench_rules import POLL_MINUTES, ROWS, table
from fleet import fleet, write

from alerts.sight import Seen
from noc.app.alerting import Alerting
from noc.app.build import orders_of
from noc.app.check import CheckResult, check
from noc.clock import Clock, SystemClock
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.model.snapshot import Snapshot
from noc.model.transition import Status, Transition
from noc.pipeline.ingest import Ingested
from noc.simulator.mailbox import Mailbox
from noc.state.committer import Committer
from noc.state.database import Database

ALERTS = """
alerts:
  people: {{achieng: {{email: achieng@example.org}}}}
  notifiers: {{email: {{host: 127.0.0.1, port: {port}, security: none, from: noc@example.org}}}}
  policies: {{standard: {{steps: [{{notify: [achieng]}}]}}}}
"""
PATIENCE_S = 30.0


class AllWell:
    """Sight of a fleet of which all was seen just now, and is well, but for one device."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.failed: str | None = None
        self.since_ms = 0

    def status(self, entity: str) -> Status:
        """Return down for the one that failed."""
        return "down" if entity == self.failed else "up"

    def since(self, entity: str) -> int | None:
        """Return since when the one is down."""
        return self.since_ms if entity == self.failed else None

    def seen(self, entity: str) -> Seen | None:
        """Return a result of just now."""
        now_ms = to_ms(self._clock.now())
        return Seen(now_ms, False, self.since_ms) if entity == self.failed else Seen(now_ms, True)

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return nothing."""
        del entity
        return None

    def reprobe(self, entities: Collection[str]) -> None:
        """Ask nothing."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=150, help="devices that fail and come back, one after the other")
    parser.add_argument("--form", choices=("csv", "yaml"), default="csv")
    arguments = parser.parse_args()
    here, there = multiprocessing.Pipe()
    with tempfile.TemporaryDirectory(prefix="noc-bench-") as folder:
        server = multiprocessing.Process(target=_serve, args=(there, Path(folder) / "mails"), daemon=True)
        server.start()
        try:
            asyncio.run(_measure(here, Path(folder), arguments.faults, arguments.form))
        finally:
            server.terminate()
            server.join()


def _serve(there: Connection, folder: Path) -> None:
    """Be the mail server, and say when each message was taken: seconds of the machine's monotonic clock."""

    class Told(Mailbox):
        async def handle_DATA(self, *said: object) -> str:  # noqa: N802 aiosmtpd's name
            answer = await super().handle_DATA(*said)  # type: ignore[arg-type]
            there.send(time.monotonic())
            return answer

    async def serve() -> None:
        mailbox = Told(folder, SystemClock())
        await mailbox.start()
        there.send(mailbox.port)
        await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())


async def _measure(here: Connection, folder: Path, faults: int, form: str) -> None:
    port = await asyncio.to_thread(here.recv)
    await asyncio.to_thread(write, fleet(), folder, form)
    with (folder / "noc.yaml").open("a") as file:
        file.write(ALERTS.format(port=port))
    checked = await asyncio.to_thread(check, folder / "noc.yaml", {})
    if checked.inventory is None or not checked.ok:
        raise SystemExit("\n".join(map(str, checked.findings)))
    clock = SystemClock()
    house = _House(checked, checked.inventory, folder, clock)
    await house.start()
    print(f"{'':24}{'p50 ms':>8}{'p99 ms':>8}{'most ms':>9}{'CPU ms each':>13}")
    await house.round(here, "a few first, not shown", 5, shown=False)
    await house.round(here, "at rest", faults)
    flowing = asyncio.create_task(house.flow())
    await house.round(here, "while samples flow", faults)
    flowing.cancel()
    await house.stop()
    print(
        f"samples flowed: {house.readings:,} readings judged by {len(checked.rules.thresholds):,} rules of thresholds"
    )
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, with the settings of the fleet")


class _House:
    """The daemon's alerting and what writes for it."""

    def __init__(self, checked: CheckResult, inventory: Inventory, folder: Path, clock: Clock) -> None:
        self._inventory = inventory
        self._clock = clock
        self._database = Database(folder / "noc.db")
        self._sight = AllWell(clock)
        self._committer = Committer(self._database, clock, list, committed=lambda _: self._alerting.wake())
        self._alerting = Alerting(
            self._database,
            clock,
            orders_of(checked, clock),
            lambda: inventory,
            "bench",
            self._committer.put_rules,
            lambda _: None,
            self._sight,
        )
        self._services = (self._database, self._alerting, self._committer)
        self._tables: dict[tuple[object, ...], tuple[Samples, ...]] = {}
        self.readings = 0

    async def start(self) -> None:
        for service in self._services:
            await service.start()

    async def stop(self) -> None:
        for service in reversed(self._services):
            await service.stop()

    async def round(self, here: Connection, name: str, faults: int, *, shown: bool = True) -> None:
        """Let so many devices fail and come back, each when the mail about the one before was taken."""
        names = [device.entity for device in self._inventory.devices.values() if device.device_class == "server"]
        taken, cpu_s, readings = [], time.process_time(), self.readings
        for number in range(faults):
            entity = names[(number * 7919 + len(name)) % len(names)]
            for status in ("down", "up"):
                now_ms = to_ms(self._clock.now())
                self._sight.failed, self._sight.since_ms = (entity if status == "down" else None), now_ms
                before = "up" if status == "down" else "down"
                said = ((now_ms, status == "up"),)
                begun = time.monotonic()
                self._committer.put(
                    [Transition(entity, status, before, now_ms, now_ms, "icmp", "bench", "confirmed", said)]  # type: ignore[arg-type]
                )
                if not await asyncio.to_thread(here.poll, PATIENCE_S):
                    raise SystemExit(f"{entity}: nobody was told that it is {status} within {PATIENCE_S:.0f} s")
                taken.append((here.recv() - begun) * 1000)
        cpu_ms = (time.process_time() - cpu_s) * 1000 / len(taken)
        if not shown:
            return
        cuts = statistics.quantiles(taken, n=100)
        said_of_cpu = f"{cpu_ms:.1f}" if readings == self.readings else f"{cpu_ms:.1f} *"
        print(f"{name:24}{statistics.median(taken):>8.0f}{cuts[98]:>8.0f}{max(taken):>9.0f}{said_of_cpu:>13}")

    async def flow(self) -> None:
        """Judge a poll of each device in five minutes, and a ping in one, in steps of 20 ms."""
        devices = list(self._inventory.devices.values())
        polled, pinged, begun = 0, 0, self._clock.monotonic()
        while True:
            passed_s = self._clock.monotonic() - begun
            for _ in range(int(passed_s * len(devices) / (POLL_MINUTES * 60)) - polled):
                self._take(devices[polled % len(devices)].entity, polled // len(devices), ROWS)
                polled += 1
            for _ in range(int(passed_s * len(devices) / 60) - pinged):
                self._take(devices[pinged % len(devices)].entity, pinged // len(devices), {"ping": 1})
                pinged += 1
            await self._clock.sleep(0.02)

    def _take(self, entity: str, round_: int, rows: dict[str, int]) -> None:
        key = (round_, *rows)
        if key not in self._tables:
            self._tables[key] = tuple(table(name, number, round_, bad=False) for name, number in rows.items())
        samples = self._tables[key]
        self._alerting.take(Check(entity, "snmp", 300.0, 60.0), Ingested(samples=samples))
        self.readings += 1


if __name__ == "__main__":
    main()
