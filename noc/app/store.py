"""The store of time series that the settings name."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from noc.app.includes import Merged
from noc.app.plugged import configured
from noc.clock import Clock
from noc.settings.schema import Settings
from noc.store._ports import Store, Surroundings

DEFAULT = "embedded"


def store_of(merged: Merged) -> tuple[ModuleType, Settings]:
    """Return the plug-in of the store and its settings. Raises InputError with every finding."""
    return configured("noc.store", merged.data.get("store"), DEFAULT, merged, ("store",))


def build_store(merged: Merged, folder: Path, state_dir: Path, clock: Clock) -> Store:
    """Return the store, not started. folder: of noc.yaml. Raises InputError, SecretError, UsageError."""
    module, settings = store_of(merged)
    store: Store = module.build(settings, Surroundings(folder, state_dir, clock))
    return store
