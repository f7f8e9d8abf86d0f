"""Changes of rules that pages and API try on the past: each in a process of its own, one at a time, with progress."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from noc.clock import Clock
from noc.http.ruleroom import DAYS_AT_MOST, TEXT_AT_MOST, Played
from noc.inventory.values import id_like, is_id
from noc.model.errors import ConflictError, UsageError
from noc.model.instants import to_ms
from noc.processes import ended

log = logging.getLogger(__name__)

SLOWEST_S: Final = 1_800.0
"""One that takes longer is ended: its question is too large for a page."""

KEPT: Final = 10
"""So many of the newest are kept, in memory."""

NICE: Final = 10
"""How much a played past stands back behind polling."""

SAID_AT_MOST: Final = 50
"""Lines of warnings, or of what is wrong."""

PROGRESS: Final = "progress "
"""Begins a line of `noc rules what-if --progress` that is no warning."""


class WhatIfs:
    """Runs `noc rules what-if` on the settings as they are written now.

    What runs when noc ends is ended with it: its task is cancelled as all others are.
    """

    def __init__(self, config: Path, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._known: OrderedDict[int, Played] = OrderedDict()
        self._running: asyncio.Task[None] | None = None
        self._last = 0

    def begin(self, name: str, text: str, days: int) -> Played:
        """Begin one; return it. Raises ConflictError while another one runs, UsageError where it can't be begun."""
        self.check(name, text, days)
        if self._running is not None and not self._running.done():
            raise ConflictError(f"number {self._last} is being played; ask again when it is done")
        self._last += 1
        one = Played(self._last, name, text, days, "running", to_ms(self._clock.now()), 0.0, None, ())
        self._keep(one)
        self._running = asyncio.create_task(self._run(one), name=f"what-if {one.id}")
        return one

    @staticmethod
    def check(name: str, text: str, days: int) -> None:
        """Raise UsageError where it can't be begun."""
        if not is_id(name):
            better = f"; write {id_like(name)}" if id_like(name) else ""
            message = f"'{name[:60]}' is no name of a rule: small letters, digits, '.', '_' and '-'"
            raise UsageError(message + better)
        if not text.strip() or len(text) > TEXT_AT_MOST:
            raise UsageError(f"a rule has 1 to {TEXT_AT_MOST:,} characters; this one has {len(text):,}")
        if not 1 <= days <= DAYS_AT_MOST:
            raise UsageError(f"days: {days} is not from 1 to {DAYS_AT_MOST}; `noc rules what-if` takes more")

    def get(self, number: int) -> Played | None:
        """Return one of the newest; None where there is none of this number any more."""
        return self._known.get(number)

    async def ended(self) -> None:
        """Wait until nothing is being played."""
        if self._running is not None:
            await asyncio.wait([self._running])

    def _keep(self, one: Played) -> None:
        self._known[one.id] = one
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    async def _run(self, one: Played) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="noc-what-if-") as folder:
                # In a folder of its own, so that mistakes are told as `name.yaml:3:5`.
                await asyncio.to_thread((Path(folder) / f"{one.name}.yaml").write_text, one.text)
                self._keep(await asyncio.wait_for(self._played(one, Path(folder)), SLOWEST_S))
        except TimeoutError:
            said = f"it took longer than {SLOWEST_S / 60:g} minutes; ask for fewer days, or run noc rules what-if"
            self._keep(replace(self._known[one.id], state="failed", said=(said,)))
        except (OSError, ValueError) as error:
            log.warning("what-if %d failed: %s", one.id, error)
            self._keep(replace(self._known[one.id], state="failed", said=(f"it can't be played: {error}",)))

    async def _played(self, one: Played, folder: Path) -> Played:
        """Return what came of it. Raises OSError, ValueError where its answer is none."""
        # -P: the folder that it stands in is nothing that modules are looked for in.
        command = (sys.executable, "-P", "-m", "noc", "rules", "what-if", f"{one.name}.yaml", "--days", str(one.days))
        options = ("--changed-alone", "--json", "--progress", "--config", str(self._config.absolute()))
        process = await asyncio.create_subprocess_exec(
            *(*command, *options),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        if process.stdout is None or process.stderr is None:
            raise OSError("it has no output")
        _stand_back(process.pid)
        try:
            body, said = await asyncio.gather(process.stdout.read(), self._listen(one, process.stderr))
            code = await process.wait()
        finally:
            if process.returncode is None:
                await ended(process, group=True)
        if code != 0:
            words = said or (f"it ended with exit code {code} and without a word; see the log of noc",)
            return replace(self._known[one.id], state="failed", said=words)
        answer: dict[str, object] = json.loads(body)
        return replace(self._known[one.id], state="done", done=1.0, answer=answer, said=said)

    async def _listen(self, one: Played, told: asyncio.StreamReader) -> tuple[str, ...]:
        """Take progress, and return all other lines."""
        said: list[str] = []
        while line := await told.readline():
            text = line.decode(errors="replace").rstrip()
            if text.startswith(PROGRESS):
                self._keep(replace(self._known[one.id], done=min(1.0, float(text.removeprefix(PROGRESS)))))
            elif text and len(said) < SAID_AT_MOST:
                said.append(text)
        return tuple(said)


def _stand_back(pid: int) -> None:
    with suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
