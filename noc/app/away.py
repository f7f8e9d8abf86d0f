"""Says in the ledger for how long noc itself did not look, when it is started again.

The ledger calls unknown what grew stale meanwhile; this says of the moments in between what was known of them then.
"""

from __future__ import annotations

from collections.abc import Callable

from noc.clock import Clock
from noc.model.away import Away
from noc.model.instants import to_ms
from noc.state import checkpoint
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database
from noc.state.looked import NO_SIGN_MS


class LastSign:
    """A service that starts before anything judges. at_ms: when noc last gave a sign; None, where it never did."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.at_ms: int | None = None

    async def start(self) -> None:
        """Read it. Raises StateError."""
        async with self._database.read() as connection:
            self.at_ms = await checkpoint.written_ms(connection, CHECKPOINT)

    async def stop(self) -> None:
        """Nothing has to be done."""


class Back:
    """A service that starts behind all that judge what came of the time away. poller: who says so."""

    def __init__(self, sign: LastSign, clock: Clock, committer: Callable[[], Committer], poller: str) -> None:
        self._sign = sign
        self._clock = clock
        self._committer = committer
        self._entity = f"poller/{poller}"

    async def start(self) -> None:
        """Say for how long noc was away, where that was longer than a sign of life takes."""
        now_ms, since_ms = to_ms(self._clock.now()), self._sign.at_ms
        if since_ms is not None and now_ms - since_ms > NO_SIGN_MS:
            self._committer().put([Away(self._entity, since_ms, now_ms)])

    async def stop(self) -> None:
        """Nothing has to be done."""
