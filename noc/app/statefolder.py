"""Whether the folder of the state can be used: told before anything is started, with the setting that names it."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Final

from noc.app.check import CheckResult
from noc.app.paths import state_folder
from noc.app.statefile import SETTING, STATE_FILE, opened, why
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.state.claim import CLAIM_FILE

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
"""noc starts on a full disk: it waits for room, and goes on."""


def make_usable(checked: CheckResult) -> Path:
    """Make the state folder if need be, and return it. Raises InputError where noc can't work in it."""
    folder = _folder(checked)
    reason = unusable(folder)
    if reason is not None:
        raise InputError([_at(checked, f"{folder}: {reason}; or name another folder here")])
    return folder


def unusable(folder: Path) -> str | None:
    """Make a folder if need be; return why noc can't work in it and what to do, None where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (CLAIM_FILE, STATE_FILE):
            if (folder / name).exists():
                opened(folder / name)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return None if error.errno in _FULL else why(error, folder)


def _folder(checked: CheckResult) -> Path:
    if checked.settings is None:
        raise InputError(checked.findings)
    return state_folder(checked.folder, checked.settings)


def _at(checked: CheckResult, message: str) -> Finding:
    if checked.merged is None:
        raise InputError(checked.findings)
    return checked.merged.place(SETTING).finding(f"{SETTING}: {message}")
