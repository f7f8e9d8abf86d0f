"""What every store is built with, and what it is. A store is a module of this package with `Settings` and `build`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from noc.clock import Clock
from noc.model.ports import SeriesSource, SeriesWriter
from noc.service import Service


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a store lives. folder: of noc.yaml, where `!secret file:` starts from; state_dir: for files of its own.

    serves: false for commands beside the daemon, whose store does no work by itself.
    """

    folder: Path
    state_dir: Path
    clock: Clock
    serves: bool = True


class Store(Service, SeriesWriter, SeriesSource, Protocol):
    """A store of time series.

    `start` raises StoreError only where people must act and waiting can't help (a damaged file, a folder that can't
    be made); a server that is down at start is no reason.
    """
