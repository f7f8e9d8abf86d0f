"""Private keys as text."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import paramiko

from noc.model.reading import FailureKind
from noc.settings.secrets import Secret
from noc.wire.errors import WireError
from noc.wire.ssh.request import SshLogin

# PEM files name their kind in the first line; OpenSSH's own format holds the public key, unencrypted, near its start.
_HEADERS: Final[Mapping[str, type[paramiko.PKey]]] = {
    "RSA PRIVATE KEY": paramiko.RSAKey,
    "EC PRIVATE KEY": paramiko.ECDSAKey,
}
_NAMES: Final[Mapping[bytes, type[paramiko.PKey]]] = {
    b"ssh-ed25519": paramiko.Ed25519Key,
    b"ecdsa-sha2-": paramiko.ECDSAKey,
    b"ssh-rsa": paramiko.RSAKey,
}
_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----\s+(.*?)\s*-----END \1-----", re.DOTALL)


def private_key(server: str, login: SshLogin) -> paramiko.PKey | None:
    """Return the private key of a log-in, None where it has none.

    Raises WireError (auth) for one that can't be read; the sentence holds nothing of the key.
    """
    if login.private_key is None:
        return None
    try:
        return _read(login.private_key, login.passphrase)
    except _UnreadableError as error:
        # Not chained: some libraries quote the key in their messages.
        reason = f"{server}: the private key of user '{login.user}' {error}"
        raise WireError(FailureKind.AUTH, reason) from None


class _UnreadableError(Exception):
    """Why a key can't be read, in words that follow on its name."""


@lru_cache(maxsize=64)
def _read(key: Secret, passphrase: Secret | None) -> paramiko.PKey:
    """Read a key once for all devices that it opens: a passphrase takes a tenth of a second and more."""
    text = key.reveal()
    kind = _kind(text)
    if kind is None:
        raise _UnreadableError("is not in OpenSSH's format, or of a kind that noc doesn't know (Ed25519, ECDSA, RSA)")
    try:
        return kind.from_private_key(io.StringIO(f"{text}\n"), passphrase.reveal() if passphrase else None)
    except paramiko.PasswordRequiredException:
        raise _UnreadableError("is encrypted; give its `passphrase`") from None
    except (paramiko.SSHException, ValueError, IndexError, TypeError, AssertionError):  # all seen of damaged keys
        raise _UnreadableError("can't be read: it is damaged, or `passphrase` is not its own") from None


def _kind(text: str) -> type[paramiko.PKey] | None:
    block = _BLOCK.search(text)
    if block is None:
        return None
    if block[1] in _HEADERS:
        return _HEADERS[block[1]]
    try:
        raw = base64.b64decode("".join(block[2].split()))
    except binascii.Error:
        return None
    found = {raw.find(name): kind for name, kind in _NAMES.items() if name in raw}
    return found[min(found)] if found else None
