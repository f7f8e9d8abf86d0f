"""Time series in files of our own, no server: docs/adr/0005-embedded-store-is-chunks-in-sqlite.md."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from noc.settings import schema
from noc.store._ports import Store, Surroundings
from noc.store._retention import Retention, RetentionSetting
from noc.store.embedded.engine import Engine
from noc.store.embedded.store import EmbeddedStore


class Settings(schema.Settings):
    """Time series in files of noc's own; no server is needed."""

    kind: Literal["embedded"] = "embedded"
    """Which store."""
    path: Annotated[str, Field(min_length=1)] = "series"
    """Folder of the files; below the state directory where it isn't absolute."""
    retention: RetentionSetting = Retention()
    """How long numbers are kept: `30d`, or `raw`, `five_minutes`, `hourly` and `classes`."""
    memory_mb: Annotated[int, Field(ge=1)] = 512
    """Numbers of the last two hours are kept in memory, in so many megabytes at most; less memory, larger files."""


def build(settings: Settings, surroundings: Surroundings) -> Store:
    """Return the store, not started."""
    engine = Engine(surroundings.state_dir / settings.path, settings.retention, settings.memory_mb * 1024 * 1024)
    return EmbeddedStore(engine, surroundings.clock)
