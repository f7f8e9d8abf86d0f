"""Keeps what figures are made by: the inventory's upstreams, edge devices, weights and dates, as a policy file.

At the start, and after a reload that changed it, the file is kept beside the ledger and its digest written into the
chain: what the inventory said at a time can't be changed later without a trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from noc.availability.policytext import policy_text
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.pipeline.policy import availability_policy
from noc.service import Rounds
from noc.state import policies
from noc.state.committer import Committer
from noc.state.database import Database

DAY_S: Final = 86_400.0


class PolicyKept:
    """A service. inventory: as it is now. committer: gives who writes. poller: who read the inventory."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        inventory: Callable[[], Inventory],
        committer: Callable[[], Committer],
        poller: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._inventory = inventory
        self._committer = committer
        self._entity = f"poller/{poller}"
        self._rounds = Rounds(clock, "policy", self._round)
        self._digest: str | None = None

    async def start(self) -> None:
        """Write the policy where it is another than before the restart."""
        async with self._database.read() as connection:
            self._digest = await policies.last_digest(connection, self._entity)
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    def replace(self) -> None:
        """Look again: the inventory is another one. Returns at once."""
        self._rounds.wake()

    async def _round(self) -> float:
        since_ms, inventory = to_ms(self._clock.now()), self._inventory()
        text = await asyncio.to_thread(lambda: policy_text(availability_policy(inventory)))
        digest = policies.digest_of(text)
        if digest != self._digest:
            self._committer().put_kept(policies.kept(text, since_ms, self._entity))
            self._digest = digest
        return DAY_S
