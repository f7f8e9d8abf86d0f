"""Files with secrets in them: written whole or not at all, and readable by whom they are for alone."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700


def make_private(folder: Path) -> None:
    """Make a folder, with its parents, that only its owner may look into; as it is, where it is there. Raises OSError.

    Where root makes it, it belongs to whom the folder above it belongs: noc runs as a user of its own.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER)
    _hand_over(folder, folder.parent)


def write_private(path: Path, octets: bytes) -> None:
    """Write a file that only its owner may read, at one stroke, and have it on the disk. Raises OSError.

    One that is there keeps its owner and rights: a broker of another user goes on reading it. A new one that root
    writes belongs to whom its folder belongs.
    """
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
        _hand_over(beside, path if path.exists() else path.parent)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hand_over(path: Path, like: Path) -> None:
    if os.geteuid() == 0:
        of = like.stat()
        os.chown(path, of.st_uid, of.st_gid)
