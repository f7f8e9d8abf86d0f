"""Which host keys are trusted: those that people gave, and those that were accepted at the first log-in.

A key that is another than the known one is never accepted, whatever the policy.
"""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from noc.model.errors import InputError, NocError
from noc.model.finding import Finding
from noc.model.reading import FailureKind, HostKeyChange
from noc.settings.textfile import read_text
from noc.wire.errors import WireError
from noc.wire.ssh.knownhosts import HostKey, Known, KnownHosts, kinds, line_of
from noc.wire.ssh.refused import note

log = logging.getLogger(__name__)

HostKeyPolicy = Literal["accept-new", "strict"]
"""What happens to the key of a host that is not known: accepted and kept, or refused."""


def known_hosts_findings(path: Path) -> list[Finding]:
    """Return what is wrong with the lines of a known_hosts file. Raises InputError where it can't be read."""
    return KnownHosts().add(read_text(path), str(path))


class HostKeyChangedError(WireError):
    """A server shows another host key than the known one. change: both, as they may be told."""

    def __init__(self, name: str, known: Known, shown: HostKey) -> None:
        super().__init__(FailureKind.AUTH, _changed(name, shown, known))
        self.change = HostKeyChange(str(known.key), str(shown))


class HostKeyFileError(NocError):
    """Host keys can't be kept. That is no evidence of any device."""


@dataclass(frozen=True, slots=True)
class HostKeyFiles:
    """Where host keys are kept. learned: noc's own file, which it writes; given: people's, which it only reads."""

    learned: Path
    given: Path | None = None


class HostKeys:
    """Verifies host keys. For several threads at once; `load` before the first use."""

    def __init__(self, files: HostKeyFiles, policy: HostKeyPolicy) -> None:
        self._files = files
        self._policy = policy
        self._lock = threading.Lock()
        self._known = KnownHosts()
        self._seen: tuple[object, ...] = ()
        self._learned_lines = 0

    def load(self) -> None:
        """Read both files. Raises InputError with all that is wrong with them, HostKeyFileError."""
        with self._lock:
            self._load()

    def kinds_of(self, name: str) -> tuple[str, ...]:
        """Return the kinds of key that are known of a host, to be asked for first.

        Raises InputError when a file was changed since and is wrong now, HostKeyFileError.
        """
        with self._lock:
            self._refresh()
            return tuple(kinds(self._known.of(name)))

    def verify(self, name: str, key: HostKey) -> None:
        """Accept the key that a host has shown.

        name: as known_hosts files write it. Raises WireError (auth) for a key that is not to be trusted, InputError
        when a file was changed since and is wrong now, HostKeyFileError when a new key can't be kept.
        """
        with self._lock:
            self._refresh()
            if not self._trusts(name, key):
                self._take_new(name, key)

    def _refresh(self) -> None:
        """Read the files again where somebody has changed them, as to take an old key out."""
        if self._signature() != self._seen:
            self._load()

    def _trusts(self, name: str, key: HostKey) -> bool:
        revoked = self._known.revoked.get(key)
        if revoked is not None:
            where = f"{revoked.file}:{revoked.line}"
            raise WireError(
                FailureKind.AUTH, f"{name}: its host key {key} is revoked by {where}; nothing was sent to it"
            )
        return any(known.key == key for known in self._known.of(name))

    def _take_new(self, name: str, key: HostKey) -> None:
        others = self._known.of(name)
        if others:
            note(self._files.learned, name, key)
            raise HostKeyChangedError(name, others[0], key)
        if self._policy == "strict":
            file = self._files.given or self._files.learned
            reason = (
                f"its host key {key} is not known, and `host_keys: strict` is set; compare it with the device's own"
            )
            raise WireError(FailureKind.AUTH, f"{name}: {reason}, then add it to {file}")
        self._keep(name, key)
        log.info("host key of %s accepted at the first log-in: %s", name, key)

    def _keep(self, name: str, key: HostKey) -> None:
        path = self._files.learned
        line = line_of(name, key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)
            with path.open("ab") as file:
                file.write(f"{line}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise HostKeyFileError(f"the host key of {name} can't be kept in {path}: {_why(error)}") from error
        self._learned_lines += 1
        self._known.named.setdefault(name, []).append(Known(key, str(path), self._learned_lines))
        self._seen = self._signature()

    def _load(self) -> None:
        self._seen = self._signature()
        fresh = KnownHosts()
        findings = []
        if self._files.given is not None:
            findings += fresh.add(read_text(self._files.given), str(self._files.given))
        learned = ""
        if self._files.learned.exists():
            _mend(self._files.learned)
            learned = read_text(self._files.learned)
            findings += fresh.add(learned, str(self._files.learned))
        if findings:
            raise InputError(findings)
        self._known, self._learned_lines = fresh, learned.count("\n")

    def _signature(self) -> tuple[object, ...]:
        return tuple(_stat(path) for path in (self._files.given, self._files.learned))


def _changed(name: str, key: HostKey, known: Known) -> str:
    return (
        f"{name}: its host key has changed: {known.file}:{known.line} has {known.key}, the device shows {key}. Was it "
        "replaced or reinstalled? Then take the new key with `noc ssh accept`. If not, somebody may stand in between. "
        "Nothing was sent"
    )


def _mend(path: Path) -> None:
    """Finish the last line of noc's own file: an editor may have left out its end, a crash more than that."""
    try:
        with path.open("r+b") as file:
            raw = file.read()
            tail = raw[raw.rfind(b"\n") + 1 :]
            if tail and not KnownHosts().add(tail.decode(errors="replace"), str(path)):
                file.write(b"\n")
            elif tail:
                log.warning("%s: its last line was not written whole and is taken out", path)
                file.truncate(len(raw) - len(tail))
    except OSError as error:
        raise HostKeyFileError(f"{path}, where noc keeps host keys, can't be opened: {_why(error)}") from error


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _stat(path: Path | None) -> tuple[int, int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
