"""The way of samples: gathered, on disk, drained into the store that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from noc.app.includes import Merged
from noc.app.plugged import configured
from noc.clock import Clock
from noc.model.samples import Samples
from noc.pipeline.fanout import Fanout
from noc.service import Service
from noc.settings.schema import Settings
from noc.spool.drain import Drain
from noc.spool.payload import Payload, count
from noc.spool.spool import Spool
from noc.store._ports import Store, Surroundings

DEFAULT = "embedded"
SPOOL_FOLDER = "spool"


@dataclass(frozen=True, slots=True)
class Series:
    """The parts of the way, the last of them first."""

    store: Store
    spool: Spool
    drain: Drain
    fanout: Fanout

    @property
    def services(self) -> tuple[Service, ...]:
        """Return all of them, in the order in which they start."""
        return (self.store, self.spool, self.drain, self.fanout)

    @property
    def failing(self) -> str:
        """Return what keeps samples from the disk or the store; empty where nothing does."""
        away = self.drain.failing
        wrong = (self.spool.failing, f"samples wait in the spool: {away}" if away else None)
        return "; ".join(why for why in wrong if why)


def store_of(merged: Merged) -> tuple[ModuleType, Settings]:
    """Return the plug-in of the store and its settings. Raises InputError with every finding."""
    return configured("noc.store", merged.data.get("store"), DEFAULT, merged, ("store",))


def series_of(merged: Merged, folder: Path, state_dir: Path, budget_bytes: int, clock: Clock) -> Series:
    """Return the way, not started. folder: of noc.yaml. Raises InputError, SecretError, UsageError."""
    module, settings = store_of(merged)
    store: Store = module.build(settings, Surroundings(folder, state_dir, clock))
    spool = Spool(state_dir / SPOOL_FOLDER, clock, budget_bytes)
    drain = Drain(spool, store, clock, state_dir / SPOOL_FOLDER)

    def put(batch: Sequence[Samples]) -> None:
        spool.put(Payload(store.form, count(batch), store.encode(batch)).pack())

    return Series(store, spool, drain, Fanout(clock, put))
