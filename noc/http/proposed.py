"""What people decide about a proposal of discovery on pages and by the API: to ignore it, and to take that back."""

from __future__ import annotations

from noc.http.problems import not_found
from noc.http.scope import Scope
from noc.inventory.inventory import Inventory
from noc.model.discovery import Proposal, ProposalState
from noc.model.errors import ConflictError
from noc.state import proposals
from noc.state.database import Transaction


def may_see(one: Proposal, inventory: Inventory, seen: Scope) -> bool:
    """Return whether a caller may see a proposal: what stands nowhere yet is for those who see all."""
    return seen.everything or (one.found.site is not None and seen.sees(inventory, f"site/{one.found.site}"))


def is_open(one: Proposal, inventory: Inventory) -> bool:
    """Return whether a new proposal is still one: what the inventory has got meanwhile is none."""
    return one.state != "new" or not any(inventory.device_at(address) for address in one.found.addresses)


async def proposal(connection: Transaction, inventory: Inventory, seen: Scope, number: int) -> Proposal:
    """Return a proposal. Raises ProblemError (404) where there is none, or it may not be seen."""
    found = (await proposals.get(connection, [number])).get(number)
    if found is None or not may_see(found, inventory, seen):
        raise not_found(f"proposal {number}")
    return found


async def ignore(connection: Transaction, found: Proposal, who: str, now_ms: int) -> None:
    """Propose a device no more, also not at another address. Raises ConflictError where it isn't new."""
    await _decide(connection, found, "new", "ignored", who, now_ms)


async def propose_again(connection: Transaction, found: Proposal, who: str, now_ms: int) -> None:
    """Take back that a device is ignored. Raises ConflictError where it isn't."""
    await _decide(connection, found, "ignored", "new", who, now_ms)


async def _decide(
    connection: Transaction, found: Proposal, before: ProposalState, after: ProposalState, who: str, now_ms: int
) -> None:
    if found.state == "accepted":
        raise ConflictError(f"proposal {found.id} is in the inventory, as device '{found.device}'")
    if found.state != before:
        said = "is ignored already" if before == "new" else "isn't ignored"
        raise ConflictError(f"proposal {found.id} {said}")
    await proposals.decide(connection, found.id, after, who, now_ms)
