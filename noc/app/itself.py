"""What noc tells of itself on /system: read from its parts when somebody asks."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Final

from noc import __version__
from noc.app.build import Daemon
from noc.app.includes import read_merged
from noc.app.reload import AT_START, Reload
from noc.app.settingsdiff import differences
from noc.http.itself import ChecksNow, FileNow, ItselfNow, QueuesNow, ReloadNow, RoundsNow, SettingsNow
from noc.model.errors import InputError
from noc.model.instants import to_ms
from noc.settings.yamltext import Data
from noc.state import outbox
from noc.state.database import SQLITE_VERSION

STATE_FILES: Final = ("noc.db", "noc.db-wal")
TOLD_AT_MOST: Final = 300
LIBRARIES: Final = ("aiohttp", "SQLAlchemy", "pydantic", "gufo-snmp", "argon2-cffi")
_PROCESS: Final = Path("/proc/self/status")


class ItselfOf:
    """Reads it of a daemon."""

    def __init__(self, daemon: Daemon, reload: Reload) -> None:
        self._daemon = daemon
        self._reload = reload
        self._began_ms = to_ms(daemon.clock.now())
        self._reading = asyncio.Lock()

    async def now(self) -> ItselfNow:
        """Return it. Raises StateError."""
        daemon, folder = self._daemon, self._daemon.database.path.parent
        files, free = await asyncio.to_thread(_on_disk, folder)
        memory = await asyncio.to_thread(_memory)
        engine = daemon.alerting.engine
        return ItselfNow(
            at_ms=to_ms(daemon.clock.now()),
            began_ms=self._began_ms,
            checks=self._checks(),
            queues=await self._queues(),
            rounds=RoundsNow(engine.rounds, engine.handled, engine.faults, engine.last_ms),
            files=files,
            free=free,
            reload=ReloadNow(self._reload.tried_ms, self._reload.good_ms),
            store=type(daemon.series.store).__module__.removeprefix("noc.store.").split(".")[0],
            memory=memory.get("VmRSS", 0),
            peak=memory.get("VmHWM", 0),
            threads=threading.active_count(),
            versions=_versions(),
        )

    async def settings(self) -> SettingsNow:
        """Read the files of the settings, one reader at a time, and return how they differ from what is in use."""
        async with self._reading:
            try:
                merged, _, findings = await asyncio.to_thread(read_merged, self._reload.config, dict(os.environ))
            except InputError as error:
                return SettingsNow((), 0, tuple(str(finding) for finding in error.findings[:TOLD_AT_MOST]))
            wrong = tuple(str(finding) for finding in findings[:TOLD_AT_MOST])
            found = await asyncio.to_thread(differences, self._in_use(), merged.data, (*AT_START, "pollers.broker"))
        return SettingsNow(tuple(found[:TOLD_AT_MOST]), len(found), wrong)

    def _in_use(self) -> dict[str, Data]:
        """Return the settings in use: those of the last good reload, but for what is read at the start alone."""
        followed = {key: value for key, value in self._reload.written.items() if key not in AT_START}
        return {**followed, **self._reload.at_start}

    def _checks(self) -> ChecksNow:
        scheduler, probing = self._daemon.polling.scheduler, self._daemon.applications.probing.scheduler
        tallies = (scheduler.tally, probing.tally)
        return ChecksNow(
            overdue_s=max(0.0, scheduler.overdue_s, probing.overdue_s),
            due=sum(one.due for one in tallies),
            started=sum(one.started for one in tallies),
            missed=sum(one.missed for one in tallies),
            held=sum(one.held for one in tallies),
            left_out=sum(one.left_out for one in tallies),
        )

    async def _queues(self) -> QueuesNow:
        daemon = self._daemon
        spool, committer = daemon.series.spool, daemon.polling.committer
        async with daemon.database.read() as connection:
            waiting, due_ms = await outbox.waiting(connection)
        queued = spool.tally.queued
        return QueuesNow(
            ledger=committer.waiting,
            ledger_shed=committer.shed,
            spool_batches=queued.batches,
            spool_values=queued.values,
            spool_oldest_ms=await spool.oldest_ms() if queued.batches else None,
            spool_bytes=spool.size,
            spool_budget=spool.budget_bytes,
            outbox=waiting,
            outbox_due_ms=due_ms,
            set_aside=daemon.alerting.engine.set_aside,
        )


def _versions() -> dict[str, str]:
    known = {"noc": __version__, "Python": platform.python_version(), "SQLite": SQLITE_VERSION}
    return {**known, "Linux": platform.release(), **{name: version(name) for name in LIBRARIES}}


def _on_disk(folder: Path) -> tuple[tuple[FileNow, ...], int]:
    """Return what the state takes on disk, the largest first, and what is left there."""
    found = [FileNow(one.name, _size(one)) for one in folder.iterdir() if one.is_dir() or one.name in STATE_FILES]
    return tuple(sorted(found, key=lambda one: -one.size)), shutil.disk_usage(folder).free


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_size(Path(one.path)) for one in os.scandir(path) if not one.is_symlink())
        return path.stat().st_size
    except (FileNotFoundError, PermissionError):
        return 0  # it went meanwhile, or is somebody else's


def _memory() -> dict[str, int]:
    """Return the figures of this process in bytes (proc(5)); none where the system doesn't tell them."""
    try:
        lines = _PROCESS.read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    parts = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): int(number) * 1024 for name, number, _ in parts}
