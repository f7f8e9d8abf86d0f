"""Who is on call, for commands beside the daemon: from the settings, and what the state database knows of changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.oncallcalendar import with_calendars
from alerts.oncallnow import known
from alerts.oncalltargets import Directory
from noc.app.includes import Merged, read_merged
from noc.app.paths import near, state_folder
from noc.app.settings import validated
from noc.app.statefile import STATE_FILE
from noc.model.errors import InputError
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Roster:
    """What the settings say. file: the state database, which may not be there yet."""

    directory: Directory
    file: Path
    merged: Merged


def roster_of(config: Path, environment: Mapping[str, str], now_ms: int) -> Roster:
    """Read who is on call from the settings. now_ms: around it calendars are read.

    Raises InputError where the settings can't be read, or `alerts` is wrong; nothing else of them is looked at.
    """
    config = near(config)
    merged, _, unread = read_merged(config, environment)
    root = validated(merged)
    if root.wrong & {"alerts", "state_dir"} or unread:
        raise InputError([*unread, *root.findings])
    settings, findings = with_calendars(root.settings.alerts, config.parent, now_ms, merged)
    if findings:
        raise InputError(findings)
    folder = state_folder(config.parent, root.settings)
    return Roster(Directory.of(settings), folder / STATE_FILE, merged)


async def directory_now(roster: Roster, now_ms: int) -> Directory:
    """Return the directory as the state database knows it; as the settings say, where there is none yet.

    Raises StateError where it can't be read.
    """
    if not os.access(roster.file, os.R_OK):
        return roster.directory
    database = Database(roster.file)
    await database.start()
    try:
        async with database.read() as connection:
            return await known(connection, roster.directory, now_ms)
    finally:
        await database.stop()
