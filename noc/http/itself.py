"""noc itself, as pages and API tell of it: what it does, what waits in it, what it takes, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ChecksNow:
    """How checks go, since noc began. overdue_s: how late the next one is."""

    overdue_s: float
    due: int
    started: int
    missed: int
    held: int
    left_out: int


@dataclass(frozen=True, slots=True)
class QueuesNow:
    """What waits. ledger: transitions in memory; ledger_shed: that were lost. spool: batches and values that the store
    hasn't taken, spool_oldest_ms: of when the first is; spool_bytes of spool_budget on disk. outbox: messages that are
    not sent, outbox_due_ms: when the first of them is, or was, due. set_aside: damaged rows that alerting passed over.
    """

    ledger: int
    ledger_shed: int
    spool_batches: int
    spool_values: int
    spool_oldest_ms: int | None
    spool_bytes: int
    spool_budget: int
    outbox: int
    outbox_due_ms: int | None
    set_aside: int


@dataclass(frozen=True, slots=True)
class RoundsNow:
    """The rounds of alerting since noc began. last_ms: when the last one ended well; None: none has."""

    rounds: int
    handled: int
    faults: int
    last_ms: int | None


@dataclass(frozen=True, slots=True)
class FileNow:
    """A file, or a folder with all below it, by its name. Bytes on disk."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ReloadNow:
    """The last reload. tried_ms: when; None: none since noc began. good_ms: since when what is in use is."""

    tried_ms: int | None
    good_ms: int


@dataclass(frozen=True, slots=True)
class ItselfNow:
    """All of it at a moment. Times: milliseconds of the Unix epoch. memory: resident bytes, peak: the most of it.

    free: bytes that the disk of the state has left. versions: of noc and what it stands on, by name.
    """

    at_ms: int
    began_ms: int
    checks: ChecksNow
    queues: QueuesNow
    rounds: RoundsNow
    files: tuple[FileNow, ...]
    free: int
    reload: ReloadNow
    store: str
    memory: int
    peak: int
    threads: int
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that is another in the files than in use. in_use, in_files: as text; None: it isn't set.

    after_restart: a reload doesn't take it.
    """

    path: str
    in_use: str | None
    in_files: str | None
    after_restart: bool


@dataclass(frozen=True, slots=True)
class SettingsNow:
    """Settings in use beside those in the files. wrong: why the files can't be read; then there are no differences.

    total: how many differences there are; the first of them are told.
    """

    differences: tuple[Difference, ...]
    total: int
    wrong: tuple[str, ...] = ()


class Itself(Protocol):
    """Who knows it."""

    async def now(self) -> ItselfNow:
        """Return it. Raises StateError."""
        ...

    async def settings(self) -> SettingsNow:
        """Read the files of the settings, and return how they differ from what is in use; secrets are hidden."""
        ...
