"""Rehearsals that pages and API ask for: each in a process of its own, one after the other, with progress."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from noc.clock import Clock
from noc.http.rehearsals import Rehearsal, Rehearsed
from noc.model.errors import ConflictError
from noc.model.instants import to_ms
from noc.processes import ended

log = logging.getLogger(__name__)

SLOWEST_S: Final = 1_800.0
"""One that takes longer is ended: it is too large for a page."""

KEPT: Final = 20
"""So many of the newest are kept, in memory."""

KEPT_BYTES: Final = 64_000_000
"""And no more than so many bytes of their answers, but for the newest."""

ANSWER_AT_MOST: Final = 32_000_000
"""Bytes of an answer. One in which 20,303 devices fail has 4 million."""

AT_ONCE: Final = 8
"""Rehearsals that are being played or wait for that."""

NICE: Final = 10
"""How much one stands back behind polling."""

SAID_AT_MOST: Final = 200
"""Lines of warnings, or of what is wrong."""

LINE_AT_MOST: Final = 4_000

PROGRESS: Final = "progress "
"""Begins a line of `noc rehearse --progress` that is no warning."""

_CHUNK: Final = 65_536


class TooLargeError(ValueError):
    """An answer that nobody could read on a page."""


@dataclass(slots=True)
class _Kept:
    """One of them, and how many bytes its answer had."""

    one: Rehearsal
    bytes: int = 0


@dataclass(slots=True)
class Rehearsing:
    """Runs `noc rehearse` on the settings as they are written now. with_state: and on what people have planned.

    What runs when noc ends is ended with it: its tasks are cancelled as all others are.
    """

    config: Path
    clock: Clock
    with_state: bool = False
    _known: OrderedDict[int, _Kept] = field(default_factory=OrderedDict, init=False)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _last: int = field(default=0, init=False)

    def begin(self, scenario: str, lang: str, by: str) -> Rehearsal:
        """Begin one; where somebody's own is being played already, return that. Raises ConflictError: too many wait."""
        for number in self._tasks:
            known = self._known[number].one
            if not known.is_over and (known.scenario, known.lang, known.by) == (scenario, lang, by):
                return known
        if len(self._tasks) >= AT_ONCE:
            raise ConflictError(f"{AT_ONCE} rehearsals are being played or wait for that; ask again when one is done")
        self._last += 1
        one = Rehearsal(self._last, scenario, lang, by, to_ms(self.clock.now()))
        self._known[one.id] = _Kept(one)
        task = asyncio.create_task(self._run(one), name=f"rehearsal {one.id}")
        self._tasks[one.id] = task
        task.add_done_callback(lambda _: self._over(one.id))
        return one

    def get(self, number: int) -> Rehearsal | None:
        """Return one; None where there is none of this number any more."""
        found = self._known.get(number)
        return None if found is None else found.one

    def all(self) -> tuple[Rehearsal, ...]:
        """Return those that are kept, the newest first."""
        return tuple(found.one for _, found in sorted(self._known.items(), reverse=True))

    def cancel(self, number: int, by: str) -> Rehearsal | None:
        """End one that is being played or waits, and return it. Raises ConflictError where it is over."""
        found = self.get(number)
        if found is None:
            return None
        if found.is_over:
            raise ConflictError(f"rehearsal {number} is over")
        self._change(number, state="cancelled", said=(f"cancelled by {by}",))
        self._tasks[number].cancel()
        return self.get(number)

    async def ended(self, number: int, within_s: float) -> Rehearsal | None:
        """Return one as it is when it is over, or after a while."""
        task = self._tasks.get(number)
        if task is not None:
            await asyncio.wait([task], timeout=within_s)
        return self.get(number)

    def _over(self, number: int) -> None:
        """Forget the task, and the oldest that are over where too many are kept."""
        self._tasks.pop(number, None)
        over = [one for one in self._known if one not in self._tasks]
        while len(over) > 1 and (
            len(self._known) > KEPT or sum(one.bytes for one in self._known.values()) > KEPT_BYTES
        ):
            del self._known[over.pop(0)]

    def _change(self, number: int, **changes: object) -> None:
        kept = self._known[number]
        kept.one = replace(kept.one, **changes)  # type: ignore[arg-type]  # fields of Rehearsal

    async def _run(self, one: Rehearsal) -> None:
        try:
            async with self._turn:
                self._change(one.id, state="running")
                await asyncio.wait_for(self._play(one), SLOWEST_S)
        except TimeoutError:
            said = f"it took longer than {SLOWEST_S / 60:g} minutes; shorten it, or run noc rehearse"
            self._change(one.id, state="failed", said=(said,))
        except (OSError, ValueError) as error:
            log.warning("rehearsal %d failed: %s", one.id, error)
            self._change(one.id, state="failed", said=(f"it can't be played: {error}",))

    async def _play(self, one: Rehearsal) -> None:
        """Play it, and keep what came of it. Raises OSError, ValueError where its answer is none."""
        options = ("--json", "--progress", "--lang", one.lang, *(("--with-state",) if self.with_state else ()))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "noc", "rehearse", "-", "--config", str(self.config), *options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise OSError("it has no pipes")
        try:
            _stand_back(process.pid)
            _, body, said = await asyncio.gather(
                _given(process.stdin, one.scenario.encode()),
                _read(process.stdout),
                self._listen(one.id, process.stderr),
            )
            code = await process.wait()
        finally:
            if process.returncode is None:
                await ended(process, group=True)
        if code not in (0, 1) or not body:
            words = said or (f"it ended with exit code {code} and without a word; see the log of noc",)
            self._change(one.id, state="failed", said=words)
            return
        # Megabytes of JSON: while they are read the event loop has other things to do.
        answer: dict[str, object] = await asyncio.to_thread(json.loads, body)
        self._known[one.id].bytes = len(body)
        self._change(one.id, state="done", done=1.0, found=Rehearsed(code == 0, answer, said))

    async def _listen(self, number: int, told: asyncio.StreamReader) -> tuple[str, ...]:
        """Take progress, and return all other lines."""
        said: list[str] = []
        while line := await told.readline():
            text = line.decode(errors="replace").rstrip()
            if text.startswith(PROGRESS):
                self._change(number, done=min(1.0, float(text.removeprefix(PROGRESS))))
            elif text and len(said) < SAID_AT_MOST:
                said.append(text[:LINE_AT_MOST])
        return tuple(said)


async def _given(entrance: asyncio.StreamWriter, scenario: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended before; it says why
        entrance.write(scenario)
        await entrance.drain()
    entrance.close()


async def _read(told: asyncio.StreamReader) -> bytes:
    """Return an answer. Raises TooLargeError."""
    parts: list[bytes] = []
    size = 0
    while part := await told.read(_CHUNK):
        size += len(part)
        if size > ANSWER_AT_MOST:
            raise TooLargeError(f"its answer has more than {ANSWER_AT_MOST:,} bytes; run noc rehearse")
        parts.append(part)
    return b"".join(parts)


def _stand_back(pid: int) -> None:
    with suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
