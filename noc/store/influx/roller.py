"""Roll-ups of a server: an hour after it has passed, its raw numbers are read back, rolled up, and written beside them.

From what is stored, not from what passes by: late and repeated numbers count once, and a crash changes nothing. What
has to be rolled (again) is noted from the bodies that were written, and kept over a restart in a file of the state
folder; after a kill, all devices of the time since that file was written are rolled again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.instants import from_ms, length_ms, to_ms
from noc.model.samples import Samples
from noc.model.series import Resolution
from noc.service import Rounds
from noc.store._retention import Retention
from noc.store._rollup import KEPT, STEP_MS, Windows, coarser, field_of, roll
from noc.store.influx import influxql
from noc.store.influx.choice import RolledRange, made_of
from noc.store.influx.influxql import Row
from noc.store.influx.server import Server
from noc.store.influx.writer import store_all
from noc.wire.bodies import encode_lines

log = logging.getLogger(__name__)

WINDOW_MS: Final = 3_600_000
WAIT_MS: Final = 600_000
"""How long after the end of an hour it is rolled: most of what is late has come."""

EVERY_S: Final = 60.0
LONGEST_WAIT_S: Final = 600.0
DEVICES_AT_ONCE: Final = 40
LINES_AT_ONCE: Final = 2_000
FILE: Final = "influx-rollups.json"
EVERYONE: Final = ""
"""In place of a device: all of them."""

_DEVICE: Final = re.compile(r"(?<!\\),device=((?:\\.|[^\\, ])+)")
_TIME: Final = re.compile(rb" (-?\d+)$", re.MULTILINE)
_ESCAPED: Final = re.compile(r"\\([,= ])")
_GZIP: Final = 31
_DAY_MS: Final = 86_400_000


class Roller:
    """A service. keeping: which roll-ups are made; state_dir: for the file of what is still to do.

    serves: false beside the daemon, to read its roll-ups alone.
    """

    def __init__(
        self, server: Server, clock: Clock, keeping: Retention, state_dir: Path, *, serves: bool = True
    ) -> None:
        self._server = server
        self._clock = clock
        self._made = made_of(keeping)
        self._raw_ms = length_ms(keeping.raw)
        self._path = state_dir / FILE
        self._windows = Windows(WINDOW_MS, WAIT_MS)
        self._rounds = Rounds(clock, "influx-rollups", self._round)
        self._since_ms = 0
        self._wait_s = EVERY_S
        self._failing = ""
        self._serves = serves

    async def start(self) -> None:
        """Take up what was left, and begin."""
        await asyncio.to_thread(self._restore)
        if self._serves:
            self._rounds.start()
            await asyncio.to_thread(self._keep)

    async def stop(self) -> None:
        """End, and keep what is still to do."""
        if self._serves:
            await self._rounds.stop()
            await asyncio.to_thread(self._keep)

    def range(self) -> RolledRange:
        """Return which time is rolled up. Late numbers of some devices leave it as it is."""
        now_ms = to_ms(self._clock.now())
        recent = [begin for begin in self._windows.kept() if now_ms - _DAY_MS <= begin <= now_ms]
        until_ms = min([*recent, (now_ms - WAIT_MS) // WINDOW_MS * WINDOW_MS])
        return RolledRange(self._since_ms, until_ms) if self._since_ms else RolledRange()

    async def note(self, body: bytes) -> None:
        """Learn which devices have numbers of which hours in a body that was stored."""
        if not self._serves:
            return
        now_ms = to_ms(self._clock.now())
        found = await asyncio.to_thread(noted, body, now_ms // WINDOW_MS * WINDOW_MS - WINDOW_MS)
        for device, begin in found:
            if now_ms - self._raw_ms <= begin <= now_ms + _DAY_MS:
                self._windows.note(device, begin)

    async def _round(self) -> float:
        try:
            rolled = await self._roll_due()
        except StoreError as error:
            if str(error) != self._failing:
                is_told = self._server.is_away and not error.refused
                log.log(logging.INFO if is_told else logging.ERROR, "roll-ups fail: %s", error)
            self._failing = str(error)
            self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
            return self._wait_s
        if self._failing:
            log.warning("%s: roll-ups work again", self._server.name)
        self._failing, self._wait_s = "", EVERY_S
        if rolled:
            await asyncio.to_thread(self._keep)
        return EVERY_S

    async def _roll_due(self) -> bool:
        """Roll all hours that are due; return whether there were any. Raises StoreError."""
        due = self._windows.due(to_ms(self._clock.now()))
        for begin, devices in due:
            # Taken off before they are read: what comes meanwhile is noted anew.
            self._windows.done(begin, devices)
            left = set(devices)
            try:
                if EVERYONE in left:
                    left = left - {EVERYONE} | await self._everyone(begin)
                named = iter(sorted(left))
                while (part := list(islice(named, DEVICES_AT_ONCE))) and not self._rounds.ending:
                    await self._roll(begin, part)
                    left.difference_update(part)
            finally:
                for device in left:
                    self._windows.note(device, begin)
            if self._rounds.ending:
                return True
            self._since_ms = self._since_ms or begin
        return bool(due)

    async def _everyone(self, begin: int) -> set[str]:
        """Return all devices that have numbers in an hour."""
        statement = influxql.show_devices(begin, begin + WINDOW_MS)
        rows = await self._server.query(statement)
        return {value[1] for row in rows for value in row.values if len(value) > 1 and isinstance(value[1], str)}

    async def _roll(self, begin: int, devices: Iterable[str]) -> None:
        statement = influxql.select_all(devices, begin, begin + WINDOW_MS)
        rows = await self._server.query(statement)
        for resolution in self._made:
            samples = await asyncio.to_thread(rolled, rows, resolution)
            for at in range(0, len(samples), LINES_AT_ONCE):
                body = await asyncio.to_thread(encode_lines, samples[at : at + LINES_AT_ONCE])
                place = self._server.access.rolled[resolution]
                for refusal in await store_all(self._server, body, place):
                    log.error("%s refuses roll-ups: %s", self._server.name, refusal.reason)

    def _restore(self) -> None:
        try:
            kept = json.loads(self._path.read_text())
            self._since_ms = int(kept["since_ms"])
            self._windows.restore({int(begin): list(devices) for begin, devices in kept["windows"].items()})
            saved_ms = int(kept["saved_ms"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s: can't be read, roll-ups begin anew: %s", self._path, error)
            return
        now_ms = to_ms(self._clock.now())
        if self._serves and kept.get("ended") is not True:  # killed: nobody noted what came since
            first = max(saved_ms, now_ms - self._raw_ms) // WINDOW_MS * WINDOW_MS
            for begin in range(first, now_ms, WINDOW_MS):
                self._windows.note(EVERYONE, begin)

    def _keep(self) -> None:
        document = {
            "since_ms": self._since_ms,
            "saved_ms": to_ms(self._clock.now()),
            "ended": self._rounds.ending,
            "windows": self._windows.kept(),
        }
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("w") as file:
                json.dump(document, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            log.warning("%s: what is to be rolled up can't be kept: %s", self._path, error.strerror)


def noted(body: bytes, recent_ms: int) -> set[tuple[str, int]]:
    """Return the devices and the beginnings of the hours that a body of lines has numbers of.

    recent_ms: of hours from here on, all devices have numbers as good as always: EVERYONE, without a look at each line.
    """
    text = zlib.decompress(body, _GZIP)
    begins = {int(stamp) // WINDOW_MS * WINDOW_MS for stamp in set(_TIME.findall(text))}
    found = {(EVERYONE, begin) for begin in begins if begin >= recent_ms}
    if len(found) < len(begins):
        for line in text.decode().split("\n"):
            device = _DEVICE.search(line)
            begin = int(line[line.rfind(" ") + 1 :]) // WINDOW_MS * WINDOW_MS
            if device is not None and begin < recent_ms:
                found.add((_ESCAPED.sub(r"\1", device[1]), begin))
    return found


def rolled(rows: Sequence[Row], resolution: Resolution) -> list[Samples]:
    """Return raw rows rolled up: for each series and step one row, with fields `<field>_<kept>`."""
    return [samples for row in rows for samples in _rolled(row, resolution)]


def _rolled(row: Row, resolution: Resolution) -> Iterator[Samples]:
    numeric = [
        number
        for number in range(1, len(row.columns))
        if all(value[number] is None or type(value[number]) in (int, float) for value in row.values)
    ]
    if not numeric or not row.values:
        return
    matrix = np.array([[value[number] for value in row.values] for number in numeric], np.float64)
    steps = roll(np.array([value[0] for value in row.values], np.int64), matrix, STEP_MS["5m"])
    if resolution == "1h":
        steps = coarser(steps, STEP_MS["1h"])
    there = steps.numbers["count"] > 0
    tags = influxql.tags_of(row)
    fields = tuple(field_of(row.columns[number], kept) for kept in KEPT for number in numeric)
    table = np.concatenate([np.where(there, steps.numbers[kept], np.nan) for kept in KEPT])
    for begin, values in zip(steps.begins.tolist(), table.T.tolist(), strict=True):
        yield Samples(row.name, from_ms(begin), tuple(tags), fields, (tuple(tags.values()),), (tuple(values),))
