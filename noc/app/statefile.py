"""The state database for commands beside the daemon.

They go by what the settings say of its folder alone: what is wrong elsewhere in them keeps nobody from an incident.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from noc.app.includes import Merged, read_merged
from noc.app.paths import in_the_way, near, state_folder
from noc.app.settings import RootSettings
from noc.model.errors import InputError, UsageError
from noc.settings.schema import validate_data
from noc.state.claim import CLAIM_FILE

SETTING: Final = "state_dir"
STATE_FILE: Final = "noc.db"
OF_POLLERS: Final = frozenset({"identity", "state_dir", "spool", "http", "receivers", "newcomer", "include"})
"""Keys of a poller's own file."""

IDENTITY: Final = "identity.json"
POLLER_STATE: Final = "/var/lib/noc-poller"
ROOMS: Final = "autonomy"
"""Where a poller keeps its state that calls people by itself, in its state folder."""


def state_file(config: Path, environment: Mapping[str, str], what: str) -> Path:
    """Return the state database that settings lead to.

    what: is looked for in it, in a word for messages. Raises UsageError where it isn't there or can't be opened, and
    InputError where the settings don't say where it is.
    """
    config = near(config)
    merged, folder, maker = _folder(config, environment)
    file = folder / STATE_FILE
    try:
        opened(file)
        reason = None if os.access(file.parent, os.W_OK | os.X_OK, effective_ids=True) else owner(file.parent)
    except FileNotFoundError as error:
        place = f"{file}: there is no {what} yet; {maker} makes it, in the folder that {SETTING} names"
        raise UsageError(place) from error
    except OSError as error:
        reason = why(error, file.parent)
    if reason is not None:
        message = f"{SETTING}: {file}: {reason}; or name the folder of the running noc here"
        raise InputError([merged.place(SETTING).finding(message)])
    return file


def is_of_poller(merged: Merged, config: Path) -> bool:
    """Return whether a settings file is a poller's own."""
    has_identity = "identity" in merged.data or (config.parent / IDENTITY).is_file()
    return has_identity and merged.data.keys() <= OF_POLLERS


def opened(file: Path) -> None:
    """Open a file for reading and writing, and close it. Raises OSError."""
    os.close(os.open(file, os.O_RDWR | os.O_CLOEXEC))


def why(error: OSError, folder: Path) -> str:
    """Return why noc can't work in a folder, and what to do."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{in_the_way(folder) or folder} is a file, not a folder: move it away"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        inside = folder / Path(error.filename or "").name
        return owner(inside if inside.name in (CLAIM_FILE, STATE_FILE) else folder)
    return f"{(error.strerror or str(error)).lower()}: make the folder for noc, owned by the user that runs it"


def owner(path: Path) -> str:
    """Return what is to be done where noc may not write."""
    return f"noc may not write to {path}: let it be owned by the user that runs noc"


def _folder(config: Path, environment: Mapping[str, str]) -> tuple[Merged, Path, str]:
    """Return the settings, the folder of the state, and who makes it: the daemon, or a poller with `autonomy`."""
    merged, _, unread = read_merged(config, environment)
    if SETTING not in merged.data and unread:  # a file that can't be read may say it
        raise InputError(unread)
    said = {SETTING: merged.data[SETTING]} if SETTING in merged.data else {}
    if is_of_poller(merged, config):
        folder = state_folder(config.parent, validate_data(RootSettings, {SETTING: POLLER_STATE, **said}, merged))
        return merged, folder / ROOMS, "a poller of a group with `autonomy`"
    return merged, state_folder(config.parent, validate_data(RootSettings, said, merged)), "`noc run`"
