"""Private keys as text."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from typing import Final

import paramiko

from noc.model.reading import FailureKind
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
    text = login.private_key.reveal()
    passphrase = login.passphrase.reveal() if login.passphrase is not None else None
    kind = _kind(text)
    try:
        if kind is not None:
            return kind.from_private_key(io.StringIO(f"{text}\n"), passphrase)
        reason = "is not in OpenSSH's format, or of a kind that noc doesn't know (Ed25519, ECDSA and RSA it knows)"
    except paramiko.PasswordRequiredException:
        reason = "is encrypted; give its `passphrase`"
    except (paramiko.SSHException, ValueError, IndexError, TypeError):
        reason = "can't be read: it is damaged, or `passphrase` is not its own"
    # Not chained: some libraries quote the key in their messages.
    raise WireError(FailureKind.AUTH, f"{server}: the private key of user '{login.user}' {reason}") from None


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
