"""The claim on a poller's state folder: two processes on one spool would send each other's frames twice."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from noc.model.errors import UsageError

FILE: Final = "poller.lock"


class PollerClaim:
    """A service: holds the folder for this process, until it stops or dies. folder: is made if need be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    async def start(self) -> None:
        """Take the folder. Raises UsageError where another process has it, or it can't be written."""
        path = self._folder / FILE
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"{path}: {reason}: noc must own it; or name another state_dir") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise UsageError(
                f"{self._folder}: a poller runs on it already: stop it, or name another state_dir"
            ) from None
        self._file = file

    async def stop(self) -> None:
        """Give the folder back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
