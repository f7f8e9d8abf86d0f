"""The embedded store at size: load, kill -9, reopen, reads while it is written.

    python bench/bench_store.py [devices] [minutes] [memory_mb]       # 6,000 devices, 1,530 minutes, 512 MB
    python bench/bench_store.py 120000 100                            # 1.2 million series
    python bench/bench_store.py --month                               # 20 devices for 30 days

The numbers are those of bench/dataset.py: ten series a device, one a minute. A process of its own writes them as the
drain does, four bodies at once out of 64, synced, as fast as it goes, and is killed with SIGKILL; then another opens
the folder. CPU is that of the process, all threads; making the numbers isn't counted, encoding is counted by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from bench.dataset import BATCH_DEVICES, BEGIN, FIELDS, MEASUREMENT, MINUTE, SITES, Fleet, device
from noc.clock import ManualClock
from noc.model.series import LatestQuery, SeriesQuery, TopQuery
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.embedded.store import EmbeddedStore

WRITERS = 4
BODIES = 64
"""Written one behind the other before it is looked what else is due: as many as the drain takes at once."""

READS = 40
PACED_VALUES = 20_000
"""Numbers a second that are written while reads are timed."""

MERGED_UP_TO = 20_000
"""Devices: with more it takes a quarter of an hour, and says the same."""

LOADED = "loaded"


def built(folder: Path, clock: ManualClock, memory_mb: int) -> EmbeddedStore:
    settings = embedded.Settings.model_validate({"memory_mb": memory_mb})
    store = embedded.build(settings, Surroundings(folder, folder, clock))
    assert isinstance(store, EmbeddedStore)  # noqa: S101 for the type checker
    return store


def resident_mb() -> float:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


async def load(folder: Path, devices: int, minutes: int, memory_mb: int) -> None:
    """Write, say what it took as JSON, and wait to be killed."""
    fleet = Fleet(devices)
    before_mb = resident_mb()
    clock = ManualClock(BEGIN)
    store = built(folder, clock, memory_mb)
    await store.start()
    values = 0
    encoding = writing = wall = longest = most_mb = 0.0

    async def write(bodies: list[bytes]) -> None:
        nonlocal longest
        while bodies:
            body = bodies.pop()
            began = time.perf_counter()
            await store.write(body)
            longest = max(longest, time.perf_counter() - began)

    together = max(1, BODIES // -(-devices // BATCH_DEVICES))
    for first in range(0, minutes, together):
        bodies = []
        for minute in range(first, min(minutes, first + together)):
            batches = list(fleet.batches(minute))
            cpu = time.process_time()
            bodies += [store.encode(batch) for batch in batches]
            encoding += time.process_time() - cpu
            values += sum(value is not None for each in batches for one in each for row in one.values for value in row)
            del batches
        cpu, began = time.process_time(), time.perf_counter()
        bodies.reverse()
        await asyncio.gather(*(write(bodies) for _ in range(WRITERS)))
        await clock.advance(60 * together)
        await store.caught_up()
        writing += time.process_time() - cpu
        wall += time.perf_counter() - began
        most_mb = max(most_mb, resident_mb())
    figures = {
        "values": values,
        "encode_us": encoding / values * 1e6,
        "write_us": writing / values * 1e6,
        "a_second": values / wall,
        "longest_ms": longest * 1000,
        "memory_mb": most_mb,
        "of_it_the_numbers_mb": before_mb,
        "held_mb": store.tally.bytes_in_memory / 1e6,
        "bytes_a_value": store.tally.bytes_on_disk / values,
    }
    (folder / LOADED).write_text(json.dumps(figures))
    await asyncio.Event().wait()


def loaded_and_killed(folder: Path, devices: int, minutes: int, memory_mb: int) -> dict[str, float]:
    arguments = ["--load", str(folder), str(devices), str(minutes), str(memory_mb)]
    process = subprocess.Popen(
        [sys.executable, __file__, *arguments], env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    while not (folder / LOADED).exists() or not (folder / LOADED).stat().st_size:
        if process.poll() is not None:
            raise SystemExit("the writer ended by itself")
        time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    found: dict[str, float] = json.loads((folder / LOADED).read_text())
    return found


async def timed(name: str, ask: Callable[[int], Awaitable[object]], times: int = READS) -> None:
    took = []
    for number in range(times):
        began = time.perf_counter()
        await ask(number)
        took.append((time.perf_counter() - began) * 1000)
    show(f"  {name}", f"p50 {statistics.median(took):.1f} ms, worst {max(took):.1f} ms")


async def reads(store: EmbeddedStore, devices: int, minutes: int) -> None:
    chance = random.Random(1)  # noqa: S311 no secrets here
    end = BEGIN + minutes * MINUTE
    hours = min(24, minutes // 60)

    def of_device(number: int, step: timedelta | None) -> SeriesQuery:
        where = {"device": device(chance.randrange(devices))}
        return SeriesQuery(MEASUREMENT, FIELDS, where, end - timedelta(hours=hours), end, step)

    recent = end - timedelta(minutes=15)
    await timed(f"a device, {hours} h, 10 series, as stored", lambda n: store.read(of_device(n, None)))
    await timed(f"a device, {hours} h, means of 15 min", lambda n: store.read(of_device(n, timedelta(minutes=15))))
    await timed(
        "last numbers of a site", lambda n: store.latest(LatestQuery({"site": f"site-{n % SITES}"}, recent, end))
    )
    await timed(
        "top 20 of the fleet, 15 min", lambda n: store.top(TopQuery(MEASUREMENT, FIELDS[n % 2], {}, recent, end))
    )
    past = BEGIN + (minutes // 15) * 5 * MINUTE  # a third of it, in chunks alone; whole steps of five minutes
    for what, begin in (("in the past", past), ("and no whole steps", past + timedelta(seconds=140))):
        until = begin + timedelta(minutes=15)

        def fleet(number: int, begin: datetime = begin, until: datetime = until) -> Awaitable[object]:
            return store.top(TopQuery(MEASUREMENT, FIELDS[number % 2], {}, begin, until))

        await timed(f"top 20 of the fleet, 15 min {what}", fleet, READS // 4)


async def paced(store: EmbeddedStore, fleet: Fleet, clock: ManualClock, minute: int) -> None:
    """Write as many numbers a second as a fleet does, until it is cancelled."""
    while True:
        for batch in fleet.batches(minute):
            await store.write(await asyncio.to_thread(store.encode, batch))
            await asyncio.sleep(len(batch) * len(FIELDS) / PACED_VALUES)
        minute += 1
        await clock.advance(60)


async def reopened(folder: Path, devices: int, minutes: int, memory_mb: int, values: float) -> None:
    clock = ManualClock(BEGIN + minutes * MINUTE)
    store = built(folder, clock, memory_mb)
    cpu, began = time.process_time(), time.perf_counter()
    await store.start()
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    held = store.tally.bytes_in_memory / 1e6
    show("reopened after kill -9", f"{took:.2f} s, {cpu:.2f} s of CPU, {held:.0f} MB of rows replayed")
    show("reads, nothing written", "")
    await reads(store, devices, minutes)
    fleet = Fleet(devices)
    for earlier in range(minutes):
        fleet.minute(earlier)
    writing = asyncio.create_task(paced(store, fleet, clock, minutes))
    show(f"reads, {PACED_VALUES:,} values a second written", "")
    await reads(store, devices, minutes)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    if devices <= MERGED_UP_TO:
        await merged(store, clock, devices, minutes, values)
    await store.stop()


async def merged(store: EmbeddedStore, clock: ManualClock, devices: int, minutes: int, values: float) -> None:
    cpu = time.process_time()
    for hours in (3, 28, 1, 1):
        await clock.advance(hours * 3600)
        await store.caught_up()
    cpu = time.process_time() - cpu
    sizes = {name: shelf.bytes() for name, shelf in store._engine.shelves.all.items()}  # noqa: SLF001 to tell apart
    show("bytes a value, days merged", f"{sizes['raw'] / values:.2f}")
    show("  roll-ups of 5 minutes, of hours, besides", f"{sizes['5m'] / values:.2f}, {sizes['1h'] / values:.2f}")
    show("CPU a value, merged and rolled up", f"{cpu / values * 1e6:.2f} µs")
    show("reads, days merged", "")
    await reads(store, devices, minutes)


async def month() -> None:
    fleet, days = Fleet(20), 30
    with tempfile.TemporaryDirectory() as name:
        clock = ManualClock(BEGIN)
        store = built(Path(name), clock, 512)
        await store.start()
        for minute in range(days * 1440):
            for batch in fleet.batches(minute):
                await store.write(store.encode(batch))
            await clock.advance(60)
            if minute % 60 == 0:
                await store.caught_up()
        await store.caught_up()
        end = BEGIN + timedelta(days=days)
        show("20 devices, 30 days, 10 series", f"{store.tally.bytes_on_disk / store.tally.values:.2f} bytes a value")
        for what, step in (
            ("as stored", None),
            ("means of an hour", timedelta(hours=1)),
            ("5 min", timedelta(minutes=5)),
        ):

            def ask(number: int, step: timedelta | None = step) -> Awaitable[object]:
                where = {"device": device(number % 20)}
                return store.read(SeriesQuery(MEASUREMENT, FIELDS, where, BEGIN, end, step))

            await timed(f"a device, 30 days, {what}", ask)
        await store.stop()


def show(what: str, figure: str) -> None:
    print(f"{what:44} {figure}", flush=True)


def main(devices: int, minutes: int, memory_mb: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = loaded_and_killed(folder, devices, minutes, memory_mb)
        show("devices, minutes, values", f"{devices:,}, {minutes:,}, {found['values']:,.0f}")
        show("values a second, unpaced", f"{found['a_second'] / 1e6:.2f} million")
        show("CPU a value: encoded", f"{found['encode_us']:.2f} µs")
        show("CPU a value: written and cut", f"{found['write_us']:.2f} µs")
        show("longest write", f"{found['longest_ms']:.0f} ms")
        whole, numbers = found["memory_mb"], found["of_it_the_numbers_mb"]
        show("memory at most", f"{whole:.0f} MB, {numbers:.0f} of it before the store was opened")
        show("bytes a value, chunks and logs", f"{found['bytes_a_value']:.2f}")
        asyncio.run(reopened(folder, devices, minutes, memory_mb, found["values"]))


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--load"]:
        asyncio.run(load(Path(words[1]), *map(int, words[2:])))
    elif words[:1] == ["--month"]:
        asyncio.run(month())
    else:
        numbers = [int(word) for word in words]
        main(*(numbers + [6_000, 1_530, 512][len(numbers) :]))
