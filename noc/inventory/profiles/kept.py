"""Keeps what came of the files of profiles, so that they are compiled anew only where one has changed.

In memory, for a reload, and on disk (`cache.py`), for the next start of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from noc.inventory.profiles import cache
from noc.inventory.profiles.cli import FOLDER, Catalogue, load_cli
from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import load_profiles
from noc.model.finding import Finding

_Contents = tuple[tuple[str, bytes], ...]

_KEPT = 4
"""How many sets of profiles are kept: the last one, and some before it for those who take a change back."""


def kept_profiles(folders: Sequence[Path]) -> tuple[Mapping[str, Profile], list[Finding]]:
    """Return what `load_profiles` does, from before where no file of these folders has changed since."""
    try:
        contents = _contents(folders)
    except OSError:
        return load_profiles(folders)  # which says what can't be read
    profiles, findings = _loaded(tuple(folders), contents)
    return profiles, list(findings)


def _contents(folders: Sequence[Path]) -> _Contents:
    """Return every file that counts: the number of its folder and its path in there, and its content.

    Where a folder stands is in no profile, so that who asks from elsewhere finds what was kept.
    """
    places = [(number, folder, part) for number, folder in enumerate(folders) for part in ("", "mib", FOLDER)]
    return tuple(
        (f"{number}/{path.relative_to(folder)}", path.read_bytes())
        for number, folder, part in places
        for path in sorted((folder / part).glob("*.yaml"))
    )


def kept_cli(folders: Sequence[Path]) -> tuple[Catalogue, list[Finding]]:
    """Return what `load_cli` does, from before where no file of these folders has changed since."""
    try:
        contents = tuple((str(path), path.read_bytes()) for one in folders for path in sorted((one / FOLDER).glob("*")))
    except OSError:
        return load_cli(folders)
    found, findings = _loaded_cli(tuple(folders), contents)
    return found, list(findings)


@lru_cache(maxsize=_KEPT)
def _loaded_cli(folders: tuple[Path, ...], _: _Contents) -> tuple[Catalogue, tuple[Finding, ...]]:
    found, findings = load_cli(folders)
    return found, tuple(findings)


@lru_cache(maxsize=_KEPT)
def _loaded(folders: tuple[Path, ...], contents: _Contents) -> tuple[Mapping[str, Profile], tuple[Finding, ...]]:
    name = cache.name_of(contents)
    try:
        return _known(name), ()
    except LookupError:
        pass
    profiles, findings = load_profiles(folders)
    if not findings and contents:
        cache.write(name, profiles)
    return profiles, tuple(findings)


@lru_cache(maxsize=_KEPT)
def _known(name: str) -> Mapping[str, Profile]:
    """Return what stands on disk, once for all folders of that content. Raises LookupError where it isn't there."""
    known = cache.read(name)
    if known is None:
        raise LookupError(name)
    return known
