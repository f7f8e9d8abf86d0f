"""What is said of a store when somebody looks whether it is right, or makes it so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from noc.settings.secrets import Secret

Level = Literal["ok", "made", "warning", "error", "unreachable"]
"""made: it wasn't there and is now. unreachable: nothing more can be looked at."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at, in a word or two, and a sentence on it: what is wrong, what to do."""

    what: str
    level: Level
    said: str


@runtime_checkable
class Checkable(Protocol):
    """A store with a server that can be looked at: by writing, reading back, and asking how long numbers are kept."""

    def check(self) -> AsyncIterator[Look]:
        """Yield what was looked at, in order. Is called between `start` and `stop`."""
        ...


@runtime_checkable
class Preparable(Protocol):
    """A store with a server on which databases can be made."""

    def prepare(self, admin: Secret | None) -> AsyncIterator[Look]:
        """Make what is missing, and yield it; change nothing that is there. admin: a log-in that may do so.

        Raises StoreError.
        """
        ...

    async def make_token(self, admin: Secret | None) -> Secret:
        """Return a new log-in that may read and write our numbers and nothing else. Raises StoreError, UsageError."""
        ...
