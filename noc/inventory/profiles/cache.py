"""The cache of compiled profiles: a file of JSON in the user's cache folder, by what it was made of.

Its name is a hash over the files of the profiles, and over the code that compiles them: one that doesn't fit is never
looked at. It is a copy that can be thrown away at any time: where it can't be read or written, it does without a word.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.written import Profiles, document_of

log = logging.getLogger(__name__)

KEPT: Final = 4
"""Files that are kept, the newest: one for each set of folders, and some of before."""

_AT_MOST: Final = 64 * 2**20
_CODE: Final = ("inventory", "settings", "model")
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def folder() -> Path | None:
    """Return where caches are: systemd's CACHE_DIRECTORY, XDG_CACHE_HOME, or ~/.cache; None where there is no place.

    Source: the XDG Base Directory Specification; a path that isn't absolute is passed over.
    """
    given = os.environ.get("CACHE_DIRECTORY", "").partition(":")[0] or os.environ.get("XDG_CACHE_HOME", "")
    try:
        place = Path(given) if given.startswith("/") else Path.home() / ".cache"
    except RuntimeError:
        return None
    return place / "noc"


def name_of(contents: Iterable[tuple[str, bytes]]) -> str:
    """Return the name of the file for profiles that were made of these contents."""
    found = hashlib.blake2b(_code(), digest_size=16)
    for path, content in contents:
        found.update(f"{path}\0{len(content)}\0".encode(errors="surrogateescape"))
        found.update(content)
    return f"profiles-{found.hexdigest()}.json"


@cache
def _code() -> bytes:
    """Return a hash over the code that makes of files what is kept."""
    found, noc = hashlib.blake2b(digest_size=16), Path(__file__).parents[2]
    for path in sorted(path for part in _CODE for path in (noc / part).rglob("*.py")):
        found.update(path.read_bytes())
    return found.digest()


def read(name: str) -> Profiles | None:
    """Return the profiles of a file; None where there is none that can be trusted: ours alone to write, and whole."""
    place = folder()
    if place is None:
        return None
    try:
        with open(place / name, "rb", opener=_no_link) as file:
            known = os.fstat(file.fileno())
            if known.st_uid != os.geteuid() or known.st_mode & _OTHERS_WRITE or known.st_size > _AT_MOST:
                return None
            digest, _, body = file.read().partition(b"\n")
        return Profiles(json.loads(body)) if digest == _digest(body) else None
    except OSError:
        return None


def write(name: str, profiles: Mapping[str, Profile]) -> None:
    """Keep profiles in a file; what is older than the newest few goes."""
    place = folder()
    if place is None:
        return
    body = json.dumps(document_of(profiles), separators=(",", ":")).encode()
    temporary: str | None = None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".profiles-", dir=place)  # for its owner alone
        with os.fdopen(handle, "wb") as file:
            file.write(_digest(body) + b"\n" + body)
        Path(temporary).replace(place / name)
        files = sorted(place.glob("profiles-*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files[KEPT:]:
            path.unlink(missing_ok=True)
    except OSError as error:
        log.debug("profiles are not kept in %s: %s", place, error)
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink(missing_ok=True)


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).hexdigest().encode()
