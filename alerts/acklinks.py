"""Links with which one person acknowledges one incident without logging in: signed, for a time, good once.

A link names a notice, which says whose it is. Its mark is an HMAC (RFC 2104) over the notice, its key and the time at
which the link ends, under a secret that never leaves the folder of the state: nobody can make one, or make one last
longer. That it is good once stands in the notice's row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.model.errors import UsageError
from noc.model.incident import Notice

PREFIX: Final = "/a/"
KEY_FILE: Final = "ack-links.key"
KEY_BYTES: Final = 32
MARK_BYTES: Final = 16
SECOND_MS: Final = 1_000
_TOKEN: Final = re.compile(r"([0-9]{1,15})\.([0-9a-f]{1,10})\.([A-Za-z0-9_-]{22})\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """What a link says. notice: its number. until_s: seconds of the Unix epoch."""

    notice: int
    until_s: int
    mark: str


class AckLinks:
    """Makes and reads links. folder: of the state; the secret is made there at the first start.

    lives_ms: how long a link is good; None: none is made, and none is good.
    """

    def __init__(self, folder: Path, lives_ms: int | None) -> None:
        self._folder = folder
        self._key: bytes | None = None
        self.lives_ms = lives_ms

    def path(self, notice: Notice, now_ms: int) -> str:
        """Return the path of the link of a notice, from noc's base URL. Raises UsageError, as `load`."""
        until_s = (now_ms + (self.lives_ms or 0)) // SECOND_MS
        return f"{PREFIX}{notice.id}.{until_s:x}.{self._mark(notice, until_s)}"

    def is_good(self, token: Token, notice: Notice, now_ms: int) -> bool:
        """Tell whether a link was made here for this notice, and has not ended. Raises UsageError, as `load`."""
        right = hmac.compare_digest(self._mark(notice, token.until_s), token.mark)
        return right and self.lives_ms is not None and now_ms < token.until_s * SECOND_MS

    def load(self) -> bytes:
        """Return the secret, made if there is none. Raises UsageError where the file can't be used."""
        if self._key is None:
            self._key = key_of(self._folder / KEY_FILE)
        return self._key

    def _mark(self, notice: Notice, until_s: int) -> str:
        # The key of the notice holds when its incident opened: after a restored backup a number may come again.
        said = f"acknowledge\n{notice.id}\n{notice.key}\n{until_s}".encode()
        digest = hmac.new(self.load(), said, hashlib.sha256).digest()[:MARK_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def read(text: str) -> Token | None:
    """Return what the last part of a link's path says; None where it is no link."""
    found = _TOKEN.match(text)
    return None if found is None else Token(int(found[1]), int(found[2], 16), found[3])


def key_of(file: Path) -> bytes:
    """Return the secret that signs links, made if there is none. Raises UsageError where the file can't be used."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as made:
            made.write(secrets.token_bytes(KEY_BYTES))
            made.flush()
            os.fsync(made.fileno())
    except FileExistsError:
        pass
    except OSError as error:
        raise UsageError(f"{file}: the secret of links can't be written: {(error.strerror or '').lower()}") from error
    try:
        key = file.read_bytes()
        is_open = bool(file.stat().st_mode & 0o077)
    except OSError as error:
        raise UsageError(f"{file}: the secret of links can't be read: {(error.strerror or '').lower()}") from error
    if is_open:
        raise UsageError(f"{file}: others may read the secret of links: chmod 600, or delete it and links end with it")
    if len(key) != KEY_BYTES:
        raise UsageError(
            f"{file}: {len(key)} bytes are no secret of links: delete it; links that were sent end with it"
        )
    return key
