"""Stores side by side: noc's own files, InfluxDB 1.6 and VictoriaMetrics, with the same numbers, in one run.

    python bench/bench_influx.py [devices] [hours] [store ...]     # stores: embedded influx victoria

The numbers are those of bench/dataset.py: ten series a device, one a minute. They are written by the daemon's own way:
`encode` (what the pipeline pays), then `write` (what the drain pays). CPU µs are of this process, making the numbers
not counted, and beside them those of the server. Then reads, each alone and while polls are written. Debian's influxd
and victoria-metrics are started on loopback with folders of their own, deleted in the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.dataset import BEGIN, FIELDS, MEASUREMENT, MINUTE, SITES, Fleet
from noc.clock import ManualClock
from noc.model.samples import Samples
from noc.model.series import LatestQuery, SeriesQuery, TopQuery
from noc.service import running
from noc.store import embedded, influx
from noc.store._ports import Store, Surroundings

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
READS = 30
READING_S = 30.0
"""No more is read of one kind after this."""

INFLUXD = """\
reporting-disabled = true
bind-address = "127.0.0.1:18088"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
max-series-per-database = 0
max-values-per-tag = 0
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:18086"
log-enabled = false
"""


@dataclass
class Place:
    """A store with its server. pid: 0 for none; folder: of its data."""

    store: Store
    clock: ManualClock
    folder: Path
    pid: int = 0

    def server_cpu_s(self) -> float:
        """Return the CPU seconds of the server so far."""
        if not self.pid:
            return 0.0
        words = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) * TICK_S

    def bytes(self) -> int:
        """Return what its data take on disk."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def tell(url: str, method: str = "GET") -> None:
    with urllib.request.urlopen(urllib.request.Request(url, method=method)):  # noqa: S310 loopback
        pass


@contextlib.contextmanager
def server(command: list[str], url: str) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        if process.poll() is not None:
            raise SystemExit(f"{command[0]} ended: is {url} in use?")
        for _ in range(600):  # a full one reads its log of writes first
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/ping"):  # noqa: S310 loopback
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextlib.asynccontextmanager
async def place(kind: str) -> AsyncIterator[Place]:
    with tempfile.TemporaryDirectory(prefix="noc-bench-") as name, contextlib.ExitStack() as stack:
        folder, clock, pid = Path(name), ManualClock(BEGIN), 0
        surroundings = Surroundings(folder, folder, clock, serves=kind == "embedded")
        if kind == "embedded":
            store = embedded.build(embedded.Settings(), surroundings)
        elif kind == "influx":
            (folder / "conf").write_text(INFLUXD.format(folder=folder))
            url = "http://127.0.0.1:18086"
            pid = stack.enter_context(server(["/usr/bin/influxd", "-config", str(folder / "conf")], url))
            tell(f"{url}/query?q=CREATE%20DATABASE%20noc", "POST")
            store = influx.build(influx.Settings(url=url, dialect="v1", database="noc", timeout="60s"), surroundings)
        else:
            url = "http://127.0.0.1:18428"
            command = [
                "/usr/bin/victoria-metrics",
                "-httpListenAddr=127.0.0.1:18428",
                f"-storageDataPath={folder}/data",
            ]
            pid = stack.enter_context(server([*command, "-retentionPeriod=5y", "-dedup.minScrapeInterval=1ms"], url))
            store = influx.build(influx.Settings(url=url, dialect="victoria", timeout="60s"), surroundings)
        async with running([store]):
            yield Place(store, clock, folder, pid)


def show(what: str, figure: str) -> None:
    print(f"  {what:44} {figure}")


def count(batch: list[Samples]) -> int:
    return sum(value is not None for samples in batch for row in samples.values for value in row)


async def load(where: Place, fleet: Fleet, minutes: range) -> int:
    """Write minutes as fast as it goes, and show what that took; return the number of values."""
    encode_s = write_s = wall_s = 0.0
    values = size = 0
    server_s = where.server_cpu_s()
    for minute in minutes:
        for batch in fleet.batches(minute):
            values += count(batch)
            began, wall = time.process_time(), time.perf_counter()
            body = where.store.encode(batch)
            encoded = time.process_time()
            assert not await where.store.write(body)  # noqa: S101 nothing is refused
            write_s += time.process_time() - encoded
            encode_s += encoded - began
            wall_s += time.perf_counter() - wall
            size += len(body)
        began = time.process_time()
        await where.clock.advance(60)
        write_s += time.process_time() - began
    show("values, values/s", f"{values:,}, {values / wall_s:,.0f}")
    server_us = (where.server_cpu_s() - server_s) / values * 1e6
    ours = f"{encode_s / values * 1e6:.2f} encode + {write_s / values * 1e6:.2f} write"
    show("CPU µs a value", f"{ours}, server {server_us:.2f}")
    show("bytes a value, in the spool", f"{size / values:.2f}")
    return values


Read = Callable[[], Awaitable[object]]


def reads(where: Place, fleet: Fleet, hours: float) -> Mapping[str, Read]:
    """Return what is read, each time of another device or site."""
    chance, end = random.Random(1), BEGIN + timedelta(hours=hours)  # noqa: S311 no secrets here

    def one() -> dict[str, str]:
        return {"device": fleet.name(chance.randrange(fleet.devices))}

    def whole(step: timedelta | None) -> Read:
        return lambda: where.store.read(SeriesQuery(MEASUREMENT, FIELDS, one(), BEGIN, end, step))

    def site() -> Awaitable[object]:
        chosen = {"site": f"site-{chance.randrange(min(SITES, fleet.devices))}"}
        return where.store.latest(LatestQuery(chosen, end - 5 * MINUTE, end))

    def top() -> Awaitable[object]:
        return where.store.top(TopQuery(MEASUREMENT, "in_pct", {}, end - 15 * MINUTE, end))

    return {
        f"device, {hours:g} h, 10 series as stored": whole(None),
        f"device, {hours:g} h, means of 5 min": whole(5 * MINUTE),
        "site, latest": site,
        "top 20 of the fleet, 15 min": top,
    }


async def timed(read: Read) -> str:
    took = []
    for _ in range(READS):
        began = time.perf_counter()
        await read()
        took.append((time.perf_counter() - began) * 1000)
        if sum(took) > READING_S * 1000:
            break
    return f"p50 {statistics.median(took):.1f} ms, worst {max(took):.1f} ms"


async def bench(kind: str, devices: int, hours: float) -> None:
    print(f"{kind}: {devices:,} devices, {devices * len(FIELDS):,} series, {hours:g} h")
    minutes = round(hours * 60)
    fleet = Fleet(devices)
    async with place(kind) as where:
        values = await load(where, fleet, range(minutes))
        if kind == "victoria":
            tell("http://127.0.0.1:18428/internal/force_flush")
        for what, read in reads(where, fleet, hours).items():
            show(what, await timed(read))
        more = [where.store.encode(batch) for minute in range(minutes, minutes + 3) for batch in fleet.batches(minute)]

        async def go_on() -> None:
            """Write 20,000 values a second until it is ended."""
            while True:
                for body in more:
                    await where.store.write(body)
                    await asyncio.sleep(0.5)

        writing = asyncio.create_task(go_on())
        for what, read in reads(where, fleet, hours).items():
            show(f"{what}, writing", await timed(read))
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        if kind == "victoria":
            await asyncio.sleep(6)  # until then it has the last of it in memory
        show("bytes a value on disk", f"{where.bytes() / values:.2f}")


def main() -> None:
    numbers = [float(word) for word in sys.argv[1:] if not word.isalpha()]
    kinds = [word for word in sys.argv[1:] if word.isalpha()] or ["embedded", "influx", "victoria"]
    for kind in kinds:
        asyncio.run(bench(kind, int(numbers[0]) if numbers else 1000, numbers[1] if len(numbers) > 1 else 24.0))


if __name__ == "__main__":
    main()
