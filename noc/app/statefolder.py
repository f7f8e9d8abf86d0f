"""Whether the folder of the state can be used: told before anything is started, with the setting that names it."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from noc.app.check import CheckResult, check, in_the_way
from noc.app.paths import state_folder
from noc.model.errors import InputError, UsageError
from noc.model.finding import Finding
from noc.state.claim import CLAIM_FILE

SETTING: Final = "state_dir"
STATE_FILE: Final = "noc.db"

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
"""noc starts on a full disk: it waits for room, and goes on."""


def make_usable(checked: CheckResult) -> Path:
    """Make the state folder if need be, and return it. Raises InputError where noc can't work in it."""
    folder = _folder(checked)
    reason = unusable(folder)
    if reason is not None:
        raise InputError([_at(checked, f"{folder}: {reason}; or name another folder here")])
    return folder


def state_file(config: Path, environment: Mapping[str, str], what: str) -> Path:
    """Return the state database that settings lead to, for commands beside the daemon.

    what: is looked for in it, in a word for messages. Raises UsageError where it isn't there or can't be opened.
    """
    checked = check(config, environment)
    file = _folder(checked) / STATE_FILE
    try:
        _open(file)
        reason = None if os.access(file.parent, os.W_OK | os.X_OK, effective_ids=True) else _owner(file.parent)
    except FileNotFoundError as error:
        place = f"{file}: there is no {what} yet; `noc run` makes it, in the folder that {SETTING} names"
        raise UsageError(place) from error
    except OSError as error:
        reason = _said(error, file.parent)
    if reason is not None:
        raise InputError([_at(checked, f"{file}: {reason}; or name the folder of the running noc here")])
    return file


def unusable(folder: Path) -> str | None:
    """Make a folder if need be; return why noc can't work in it and what to do, None where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (CLAIM_FILE, STATE_FILE):
            if (folder / name).exists():
                _open(folder / name)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return None if error.errno in _FULL else _said(error, folder)


def _folder(checked: CheckResult) -> Path:
    if checked.settings is None:
        raise InputError(checked.findings)
    return state_folder(checked.folder, checked.settings)


def _at(checked: CheckResult, message: str) -> Finding:
    if checked.merged is None:
        raise InputError(checked.findings)
    return checked.merged.place(SETTING).finding(f"{SETTING}: {message}")


def _open(file: Path) -> None:
    os.close(os.open(file, os.O_RDWR | os.O_CLOEXEC))


def _said(error: OSError, folder: Path) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{in_the_way(folder) or folder} is a file, not a folder: move it away"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        inside = folder / Path(error.filename or "").name
        return _owner(inside if inside.name in (CLAIM_FILE, STATE_FILE) else folder)
    return f"{(error.strerror or str(error)).lower()}: make the folder for noc, owned by the user that runs it"


def _owner(path: Path) -> str:
    return f"noc may not write to {path}: let it be owned by the user that runs noc"
