"""The text of known_hosts files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): names of hosts and their keys.

Read are plain and hashed names and `@revoked`. Patterns and `@cert-authority` are refused rather than misread: a line
that seems to hold for a host and doesn't would let a wrong key pass as a new one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from noc.model.finding import Finding

_REVOKED: Final = "@revoked"
_PATTERN_CHARACTERS: Final = frozenset("*?!")


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key. kind: as in `ssh-ed25519`. blob: as it goes over the wire (RFC 4253, section 6.6)."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint as ssh-keygen shows it: `SHA256:…`."""
        digest = hashlib.sha256(self.blob).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}"


@dataclass(frozen=True, slots=True)
class Known:
    """A key that is known of a host, and the line that says so."""

    key: HostKey
    file: str
    line: int


def host_name(address: str, port: int) -> str:
    """Return the name of a server as known_hosts files write it: `[192.0.2.1]:2222`, or bare for port 22."""
    return address if port == 22 else f"[{address}]:{port}"


def line_of(name: str, key: HostKey) -> str:
    """Return the line that makes a key known, without a line end."""
    return f"{name} {key.kind} {base64.b64encode(key.blob).decode()}"


@dataclass(slots=True)
class KnownHosts:
    """What one or more files say."""

    named: dict[str, list[Known]] = field(default_factory=dict)
    hashed: list[tuple[bytes, bytes, Known]] = field(default_factory=list)
    revoked: dict[HostKey, Known] = field(default_factory=dict)

    def of(self, name: str) -> list[Known]:
        """Return the keys of a host."""
        text = name.encode()
        hashed = [known for salt, digest, known in self.hashed if hmac.digest(salt, text, "sha1") == digest]
        return [*self.named.get(name, ()), *hashed]

    def add(self, text: str, file: str, first_line: int = 1) -> list[Finding]:
        """Take in the text of a file; return what is wrong with it."""
        findings = []
        for number, line in enumerate(text.split("\n"), first_line):
            if line.strip() and not line.lstrip().startswith("#"):
                try:
                    self._add_line(line.split(), file, number)
                except ValueError as error:
                    findings.append(Finding(file, number, 1, "error", str(error)))
        return findings

    def _add_line(self, words: list[str], file: str, number: int) -> None:
        is_revoked = words[0] == _REVOKED
        if words[0].startswith("@") and not is_revoked:
            raise ValueError(f"noc doesn't verify {words[0]} lines; write the host's own key")
        names, kind, encoded, *_ = (*words[is_revoked:], "", "", "")
        if not encoded:
            raise ValueError("not a line of known_hosts; write NAME TYPE KEY, as ssh-keyscan does")
        known = Known(_key(kind, encoded), file, number)
        if is_revoked:
            self.revoked[known.key] = known
            return
        for name in names.split(","):
            self._add_name(name, known)

    def _add_name(self, name: str, known: Known) -> None:
        if name.startswith("|"):
            self.hashed.append((*_hash(name), known))
        elif not _PATTERN_CHARACTERS.isdisjoint(name) or not name:
            raise ValueError(f"'{name}' is a pattern; noc takes addresses only, as 192.0.2.1 or [192.0.2.1]:2222")
        else:
            self.named.setdefault(name.lower(), []).append(known)


def kinds(known: Iterable[Known]) -> Iterator[str]:
    """Yield the kinds of the keys, each once."""
    yield from dict.fromkeys(entry.key.kind for entry in known)


def _key(kind: str, encoded: str) -> HostKey:
    blob = _decoded(encoded) or b""
    fields = list(_fields(blob))
    if len(fields) < 2 or fields[0] != kind.encode():
        raise ValueError("the key is damaged, or of another type than the line says; copy it again from the host")
    return HostKey(kind, blob)


def _fields(blob: bytes) -> Iterator[bytes]:
    """Yield the strings that a key consists of; none at all where they don't end with it, as in a torn line."""
    start, found = 0, []
    while start + 4 <= len(blob):
        end = start + 4 + int.from_bytes(blob[start : start + 4])
        found.append(blob[start + 4 : end])
        start = end
    if start == len(blob):
        yield from found


def _hash(name: str) -> tuple[bytes, bytes]:
    parts = name.split("|")
    salt, digest = (_decoded(part) for part in parts[2:]) if len(parts) == 4 else (None, None)
    if parts[1] != "1" or salt is None or digest is None:
        raise ValueError("the hashed name is damaged; write the address")
    return salt, digest


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
