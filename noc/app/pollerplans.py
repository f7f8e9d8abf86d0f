"""The plans that come to a poller: opened, read, put to use, kept for the next start.

One that can't be used changes nothing: the last good one goes on, and the log says what is wrong with the other.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from noc.app.pollerplan import PlanFile, PollerPlan, Unpacked, read_plan
from noc.bus import plans
from noc.bus.identity import Identity
from noc.bus.packing import PackingError
from noc.inventory.profiles import cache
from noc.model.counting import counted
from noc.model.errors import InputError, NocError

log = logging.getLogger(__name__)

Use = Callable[[PollerPlan], Awaitable[bool]]
"""Puts a plan to use; returns whether its folder is still needed."""


class PollerPlans:
    """A service. use: is given each plan that can be used. failing: why the last one that came can't be; None: it is.

    now: the plan in use.
    """

    def __init__(self, identity: Identity, state_dir: Path, use: Use) -> None:
        self.now: PollerPlan | None = None
        self.failing: str | None = None
        self._identity = identity
        self._state_dir = state_dir
        self._use = use
        self._file = PlanFile(state_dir)
        self._unpacked = Unpacked(state_dir, os.environ)
        self._came: bytes | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._folder: Path | None = None

    @property
    def digest(self) -> str:
        """Return by what the plan in use is known; empty while there is none."""
        return "" if self.now is None else self.now.digest

    async def start(self) -> None:
        """Put the plan to use that was there before a restart; wait for others."""
        self._unpacked.open()
        try:
            kept = await asyncio.to_thread(self._file.load)
        except OSError as error:
            log.error("%s: can't be read, a plan is waited for: %s", self._file.path, error.strerror or error)
            kept = None
        if kept is None:
            log.warning("there is no plan yet: the centre sends it once there is a link")
        else:
            await self._take(kept, keep=False)
        self._task = asyncio.create_task(self._take_for_ever(), name="plans")

    async def stop(self) -> None:
        """End, and leave no plan behind but the sealed one."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._unpacked.close()

    def come(self, octets: bytes) -> None:
        """Take a sealed plan; returns at once."""
        self._came = octets
        self._wake.set()

    async def _take_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            octets, self._came = self._came, None
            if octets is not None:
                try:
                    await self._take(octets, keep=True)
                except Exception:  # the guard: a plan that meets a fault changes nothing
                    log.exception("a plan met a fault in noc and isn't used")
                    self.failing = "the plan met a fault in noc, see the log"

    async def _take(self, octets: bytes, *, keep: bool) -> None:
        try:
            await self._read(octets, keep=keep)
        except InputError as error:
            for finding in error.findings:
                log.error("%s", finding)
            self._fail(f"it has {counted(len(error.findings), 'error')}, see the log")
        except (PackingError, NocError) as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(f"{error.filename or self._state_dir}: {(error.strerror or str(error)).lower()}")

    def _fail(self, why: str) -> None:
        on = "the one before goes on" if self.now is not None else "nothing is asked until there is a good one"
        log.error("a plan can't be used, %s: %s", on, why)
        self.failing = why

    async def _read(self, octets: bytes, *, keep: bool) -> None:
        who = self._identity
        text = plans.read(octets, who.sealing_key, who.poller)
        if self.now is not None and plans.digest(text.files) == self.now.digest:
            self.failing = None
            return
        folder = await asyncio.to_thread(self._unpacked.put, text)
        needed = False
        try:
            if self.now is None:
                await _compile_profiles(folder)
            plan = await asyncio.to_thread(read_plan, text, folder, who.group, self._state_dir)
            needed = await self._use(plan)
            self.now, self.failing = plan, None
            if keep:
                await asyncio.to_thread(self._file.keep, octets)
        finally:
            if needed and self._folder is not None:
                self._unpacked.drop(self._folder)
            if needed:
                self._folder = folder
            else:
                self._unpacked.drop(folder)
        log.info("plan of noc %s in use: %s", text.release, counted(len(plan.inventory.devices), "device"))
        gc.collect()


async def _compile_profiles(folder: Path) -> None:
    """Have the profiles compiled by another process, which leaves them in the cache: it takes 40 MB to do so."""
    if cache.folder() is None:
        return
    arguments = (sys.executable, "-m", "noc.app.profilewarming", str(folder))
    process = await asyncio.create_subprocess_exec(*arguments, stdin=asyncio.subprocess.DEVNULL)
    await process.wait()
