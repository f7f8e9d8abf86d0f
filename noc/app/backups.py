"""Copies of configurations: which are due, what is kept of them, and how old the last good one is."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from collectors._ports import Target
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.inventory.ssh import Backup
from noc.model.check import Check
from noc.model.instants import length_ms, to_ms
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.pipeline.configtext import copy_of
from noc.pipeline.probes import backup_samples
from noc.service import Rounds
from noc.state import configurations
from noc.state.configurations import BackupState, Fetched
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

WAITING_AT_MOST: Final = 1000
RETRY_AFTER_S: Final = 10.0
IDLE_S: Final = 3600.0

_LEAST_APART: Final = timedelta(seconds=60)
"""A person who configures makes a device tell of a change many times: it is asked no more often than this."""


def backups_in(inventory: Callable[[], Inventory]) -> Callable[[str], Backup | None]:
    """Return what tells how a device's configuration is copied, by the inventory of now."""
    return lambda device: backup_of(inventory(), device)


def backup_of(inventory: Inventory, device: str) -> Backup | None:
    """Return how a device's configuration is copied; None where it isn't."""
    known = inventory.devices.get(device)
    return None if known is None else known.watch.backup


class _Waiting(NamedTuple):
    device: str
    copy: Fetched | None
    at_ms: int
    keep: int
    error: str


class Backups:
    """A service. backup_of: what is wanted of a device, by its id; None for one that isn't copied.

    shed: copies that there was no room for. failing: one sentence where the database can't take them.
    """

    def __init__(self, database: Database, clock: Clock, backup_of: Callable[[str], Backup | None]) -> None:
        self._database = database
        self._clock = clock
        self._backup_of = backup_of
        self._states: dict[str, BackupState] = {}
        self._changed: set[str] = set()
        self._waiting: deque[_Waiting] = deque()
        self._rounds = Rounds(clock, "configurations", self._round)
        self.failing: str | None = None
        self.shed = 0

    async def start(self) -> None:
        """Learn how the copies went before a restart, then begin to write."""
        async with self._database.read() as connection:
            self._states = await configurations.states(connection)
        self._rounds.start()

    async def stop(self) -> None:
        """Write what waits, and end."""
        await self._rounds.stop()
        await self._written()

    def changed(self, entity: str) -> float | None:
        """Note that a device told of a change of its configuration.

        Return in how many seconds a copy should be fetched, 0: now; None for a device that isn't copied.
        """
        device = entity.removeprefix("device/")
        if self._backup_of(device) is None:
            return None
        self._changed.add(device)
        state = self._states.get(device)
        least_ms = length_ms(_LEAST_APART)
        since_ms = least_ms if state is None else max(0, to_ms(self._clock.now()) - state.tried_ms)
        return max(0, least_ms - since_ms) / 1000

    def due(self, target: Target, now: datetime) -> bool:
        """Return whether a copy of a device is to be fetched."""
        device, wanted = target.device.id, target.device.watch.backup
        if wanted is None:
            return False
        state = self._states.get(device)
        if device in self._changed or state is None or state.good_ms is None or state.error:
            return True
        # Half an interval early rather than half a one late: it is looked so often.
        half = timedelta(seconds=target.check.interval_s) / 2
        return to_ms(now) - state.good_ms >= length_ms(wanted.every - half)

    def take(self, check: Check, reading: Reading, context: Mapping[str, str]) -> tuple[Samples, ...]:
        """Take what came of a look; return how old the last good copy is."""
        device = check.entity.removeprefix("device/")
        wanted = self._backup_of(device)
        if wanted is None:
            return ()
        if reading.ssh is not None or reading.failure is not None:
            self._tried(device, reading, wanted)
        return self._age(device, reading, wanted, context)

    def _tried(self, device: str, reading: Reading, wanted: Backup) -> None:
        at_ms = to_ms(reading.started_at)
        texts = [answer.text for answer in reading.ssh or ()]
        copy = None if reading.failure is not None or reading.parts else copy_of(texts)
        error = ""
        if copy is None:
            error = "what it printed is no configuration; may the user see it? (`enable_password`)"
            error = reading.parts[0].reason if reading.parts else error
            error = reading.failure.reason if reading.failure else error
        else:
            self._changed.discard(device)
        before = self._states.get(device)
        good_ms = at_ms if copy is not None else before.good_ms if before is not None else None
        self._states[device] = BackupState(device, before.first_ms if before else at_ms, at_ms, good_ms, error)
        if error and (before is None or before.error != error):
            log.warning("device/%s: its configuration could not be copied: %s", device, error)
        if len(self._waiting) >= WAITING_AT_MOST:
            self.shed += 1
            return
        fetched = None if copy is None else Fetched(copy.text, copy.digest, copy.changed, copy.author)
        self._waiting.append(_Waiting(device, fetched, at_ms, wanted.keep, error))
        self._rounds.wake()

    def _age(self, device: str, reading: Reading, wanted: Backup, context: Mapping[str, str]) -> tuple[Samples, ...]:
        state = self._states.get(device)
        if state is None:
            return ()
        since_ms = state.first_ms if state.good_ms is None else state.good_ms
        age_s = max(0.0, (to_ms(reading.started_at) - since_ms) / 1000)
        every_s = wanted.every.total_seconds()
        return (backup_samples(reading, context, age_s, every_s, ok=not state.error),)

    async def _round(self) -> float:
        return IDLE_S if await self._written() else RETRY_AFTER_S

    async def _written(self) -> bool:
        """Write what waits; False: it can't be, `failing` says why."""
        while self._waiting:
            one = self._waiting[0]
            try:
                async with self._database.write() as connection:
                    if one.copy is None:
                        await configurations.failed(connection, one.device, one.at_ms, one.error)
                        is_new = False
                    else:
                        is_new = await configurations.keep(connection, one.device, one.copy, one.at_ms, one.keep)
            except StateError as error:
                if self.failing is None:
                    log.error("copies of configurations can't be kept: %s", error)
                self.failing = str(error)
                return False
            self._waiting.popleft()
            self.failing = None
            if is_new:
                log.info("device/%s: a new version of its configuration is kept", one.device)
        return True
