"""The way of samples: gathered, on disk, drained into the store that the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from noc.app.includes import Merged
from noc.app.plugged import configured
from noc.app.settings import SpoolSettings
from noc.clock import Clock
from noc.model.ports import SeriesWriter
from noc.pipeline.cardinality import Cardinality
from noc.pipeline.fanout import Fanout
from noc.service import Service
from noc.settings.schema import Settings
from noc.spool.clerk import Clerk
from noc.spool.drain import Drain
from noc.spool.files import HoldBack
from noc.spool.letters import Letters
from noc.spool.payload import packed
from noc.spool.spool import Spool, packer
from noc.store._ports import Store, Surroundings

DEFAULT = "embedded"
SPOOL_FOLDER = "spool"


@dataclass(frozen=True, slots=True)
class Series:
    """The parts of the way, the last of them first."""

    store: Store
    spool: Spool
    drain: Drain
    clerk: Clerk
    fanout: Fanout

    @property
    def services(self) -> tuple[Service, ...]:
        """Return all of them, in the order in which they start."""
        return (self.store, self.spool, self.drain, self.clerk, self.fanout)

    @property
    def failing(self) -> str:
        """Return what keeps samples from the disk or the store; empty where nothing does."""
        away = self.drain.failing
        where = "samples wait in the spool" if self.is_safe else "none is taken to the store"
        wrong = (self.spool.failing, f"{where}: {away}" if away else None)
        return "; ".join(why for why in wrong if why)

    @property
    def is_safe(self) -> bool:
        """Return whether samples reach the disk: a store that is away then costs nothing but time."""
        return self.spool.failing is None


def store_of(merged: Merged) -> tuple[ModuleType, Settings]:
    """Return the plug-in of the store and its settings. Raises InputError with every finding."""
    return configured("noc.store", merged.data.get("store"), DEFAULT, merged, ("store",))


def series_of(merged: Merged, folder: Path, state_dir: Path, waiting: SpoolSettings, clock: Clock) -> Series:
    """Return the way, not started. folder: of noc.yaml. Raises InputError, SecretError, UsageError."""
    module, settings = store_of(merged)
    store: Store = module.build(settings, Surroundings(folder, state_dir, clock))
    spool = spool_of(state_dir, waiting, clock, store)
    letters, bound = Letters(spool.folder), Cardinality(waiting.series_at_most)
    drain, clerk = Drain(spool, store, clock, letters), Clerk(spool, letters, clock)
    return Series(store, spool, drain, clerk, Fanout(clock, spool.take, bound))


def spool_of(state_dir: Path, waiting: SpoolSettings, clock: Clock, store: SeriesWriter | None = None) -> Spool:
    """Return the spool, not started. store: whose form it writes; None: a form that all can read."""
    pack = packed if store is None else packer(store.form, store.encode)
    hold_back = HoldBack(waiting.hold_back.total_seconds(), waiting.hold_back_size)
    return Spool(state_dir / SPOOL_FOLDER, clock, waiting.budget, pack=pack, hold_back=hold_back)
