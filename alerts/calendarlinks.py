"""Addresses at which calendar programs read shifts: these can't log in, so that the address itself is signed.

The mark is an HMAC (RFC 2104) over whose shifts they are, under the secret of links (alerts/acklinks.py). It has no
end, as a calendar that stops is a shift that is missed; who was taken out of the settings has no calendar any more, and
without the file of the secret all addresses are others.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import quote

from alerts.acklinks import KEY_FILE, MARK_BYTES, key_of

PREFIX: Final = "/calendars/"
Whose = Literal["schedule", "person"]
WHOSE: Final[tuple[Whose, ...]] = get_args(Whose)


class CalendarLinks:
    """Makes and tests addresses. folder: of the state; the secret is read, or made, at the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key: bytes | None = None

    def path(self, whose: Whose, name: str) -> str:
        """Return the path of the calendar of a schedule or a person, by its key. Raises UsageError, as `key_of`."""
        return f"{PREFIX}{whose}/{quote(name, safe='')}/{self._mark(whose, name)}.ics"

    def is_good(self, whose: Whose, name: str, mark: str) -> bool:
        """Tell whether an address was made here. Raises UsageError, as `key_of`."""
        return hmac.compare_digest(self._mark(whose, name).encode(), mark.encode())

    def _mark(self, whose: Whose, name: str) -> str:
        if self._key is None:
            self._key = key_of(self._folder / KEY_FILE)
        digest = hmac.new(self._key, f"calendar\n{whose}\n{name}".encode(), hashlib.sha256).digest()[:MARK_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
