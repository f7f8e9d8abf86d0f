"""What has to be read again and is not to be seen: secrets of one-time codes, sealed by a key beside the database.

So a copy of the database alone, in a backup or a support case, gives nobody a code.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from noc.model.errors import UsageError

KEY_FILE: Final = "accounts.key"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Vault:
    """Seals and opens. folder: of the state; the key is made there when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / KEY_FILE
        self._fernet: Fernet | None = None

    def sealed(self, text: str) -> bytes:
        """Return a text sealed. Raises UsageError where the key can't be used."""
        return self._key().encrypt(text.encode())

    def opened(self, octets: bytes | str) -> str:
        """Return a sealed text. Raises UsageError where the key is another, or can't be used."""
        try:
            return self._key().decrypt(octets).decode()
        except InvalidToken:
            raise UsageError(
                f"{self._file}: this isn't the key that codes were sealed with; bring the right one back, "
                "or have people set up their codes anew: noc account reset NAME"
            ) from None

    def _key(self) -> Fernet:
        if self._fernet is None:
            self._fernet = self._loaded()
        return self._fernet

    def _loaded(self) -> Fernet:
        try:
            with os.fdopen(os.open(self._file, _NEW, 0o600), "wb") as made:
                made.write(Fernet.generate_key())
                made.flush()
                os.fsync(made.fileno())
        except FileExistsError:
            pass
        except OSError as error:
            raise UsageError(f"{self._file}: can't be written: {(error.strerror or '').lower()}") from error
        try:
            if self._file.stat().st_mode & 0o077:
                raise UsageError(f"{self._file}: others may read it: chmod 600")
            return Fernet(self._file.read_bytes())
        except OSError as error:
            raise UsageError(f"{self._file}: can't be read: {(error.strerror or '').lower()}") from error
        except ValueError as error:
            raise UsageError(f"{self._file}: this is no key; bring the right one back") from error
