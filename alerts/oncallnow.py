"""Policies with what people changed about who is on call, read again from the database when they changed it."""

from __future__ import annotations

from typing import Final

from alerts.changes import Changes, ChangesTold, nothing
from alerts.escalation import Ladder, ladder_of
from alerts.oncall import DAY_MS
from alerts.oncalltargets import Directory
from alerts.policies import AlertSettings
from noc.state import handovers, overrides
from noc.state.database import Transaction

BACK_MS: Final = 62 * DAY_MS
"""What is longer ago changes no call any more."""


async def known(connection: Transaction, directory: Directory, now_ms: int) -> Directory:
    """Return a directory that knows the overrides and hand-overs of the database."""
    after_ms = now_ms - BACK_MS
    return directory.knowing(await overrides.near(connection, after_ms), await handovers.near(connection, after_ms))


class Policies:
    """Policies by name, with everything looked up, as far as it doesn't depend on the moment.

    told: what people changed at another noc, instead of what the database knows.
    """

    def __init__(self, settings: AlertSettings) -> None:
        self._directory = Directory.of(settings)
        self._ladders: dict[str, Ladder | None] = {}
        self._version: tuple[int, ...] = ()
        self._looked_ms: int | None = None
        self._changes: Changes | None = None
        self.told: ChangesTold = nothing

    def replace(self, settings: AlertSettings) -> None:
        """Go on with other settings."""
        self._directory, self._version, self._looked_ms = Directory.of(settings), (), None
        self._changes = None
        self._ladders.clear()

    async def ladder(self, connection: Transaction, policy: str, now_ms: int) -> Ladder | None:
        """Return a policy, knowing what people changed by now; empty for the default one; None: there is none."""
        found = self._found(policy)
        if found is None or not any(rung.varies for rung in found.rungs):
            return found
        await self.directory(connection, now_ms)
        return self._found(policy)

    async def directory(self, connection: Transaction, now_ms: int) -> Directory:
        """Return whom names mean, knowing what people changed by now."""
        changes = self.told()
        if changes is not None:
            if changes is not self._changes:
                self._changes, self._version = changes, ()
                self._directory = self._directory.knowing(changes.overrides, changes.handovers)
                self._ladders.clear()
            return self._directory
        # What is decided at one moment is decided by one knowledge, and asks once, however much it is.
        version = self._version if now_ms == self._looked_ms else await overrides.version(connection)
        self._looked_ms = now_ms
        if version != self._version:
            self._directory = await known(connection, self._directory, now_ms)
            self._ladders.clear()
            self._version = version
        return self._directory

    def _found(self, policy: str) -> Ladder | None:
        if policy not in self._ladders:
            self._ladders[policy] = ladder_of(self._directory, policy or None)
        return self._ladders[policy]
