"""The spool without its loop: segments, and the cursors of its consumers. Every call blocks, one at a time.

What a consumer was given is neither settled nor given again until it says what became of it.
"""

from __future__ import annotations

import errno
import logging
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from noc import crashpoints
from noc.spool.cursor import Cursor, load
from noc.spool.ranges import Ranges
from noc.spool.record import Record
from noc.spool.segments import SEGMENT_BYTES, Entry, Segment, Segments
from noc.spool.tally import Amount, Tally

log = logging.getLogger(__name__)

PARTS: Final = 8
"""A segment is an eighth of a small budget, so that shedding costs an eighth of it and not all."""

SEAL_AFTER_S: Final = 600.0
"""A segment takes records for so long: only what is sealed can go."""


@dataclass(frozen=True, slots=True)
class HoldBack:
    """How long segments stay that all consumers have: a store may have said yes and lost it all the same."""

    seconds: float = 3_600.0
    bytes: int = 512 * 1024 * 1024


@dataclass(slots=True)
class Consumer:
    """Who takes batches. given: those that are under way to it, by number, and their values."""

    cursor: Cursor
    tally: Tally = field(default_factory=Tally)
    given: dict[int, int] = field(default_factory=dict)

    def wants(self, seq: int) -> bool:
        """Return whether a batch is to be given."""
        return seq not in self.given and seq not in self.cursor.settled


class Files:
    """A folder of segments and cursors. budget_bytes: of segments, those that are held back too."""

    def __init__(self, folder: Path, budget_bytes: int, hold_back: HoldBack, consumers: Iterable[str]) -> None:
        self.folder = folder
        self.segments = Segments(folder, min(SEGMENT_BYTES, max(budget_bytes // PARTS, 1)))
        self.consumers = {name: Consumer(Cursor(folder / f"cursor-{name}.json")) for name in consumers}
        self._budget_bytes = budget_bytes
        self._hold_back = hold_back
        self._growing: tuple[Path, float] | None = None
        self.last = 0

    def open(self) -> None:
        """Take up what is there. Raises OSError where the folder can't be used."""
        self.segments.open()
        for path, damage in self.segments.damages:
            level = logging.INFO if damage.torn else logging.WARNING
            log.log(level, "%s: %d bytes at %d are damaged", path, damage.length, damage.offset)
        cursors = {name: load(consumer.cursor.path) for name, consumer in self.consumers.items()}
        self.last = max(self.segments.last(), *(cursor.last for cursor in cursors.values()))
        held = Ranges()
        for segment in self.segments.all:
            for first, last in _runs(segment):
                held.add(first, last)
        for name, cursor in cursors.items():
            cursor.last = self.last
            consumer = self.consumers[name] = Consumer(cursor)
            consumer.tally.damaged = len(self.segments.damages)
            self._count_lost(consumer, held)
            for entry in self._entries():
                if entry.seq not in cursor.settled:
                    consumer.tally.found.add(entry.values)

    def _count_lost(self, consumer: Consumer, held: Ranges) -> None:
        """Settle what is neither there nor settled: its numbers tell that it was put."""
        known = Ranges([*held.pairs(), *consumer.cursor.settled.pairs()])
        for first, last in list(known.missing(1, self.last)):
            consumer.tally.lost += last - first + 1
            consumer.cursor.settle_range(first, last, "lost")
            log.error("%s: the batches %d to %d are lost", self.folder, first, last)

    def append(self, records: Sequence[Record], values: Sequence[int]) -> None:
        """Have records on disk. Raises OSError; then none is promised."""
        self.segments.append(records, values)
        self.last = max(self.last, records[-1].seq)
        for consumer in self.consumers.values():
            consumer.cursor.last = self.last
            consumer.cursor.dirty = True

    def skip(self, seq: int) -> None:
        """Say that a batch of this number never comes to the disk: it was shed before."""
        self.last = max(self.last, seq)
        for consumer in self.consumers.values():
            consumer.cursor.settle(seq, "shed")
            consumer.cursor.last = self.last

    def window(self, name: str, at_most: int, *, newest: bool = False) -> list[Record]:
        """Give a consumer batches that wait, in order: the oldest, or the newest. Raises OSError.

        One that turns out to be damaged is settled as lost.
        """
        consumer = self.consumers[name]
        found: dict[int, Record] = {}
        for segment, entry in self._newest(consumer) if newest else self._oldest(consumer):
            if len(found) >= at_most:
                break
            record = self._read(segment, entry)
            if record is None:
                consumer.tally.damaged += 1
                consumer.tally.lost += 1
                consumer.tally.sheds["damage"].add(entry.values)
                consumer.cursor.settle(entry.seq, "lost")
                continue
            found[entry.seq] = record
            consumer.given[entry.seq] = entry.values
        return [found[seq] for seq in sorted(found)]

    def _read(self, segment: Segment, entry: Entry) -> Record | None:
        """Return a record; None also where its file, or its place on the disk, is gone for good. Raises OSError."""
        try:
            return self.segments.read(segment, entry)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EIO):
                raise
            log.error("%s: batch %d can't be read, and is lost: %s", segment.path, entry.seq, error.strerror)
            return None

    def release(self, name: str, seqs: Iterable[int]) -> None:
        """Take back batches that a consumer was given and doesn't have. Those that had to go meanwhile are shed."""
        consumer = self.consumers[name]
        for seq in seqs:
            values = consumer.given.pop(seq, None)
            if values is not None and not any(_has(segment, seq) for segment in self.segments.all):
                consumer.tally.sheds["budget"].add(values)
                consumer.cursor.settle(seq, "shed")

    def settle(self, name: str, dead: Mapping[int, int]) -> None:
        """Say that a consumer has batches that it was given. dead: how many values of each it will never take."""
        consumer = self.consumers[name]
        for seq, number in dead.items():
            values = consumer.given.pop(seq, None)
            if values is None:
                continue
            never = min(number, values)
            all_dead = number > 0 and never == values
            consumer.tally.stored.add(values - never, int(not all_dead))
            consumer.tally.dead.add(never, int(all_dead))
            consumer.cursor.settle(seq, "dead" if all_dead else "stored")

    def tidy(self, now_s: float) -> None:
        """Keep cursors on disk, and let segments go: those held back long enough, and what is over the budget.

        Raises OSError.
        """
        self._seal_old(now_s)
        self._note_settled(now_s)
        over = self._over(now_s)
        held = [segment for segment in self.segments.all if segment.settled_s is not None]
        for segment in over:
            if segment not in held:
                self._shed(segment)
        self.save()  # before anything goes: what is settled and gone would be lost otherwise
        for segment in over:
            self.segments.delete(segment)

    def save(self) -> None:
        """Have all cursors on disk. Raises OSError."""
        for consumer in self.consumers.values():
            if consumer.cursor.dirty:
                consumer.cursor.save()

    def make_room(self) -> None:
        """Let all go that is only held back: the disk is full. Raises OSError."""
        self._note_settled(0.0)
        held = [segment for segment in self.segments.all if segment.settled_s is not None]
        cursors = [consumer.cursor for consumer in self.consumers.values()]
        # To keep a cursor takes room too: first goes what the cursors on disk know of.
        for segment in [one for one in held if all(_covers(cursor.saved, one) for cursor in cursors)]:
            self.segments.delete(segment)
            held.remove(segment)
        self.save()
        for segment in held:
            self.segments.delete(segment)

    def _seal_old(self, now_s: float) -> None:
        current = next((segment for segment in self.segments.all[-1:] if self.segments.is_current(segment)), None)
        if current is None:
            self._growing = None
        elif self._growing is None or self._growing[0] != current.path:
            self._growing = (current.path, now_s)
        elif now_s - self._growing[1] >= SEAL_AFTER_S:
            self.segments.seal()

    def _note_settled(self, now_s: float) -> None:
        cursors = [consumer.cursor for consumer in self.consumers.values()]
        for segment in self.segments.all:
            settled = not self.segments.is_current(segment) and all(
                _covers(cursor.settled, segment) for cursor in cursors
            )
            if not settled:
                segment.settled_s = None
            elif segment.settled_s is None:
                segment.settled_s = now_s

    def _over(self, now_s: float) -> list[Segment]:
        """Return what has to go: held back for long, or too much of it; then the oldest of what is over the budget."""
        held = [segment for segment in self.segments.all if segment.settled_s is not None]
        held_bytes, total = sum(segment.bytes for segment in held), self.segments.size
        gone: list[Segment] = []
        for segment in held:
            old = segment.settled_s is not None and now_s - segment.settled_s >= self._hold_back.seconds
            if old or held_bytes > self._hold_back.bytes or total > self._budget_bytes:
                gone.append(segment)
                held_bytes -= segment.bytes
                total -= segment.bytes
        for segment in self.segments.all:
            if total <= self._budget_bytes:
                break
            if segment not in gone and not self.segments.is_current(segment):
                gone.append(segment)
                total -= segment.bytes
        return gone

    def _shed(self, segment: Segment) -> None:
        """Settle what waits in a segment that has to go."""
        shed = Amount()
        for consumer in self.consumers.values():
            for entry in segment.entries():
                if entry.seq not in consumer.cursor.settled and entry.seq not in consumer.given:
                    consumer.tally.sheds["budget"].add(entry.values)
                    consumer.cursor.settle(entry.seq, "shed")
                    shed.add(entry.values)
        log.warning("%s: over its budget, the %d oldest batches were shed", self.folder, shed.batches)

    def replay(self, name: str, since_ms: int, until_ms: int) -> Amount:
        """Have a consumer given again what was put in `[since, until)` and is still there. Raises OSError."""
        consumer, again = self.consumers[name], Amount()
        for segment in self.segments.all:
            for entry in segment.entries():
                if since_ms <= entry.time_ms < until_ms and entry.seq in consumer.cursor.settled:
                    consumer.cursor.unsettle(entry.seq)
                    consumer.tally.given.add(entry.values)
                    again.add(entry.values)
                    segment.settled_s = None
        crashpoints.reached("spool.replayed")
        self.save()
        return again

    def since(self, since_ms: int) -> Iterator[Record]:
        """Yield what was put since then and is still there, in order, whoever has it already. Raises OSError."""
        for segment in list(self.segments.all):
            for entry in list(segment.entries()):
                record = self._read(segment, entry) if entry.time_ms >= since_ms else None
                if record is not None:
                    yield record

    def recount(self, name: str) -> Amount:
        """Return what waits for a consumer on disk, counted one by one; what is under way waits too."""
        settled, amount = self.consumers[name].cursor.settled, Amount()
        for entry in self._entries():
            if entry.seq not in settled:
                amount.add(entry.values)
        return amount

    def oldest_ms(self, name: str) -> int | None:
        """Return when the oldest batch was put that waits; None for none."""
        return next((entry.time_ms for _, entry in self._oldest(self.consumers[name], given=True)), None)

    def close(self) -> None:
        """Close the current segment and keep the cursors. Raises OSError."""
        self.segments.seal()
        self.save()

    def _entries(self) -> Iterator[Entry]:
        for segment in self.segments.all:
            yield from segment.entries()

    def _oldest(self, consumer: Consumer, *, given: bool = False) -> Iterator[tuple[Segment, Entry]]:
        for segment in list(self.segments.all):
            if _covers(consumer.cursor.settled, segment):
                continue
            for at, seq in enumerate(list(segment.seqs)):
                if consumer.wants(seq) or (given and seq in consumer.given):
                    yield segment, segment.entry(at)

    def _newest(self, consumer: Consumer) -> Iterator[tuple[Segment, Entry]]:
        for segment in reversed(self.segments.all):
            if _covers(consumer.cursor.settled, segment):
                continue
            for at in range(len(segment) - 1, -1, -1):
                if consumer.wants(segment.seqs[at]):
                    yield segment, segment.entry(at)


def _covers(settled: Ranges, segment: Segment) -> bool:
    """Return whether all of a segment is settled."""
    seqs = segment.seqs
    if not len(segment) or settled.covers(seqs[0], seqs[-1]):
        return True
    return all(seq in settled for seq in seqs)


def _runs(segment: Segment) -> Iterator[tuple[int, int]]:
    """Yield the numbers of a segment as ranges: one, where nothing is missing."""
    seqs = segment.seqs
    if len(segment) and seqs[-1] - seqs[0] + 1 == len(segment):
        yield seqs[0], seqs[-1]
    else:
        yield from ((seq, seq) for seq in seqs)


def _has(segment: Segment, seq: int) -> bool:
    at = bisect_left(segment.seqs, seq)
    return at < len(segment) and segment.seqs[at] == seq
