"""Line protocol into a store: read as a stream, bad lines kept aside with their number and the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Final, TextIO

from noc.model.ports import SeriesWriter
from noc.model.samples import Samples
from noc.wire.lineparser import Precision, samples_of, texts_in

LINES_AT_ONCE: Final = 2_000
WRITES_AT_ONCE: Final = 4


@dataclass(slots=True)
class Imported:
    """What became of lines. lines: that hold something; bad: those that can't be read; values, refused: numbers.

    gaps: fields that say NaN or infinity, which is no number and nothing to store; texts: fields that are texts.
    """

    lines: int = 0
    values: int = 0
    bad: int = 0
    refused: int = 0
    gaps: int = 0
    texts: int = 0


class Importer:
    """Takes lines to a store. aside: where bad lines go, as comments with the number and the reason, then the line."""

    def __init__(self, store: SeriesWriter, precision: Precision, aside: TextIO) -> None:
        self._store = store
        self._precision = precision
        self._aside = aside
        self.done = Imported()

    async def take(self, lines: Iterable[str], progress: Callable[[Imported], None]) -> Imported:
        """Store all lines. progress: is told after each batch that is stored.

        Raises StoreError where the store can't go on: what was told as stored is.
        """
        writes: set[asyncio.Task[None]] = set()
        try:
            for first, batch in _batches(lines):
                samples = self._parsed(first, batch)
                writes.add(asyncio.create_task(self._write(samples)))
                if len(writes) >= WRITES_AT_ONCE:
                    writes = await _some(writes)
                    progress(self.done)
            while writes:
                writes = await _some(writes)
        finally:
            for task in writes:
                task.cancel()
            await asyncio.gather(*writes, return_exceptions=True)
        progress(self.done)
        return self.done

    def _parsed(self, first: int, batch: list[str]) -> list[Samples]:
        try:
            found = samples_of(batch, self._precision)
            said = [line for line in batch if _says_something(line)]
            self.done.lines += len(said)
            self.done.texts += sum(map(texts_in, said))
        except ValueError:
            found = [samples for at, line in enumerate(batch, first) for samples in self._one(at, line)]
        return found

    def _one(self, number: int, line: str) -> list[Samples]:
        self.done.lines += _says_something(line)
        try:
            found = samples_of([line], self._precision)
        except ValueError as error:
            self.done.bad += 1
            self._aside.write(f"# line {number}: {error}\n{line.rstrip()}\n")
            return []
        self.done.texts += texts_in(line) if _says_something(line) else 0
        return found

    async def _write(self, samples: list[Samples]) -> None:
        if not samples:
            return
        body = await asyncio.to_thread(self._store.encode, samples)
        refused = await self._store.write(body)
        for refusal in refused:
            self.done.refused += refusal.values
            self._aside.write(f"# refused: {refusal.reason}\n{refusal.text}\n")
        values = [value for table in samples for row in table.values for value in row if value is not None]
        gaps = len(values) - sum(map(isfinite, values))
        self.done.gaps += gaps
        self.done.values += len(values) - gaps - sum(refusal.values for refusal in refused)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _batches(lines: Iterable[str]) -> Iterable[tuple[int, list[str]]]:
    """Yield lines with the number of the first, from 1."""
    first, batch = 1, []
    for number, line in enumerate(lines, 1):
        batch.append(line)
        if len(batch) == LINES_AT_ONCE:
            yield first, batch
            first, batch = number + 1, []
    if batch:
        yield first, batch


async def _some(writes: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait for one of the writes; return the others. Raises what it raised."""
    done, left = await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    return left
