"""The spool: values a second and CPU a value from the fan-out to the disk, and from the disk to a store.

Samples like those of a poll by SNMP (bench_lineprotocol.py), in batches as the fan-out makes them, in both forms. CPU
is of the process, all threads; the wall time includes each fdatasync. Medians of 5 rounds.
Usage: python bench/bench_spool.py
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from bench_lineprotocol import polls

from noc.clock import SystemClock
from noc.model.samples import Samples
from noc.model.series import Refusal
from noc.pipeline.fanout import GATHER_VALUES
from noc.service import running
from noc.spool.drain import Drain
from noc.spool.letters import Letters
from noc.spool.payload import count
from noc.spool.spool import Spool, packer
from noc.wire import columns
from noc.wire.bodies import COLUMNS, LINES, encode_lines

BUDGET: Final = 10**10
ROUNDS: Final = 5
FORMS: Final[dict[str, Callable[[Sequence[Samples]], bytes]]] = {COLUMNS: columns.encode, LINES: encode_lines}


class Sink:
    """A store that takes everything at once."""

    def __init__(self, form: str) -> None:
        self.form = form

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as a body."""
        return FORMS[self.form](batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        """Take a body."""
        return ()


def batches() -> Iterator[list[Samples]]:
    """Yield batches as the fan-out hands them on."""
    batch: list[Samples] = []
    cells = 0
    for samples in polls(1000):
        batch.append(samples)
        cells += len(samples.tags) * len(samples.field_keys)
        if cells >= GATHER_VALUES:
            yield batch
            batch, cells = [], 0


async def once(
    form: str, folder: Path, work: list[list[Samples]]
) -> tuple[tuple[float, float], tuple[float, float], int]:
    """Return seconds of wall and CPU in, the same out, and the bytes on disk."""
    sink, clock = Sink(form), SystemClock()
    spool = Spool(folder, clock, BUDGET, pack=packer(form, sink.encode))
    async with running([spool]):
        began = time.perf_counter(), time.process_time()
        for batch in work:
            last = spool.take(batch)
            await asyncio.sleep(0)
        await spool.durable(last)
        into = time.perf_counter() - began[0], time.process_time() - began[1]
        size = spool.size
        began = time.perf_counter(), time.process_time()
        async with running([Drain(spool, sink, clock, Letters(folder))]):
            while spool.queued:
                await clock.sleep(0.001)
        out = time.perf_counter() - began[0], time.process_time() - began[1]
    return into, out, size


def main() -> None:
    """Print the figures of both forms."""
    work = list(batches())
    values = sum(count(batch) for batch in work)
    print(f"{len(work):,} batches, {values:,} values")
    for form in FORMS:
        rounds = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
                rounds.append(asyncio.run(once(form, Path(folder), work)))
        for name, way in (("in", 0), ("out", 1)):
            wall = statistics.median(result[way][0] for result in rounds)
            cpu = statistics.median(result[way][1] for result in rounds)
            print(f"{form:8} {name:4} {values / wall:>12,.0f} values/s {cpu / values * 1e6:>8.3f} µs CPU a value")
        print(f"{form:8} {rounds[0][2] / values:>17.2f} bytes a value on disk")


if __name__ == "__main__":
    main()
