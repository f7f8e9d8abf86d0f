"""Keeps what figures are made by: the inventory's upstreams, edge devices, weights and dates, as a policy file.

At the start, and after a reload that changed it, the file is kept beside the ledger and its digest written into the
chain: what the inventory said at a time can't be changed later without a trace.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from noc.availability.policy import Policy
from noc.availability.policyfile import parse_policy
from noc.availability.policytext import policy_text
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError
from noc.model.instants import to_ms
from noc.pipeline.policy import availability_policy
from noc.service import Rounds
from noc.state import policies
from noc.state.committer import Committer
from noc.state.database import Database, StateError, Transaction

DAY_S: Final = 86_400.0
READ_AT_MOST: Final = 2
"""Policies that once held and stay in memory."""


class PoliciesKept:
    """Gives the policies that once held. Those that were read last stay in memory: of 20,303 devices it takes 3 s."""

    def __init__(self) -> None:
        self._read: OrderedDict[str, Policy] = OrderedDict()

    async def at(self, connection: Transaction, known: int, now: Policy) -> Policy:
        """Return the policy that held when record `known` was written; `now`, that of now, where none was kept yet.

        Raises StateError.
        """
        try:
            digest = await policies.digest_at(connection, known)
            if digest is None:
                return now
            if digest not in self._read:
                text = await policies.text_of(connection, digest)
                self._read[digest] = await asyncio.to_thread(_read_again, digest, text, now)
        except (ValueError, InputError) as error:
            raise StateError(
                f"what figures were made by at record {known} can't be read: {error}; run `noc ledger verify`"
            ) from error
        self._read.move_to_end(digest)
        while len(self._read) > READ_AT_MOST:
            self._read.popitem(last=False)
        return self._read[digest]


async def policy_of(connection: Transaction, inventory: Inventory, known: int | None) -> Policy:
    """Return what figures are made by: as of now, or as a record of the ledger knew it. Raises StateError."""
    now = availability_policy(inventory)
    return now if known is None else await PoliciesKept().at(connection, known, now)


def _read_again(digest: str, text: str | None, now: Policy) -> Policy:
    """Return a policy that was kept. Raises ValueError and InputError."""
    if text is None:
        raise ValueError(f"the policy {digest} is gone")
    # To write one is much less work than to read one, and most often it is the same.
    return now if policy_text(now, whole=True) == text else parse_policy(text, "the policy of the ledger").policy


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
        self._of: tuple[Inventory, str] | None = None

    def digest_of(self, inventory: Inventory) -> str | None:
        """Return the digest of what an inventory makes of the policy; None where that isn't worked out yet."""
        return self._of[1] if self._of is not None and self._of[0] is inventory else None

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
        text = await asyncio.to_thread(lambda: policy_text(availability_policy(inventory), whole=True))
        digest = policies.digest_of(text)
        if digest != self._digest:
            self._committer().put_kept(policies.kept(text, since_ms, self._entity))
            self._digest = digest
        self._of = inventory, digest
        return DAY_S
