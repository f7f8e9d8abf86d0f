"""Paths as messages show them: near where people stand, and without detours."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from noc.app.settings import RootSettings


def near(path: Path) -> Path:
    """Return the same path relative to the current folder where it is below it, without `folder/..` inside."""
    path = _plain(path)
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return path  # the folder is gone meanwhile
    # Services stand in the root folder, below which everything is.
    is_below = path.is_absolute() and path.is_relative_to(here) and here != here.parent
    return path.relative_to(here) if is_below else path


def in_the_way(folder: Path) -> Path | None:
    """Return the file that stands where a folder is wanted, or where one of its parents would have to be."""
    with suppress(OSError):
        return next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None)
    return None


def state_folder(folder: Path, settings: RootSettings) -> Path:
    """Return the folder of the state. folder: of noc.yaml, from which a relative one starts."""
    return near(folder / settings.state_dir)


def _plain(path: Path) -> Path:
    if ".." not in path.parts:
        return path
    plain = Path(os.path.normpath(path))
    try:
        # Behind a symbolic link `..` is another folder than the one before it.
        return plain if plain.resolve() == path.resolve() else path.resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle; a NUL
        return path
