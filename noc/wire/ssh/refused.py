"""Host keys that were shown and refused, because another is known: kept so that a person can accept one.

They stand beside noc's own known_hosts, in `refused_hosts`, in the same format; the newest of each server.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import Final

from noc.model.errors import InputError, NocError, UsageError
from noc.settings.textfile import read_text
from noc.wire.ssh.knownhosts import HostKey, Known, KnownHosts, line_of

log = logging.getLogger(__name__)

FILE: Final = "refused_hosts"


class AcceptError(NocError):
    """The files of host keys can't be written."""


def note(learned: Path, name: str, key: HostKey) -> None:
    """Keep a key that was refused. learned: noc's own known_hosts, beside which it is kept."""
    path = learned.with_name(FILE)
    try:
        kept = _lines(path, without=name)
        line = line_of(name, key)
        if path.exists() and line in path.read_text().splitlines():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, [*kept, line])
    except OSError as error:  # it is a help, not what decides
        log.warning("%s: the host key that %s shows can't be kept there: %s", path, name, error)


def refused(learned: Path, name: str) -> HostKey | None:
    """Return the key that a server showed last and that was refused. Raises InputError where the file is damaged."""
    path = learned.with_name(FILE)
    if not path.exists():
        return None
    known, found = KnownHosts(), path.read_text(errors="replace")
    findings = known.add(found, str(path))
    if findings:
        raise InputError(findings)
    shown = known.of(name)
    return shown[-1].key if shown else None


def accept(learned: Path, given: Path | None, name: str, fingerprint: str | None = None) -> tuple[list[Known], HostKey]:
    """Make the key that a server showed last the known one; return the old ones and the new.

    fingerprint: `SHA256:…` that it must have. Raises UsageError where there is nothing to accept, InputError where a
    file is damaged, AcceptError.
    """
    key = refused(learned, name)
    if key is None:
        raise UsageError(f"{name} has shown no other host key than the known one; there is nothing to accept")
    if fingerprint is not None and fingerprint not in (key.fingerprint, str(key)):
        raise UsageError(f"{name} shows {key}, and not {fingerprint}; nothing was accepted")
    known = KnownHosts()
    for path in (given, learned):
        if path is not None and path.exists():
            known.add(read_text(path), str(path))
    old = known.of(name)
    theirs = [entry for entry in old if given is not None and entry.file == str(given)]
    if theirs:
        raise UsageError(
            f"the known key of {name} stands in your own file, {theirs[0].file}:{theirs[0].line}; change it there to: "
            f"{line_of(name, key)}"
        )
    try:
        learned.parent.mkdir(parents=True, exist_ok=True)
        _replace(learned, [*_lines(learned, without=name), line_of(name, key)])
        path = learned.with_name(FILE)
        _replace(path, _lines(path, without=name))
    except OSError as error:
        raise AcceptError(f"{learned}: {(error.strerror or str(error)).lower()}") from error
    return old, key


def _lines(path: Path, without: str) -> list[str]:
    if not path.exists():
        return []
    lines = path.read_text(errors="replace").splitlines()
    return [line for line in lines if line.strip() and without not in line.split(maxsplit=1)[0].split(",")]


def _replace(path: Path, lines: list[str]) -> None:
    """Write a file anew, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"))  # noqa: PTH123
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
