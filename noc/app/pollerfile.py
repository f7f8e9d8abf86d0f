"""A poller's settings file for commands that go by noc.yaml elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from noc.app.includes import read_merged
from noc.app.paths import near
from noc.app.pollerroot import PollerSettings
from noc.app.statefile import is_of_poller
from noc.settings.schema import validate_data


def poller_settings(config: Path, environment: Mapping[str, str]) -> tuple[PollerSettings, Path] | None:
    """Return a poller's settings, and its state folder; None where the file is none of a poller.

    Raises InputError with all that is wrong in one.
    """
    config = near(config)
    merged, _, _ = read_merged(config, environment)
    if not is_of_poller(merged, config):
        return None
    settings = validate_data(PollerSettings, merged.data, merged)
    return settings, config.parent / settings.state_dir
