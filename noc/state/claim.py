"""The claim on a state folder: two daemons on one would write over each other's checkpoints."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from noc.model.errors import UsageError
from noc.state.database import StateError

CLAIM_FILE: Final = "noc.lock"


class Claim:
    """A service: holds the state folder for this process, until it stops or dies. folder: is made if need be.

    Commands that work on the state beside a running daemon don't ask for it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    async def start(self) -> None:
        """Take the folder. Raises UsageError where another daemon has it, StateError where it can't be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StateError(
                f"{self._folder}: can't make the folder of the state: {reason}; name another state_dir"
            ) from error
        path = self._folder / CLAIM_FILE
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StateError(f"{path}: {reason}: noc must own the file, or run as its owner") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(file, 20).decode("ascii", "replace").strip() or "of unknown number"
            os.close(file)
            raise UsageError(
                f"{self._folder}: noc runs on this state already (process {holder}): stop it, or name another state_dir"
            ) from error
        with suppress(OSError):  # for people; the kernel's lock is what counts, and the disk may be full
            os.ftruncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    async def stop(self) -> None:
        """Give the folder back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_held(folder: Path) -> bool:
    """Return whether a daemon has the state folder now. False where nobody can tell."""
    try:
        file = os.open(folder / CLAIM_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
