"""The embedded store: a fleet's samples as noc writes them, then a device's 24 hours.

    python bench/bench_store.py [devices] [hours]

A device has 8 interfaces and 12 sensors, polled every five minutes, and a ping a minute: 41 values a minute, counters,
rates, states, temperatures and round-trip times that look like real ones. CPU seconds are of the process, the store's
thread included; making the samples is not counted. The files are deleted in the end.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from noc.clock import ManualClock
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.embedded.store import EmbeddedStore

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BATCH_VALUES = 5_000
PORTS = 8
SENSORS = 12
COUNTERS = ("ifHCInOctets", "ifHCOutOctets", "ifHCInUcastPkts", "ifHCOutUcastPkts", "ifInErrors", "ifOutErrors")
RATES = ("in_bps", "out_bps", "in_ucast_pps", "out_ucast_pps", "in_errors_ps", "out_errors_ps")


@dataclass
class Device:
    """A device that makes up its numbers as it goes."""

    number: int
    chance: random.Random
    counters: list[list[float]] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = f"site-{self.number % 594}-rtr-{self.number}"
        address = f"10.{self.number >> 16}.{self.number >> 8 & 255}.{self.number & 255}"
        self.keys = ("agent_host", "hostname", "device", "site", "region", "device_class")
        site = f"site-{self.number % 594}"
        self.tags = (address, self.name.upper(), self.name, site, f"region-{self.number % 4}", "router")
        self.counters = [[float(self.chance.randrange(10**9, 10**14)) for _ in COUNTERS] for _ in range(PORTS)]
        self.levels = [self.chance.choice([22.0, 31.5, 45.0, 3.3, 12.0]) for _ in range(SENSORS)]

    def ping(self, at: datetime) -> Samples:
        """Return what a burst of three echo requests brought."""
        shortest = 20 + self.number % 500 + self.chance.expovariate(1)
        mean, longest = shortest + self.chance.random(), shortest + 2 + self.chance.random()
        spread = (shortest, mean, longest, self.chance.random(), self.chance.random())
        fields = (
            "minimum_response_ms",
            "average_response_ms",
            "maximum_response_ms",
            "standard_deviation_ms",
            "jitter_ms",
        )
        numbers = (3.0, 3.0, 0.0, *(round(value, 3) for value in spread))
        names = ("packets_transmitted", "packets_received", "percent_packet_loss", *fields)
        return Samples("ping", at, (*self.keys, "url"), names, ((*self.tags, self.tags[0]),), (numbers,))

    def poll(self, at: datetime) -> Iterator[Samples]:
        """Yield what a poll by SNMP brought."""
        rows = [self._port(port) for port in range(PORTS)]
        names = ("ifAdminStatus", "ifOperStatus", "ifHighSpeed", *COUNTERS, *RATES, "in_pct", "out_pct")
        tags = tuple((*self.tags, str(n + 1), f"Gi0/{n}", f"GigabitEthernet0/{n}") for n in range(PORTS))
        yield Samples("interface", at, (*self.keys, "ifIndex", "ifName", "ifDescr"), names, tags, tuple(rows))
        values = tuple((self._level(n), 0.0) for n in range(SENSORS))
        tags = tuple((*self.tags, "temperature", str(n), f"Sensor {n}", f"1.3.6.1.4.1.9.{n}") for n in range(SENSORS))
        yield Samples("noc_sensor", at, (*self.keys, "kind", "index", "name", "oid"), ("value", "status"), tags, values)
        uptime = float((at - BEGIN) // timedelta(milliseconds=10) + self.number * 1000)
        yield Samples("snmp", at, self.keys, ("uptime", "uptime_s"), (self.tags,), ((uptime, uptime / 100),))
        busy = ((float(self.chance.randrange(5, 30)),),)
        yield Samples(
            "noc_processor", at, (*self.keys, "name", "oid"), ("usage_pct",), ((*self.tags, "CPU", "1.3.6"),), busy
        )

    def _port(self, port: int) -> tuple[float, ...]:
        if port >= PORTS // 2:  # half of the ports carry nothing
            return (1.0, 2.0, 1000.0, *self.counters[port], *(0.0 for _ in RATES), 0.0, 0.0)
        load = self.chance.expovariate(1 / 20e6)
        grown = (load * 37.5, load * 30, load / 20, load / 25, 0, 0)
        counters = self.counters[port]
        for n, more in enumerate(grown):
            counters[n] += round(more)
        rates = (round(grown[0]) * 8 / 300, round(grown[1]) * 8 / 300, *(round(more) / 300 for more in grown[2:]))
        return (1.0, 1.0, 1000.0, *counters, *rates, rates[0] / 1e7, rates[1] / 1e7)

    def _level(self, sensor: int) -> float:
        self.levels[sensor] += self.chance.choice((0.0, 0.0, 0.0, 0.1, -0.1))
        return round(self.levels[sensor], 1)


def batches(devices: list[Device], minute: int) -> Iterator[tuple[list[Samples], int]]:
    """Yield what a minute brings, with the number of values; every device at a moment of its own."""
    batch: list[Samples] = []
    values = 0
    for device in devices:
        at = (
            BEGIN
            + minute * MINUTE
            + timedelta(milliseconds=(device.number * 7919) % 60_000 + device.chance.randrange(4))
        )
        batch.append(device.ping(at))
        if minute % 5 == device.number % 5:
            batch += device.poll(at)
        values = sum(len(samples.tags) * len(samples.field_keys) for samples in batch)
        if values >= BATCH_VALUES:
            yield batch, values
            batch, values = [], 0
    if batch:
        yield batch, values


@dataclass
class Load:
    """What writing took."""

    values: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    longest_ms: float = 0.0


async def load(store: EmbeddedStore, clock: ManualClock, devices: list[Device], minutes: int) -> Load:
    result = Load()
    for minute in range(minutes):
        for batch, values in batches(devices, minute):
            cpu, wall = time.process_time(), time.perf_counter()
            await store.write(store.encode(batch))
            took = time.perf_counter() - wall
            result.wall_s += took
            result.cpu_s += time.process_time() - cpu
            result.longest_ms = max(result.longest_ms, took * 1000)
            result.values += values
        cpu, wall = time.process_time(), time.perf_counter()
        await clock.advance(60)
        await store.caught_up()
        result.cpu_s += time.process_time() - cpu
        result.wall_s += time.perf_counter() - wall
    return result


async def reads(store: EmbeddedStore, devices: list[Device], hours: float) -> None:
    chance = random.Random(1)  # noqa: S311 no secrets here
    asked = {
        "1 field of 8 ports": ("interface", ("in_bps",)),
        "15 fields of 8 ports": ("interface", (*COUNTERS, *RATES, "in_pct", "out_pct", "ifOperStatus")),
        "12 sensors": ("noc_sensor", ("value",)),
        "3 fields of ping": ("ping", ("average_response_ms", "percent_packet_loss", "jitter_ms")),
    }
    for what, (measurement, fields) in asked.items():
        for step, named in ((None, "as stored"), (timedelta(minutes=15), "means of 15 min")):
            took = []
            for _ in range(50):
                where = {"device": chance.choice(devices).name}
                query = SeriesQuery(measurement, fields, where, BEGIN, BEGIN + timedelta(hours=hours), step)
                began = time.perf_counter()
                await store.read(query)
                took.append((time.perf_counter() - began) * 1000)
            show(f"  {what}, {named}", f"p50 {statistics.median(took):.1f} ms, worst {max(took):.1f} ms")


def show(what: str, figure: str) -> None:
    print(f"{what:44} {figure}")


async def forward(store: EmbeddedStore, clock: ManualClock, hours: float) -> float:
    """Let time pass, and everything be done that falls due; return the CPU seconds."""
    cpu = time.process_time()
    await clock.advance(hours * 3600)
    await store.caught_up()
    return time.process_time() - cpu


async def main(count: int, hours: float) -> None:
    devices = [Device(number, random.Random(number)) for number in range(count)]  # noqa: S311 no secrets here
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock = ManualClock(BEGIN)
        store = embedded.build(embedded.Settings(), Surroundings(folder, folder, clock))
        assert isinstance(store, EmbeddedStore)  # noqa: S101 for the type checker
        await store.start()
        result = await load(store, clock, devices, round(hours * 60))
        show("devices, hours, values", f"{count:,}, {hours:g}, {result.values:,}")
        show("values a second, unpaced", f"{result.values / result.wall_s:,.0f}")
        show("CPU a value, written and cut", f"{result.cpu_s / result.values * 1e6:.2f} µs")
        show("longest write", f"{result.longest_ms:.0f} ms")
        show("memory of the process, at most", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        await store.stop()
        began = time.perf_counter()
        await store.start()
        held = store.tally.bytes_in_memory / 1e6
        show("reopened", f"{time.perf_counter() - began:.2f} s with {held:.0f} MB of rows that are in no chunk yet")
        await forward(store, clock, 1.5)
        show("bytes a value, chunks of two hours", f"{store.tally.bytes_on_disk / result.values:.2f}")
        show("a device's 24 h, chunks of two hours", "")
        await reads(store, devices, 24)
        merging_s = await forward(store, clock, 2)
        show("bytes a value, 24 h merged", f"{store.tally.bytes_on_disk / result.values:.2f}")
        show("CPU a value, merged", f"{merging_s / result.values * 1e6:.2f} µs")
        show("a device's 24 h, merged", "")
        await reads(store, devices, 24)
        await store.stop()


if __name__ == "__main__":
    arguments = [float(text) for text in sys.argv[1:]]
    asyncio.run(main(int(arguments[0]) if arguments else 200, arguments[1] if len(arguments) > 1 else 25.0))
