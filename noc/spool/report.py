"""What lies in a spool's folder, read from its files alone, whether a daemon runs or not. Blocking calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from noc.spool.cursor import Cursor, load
from noc.spool.letters import Letters
from noc.spool.payload import Payload, unpack
from noc.spool.ranges import Ranges
from noc.spool.record import Damage, Record, scan
from noc.spool.spool import STORE
from noc.spool.tally import Amount
from noc.wire.columns import BodyError

TRIES: Final = 5


@dataclass(slots=True)
class Place:
    """A damaged place. unreadable: the record is whole, and what it carries is no body: why."""

    file: str
    offset: int
    length: int
    torn: bool = False
    unreadable: str = ""


@dataclass(slots=True)
class Report:
    """segments: files. last: number of the last batch. batches: by what became of them since the spool was made.

    queued: waits. held: is held back. oldest_ms, newest_ms: of what waits. letters: dead letters that were not sent
    again. quarantined: copies of damaged places. still: nothing changed while it was read.
    missing: batches that are neither there nor settled, by their numbers.
    """

    segments: int = 0
    bytes: int = 0
    last: int = 0
    batches: dict[str, int] = field(default_factory=dict)
    queued: Amount = field(default_factory=Amount)
    held: Amount = field(default_factory=Amount)
    oldest_ms: int | None = None
    newest_ms: int | None = None
    letters: int = 0
    quarantined: int = 0
    still: bool = True
    missing: int = 0
    damaged: list[Place] = field(default_factory=list)

    @property
    def adds_up(self) -> bool | None:
        """Return whether all batches that were ever put are accounted for; None where that can't be told just now."""
        if not self.still:
            return None
        settled = sum(self.batches[name] for name in ("stored", "dead", "shed", "lost"))
        return self.last + self.batches["replayed"] == settled + self.queued.batches


def report(
    folder: Path, *, bodies: bool = False, consumer: str = STORE, read: Callable[[Payload], object] = Payload.samples
) -> Report:
    """Return what lies there. bodies: read what records carry, too, by `read`. consumer: whose work it is.

    Raises OSError.

    Every byte is read and every checksum proved. While a daemon writes, files and cursor may not be of one moment.
    """
    for _ in range(TRIES):
        before = load(folder / f"cursor-{consumer}.json")
        found = _read(folder, before, read if bodies else None)
        if load(before.path) == before:
            return found
    found.still = False
    return found


def _read(folder: Path, cursor: Cursor, read: Callable[[Payload], object] | None) -> Report:
    found, seen = Report(), Ranges()
    paths = sorted(path for path in folder.glob("*.seg") if path.stem.isdigit() and path.is_file())
    for path in paths:
        try:
            data = path.read_bytes()
        except FileNotFoundError:  # gone meanwhile; then the cursor has changed too
            continue
        found.segments += 1
        found.bytes += len(data)
        for entry in scan(data):
            if isinstance(entry, Damage):
                # The end of the last one may be under way.
                if not (entry.torn and path == paths[-1]):
                    found.damaged.append(Place(path.name, entry.offset, entry.length, entry.torn))
            elif entry.seq not in seen:  # one that was written anew behind a failed sync is there twice
                seen.add(entry.seq, entry.seq)
                _note(found, cursor, entry, path.name, read)
    found.last = max(cursor.last, *(last for _, last in seen.pairs()), 0)
    found.batches = dict(cursor.counts)
    known = Ranges([*seen.pairs(), *cursor.settled.pairs()])
    for first, last in known.missing(1, found.last):
        found.missing += last - first + 1
    found.batches["lost"] += found.missing
    found.letters = sum(not letter.sent_again for letter in Letters(folder).read())
    found.quarantined = sum(1 for _ in (folder / "quarantine").glob("*.bin"))
    return found


def _note(found: Report, cursor: Cursor, record: Record, name: str, read: Callable[[Payload], object] | None) -> None:
    values = 0
    try:
        payload = unpack(record.payload)
        values = payload.values
        if read is not None:
            read(payload)
    except BodyError as error:
        found.damaged.append(Place(name, -1, len(record.payload), unreadable=f"batch {record.seq}: {error}"))
    if record.seq in cursor.settled:
        found.held.add(values)
        return
    found.queued.add(values)
    found.oldest_ms = min(record.time_ms, found.oldest_ms or record.time_ms)
    found.newest_ms = max(record.time_ms, found.newest_ms or record.time_ms)


def wrong(found: Report) -> Iterator[str]:
    """Yield what is wrong with a spool, a sentence each."""
    for place in found.damaged:
        what = place.unreadable or f"{place.length:,} bytes at {place.offset:,} are damaged"
        yield f"{place.file}: {what}"
    if found.missing and found.still:
        yield f"{found.missing:,} batches are missing, by their numbers"
    if found.adds_up is False:
        yield f"the counts don't add up: {found.last} batches were put, {found.batches}, {found.queued.batches} wait"
