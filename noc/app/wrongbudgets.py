"""What `noc check` finds wrong with byte budgets: those that can't even hold the liveness of their devices."""

from __future__ import annotations

from collections.abc import Iterator

from noc.inventory.inventory import Inventory
from noc.model.finding import Finding
from noc.scheduling.budgets import limits_of, liveness_an_hour
from noc.scheduling.plan import checks


def wrong_budgets(inventory: Inventory, where: str) -> Iterator[Finding]:
    """Yield a warning for each budget that stretches liveness. where: the inventory's folder, for messages."""
    limits = dict(limits_of(inventory))
    needed = liveness_an_hour(inventory, checks(inventory)) if limits else {}
    for holder, limit in limits.items():
        if needed.get(holder, 0) > limit:
            kind, _, key = holder.partition("/")
            message = (
                f"{kind} '{key}': its budget of {limit} bytes an hour is less than liveness alone takes there, about"
                f" {needed[holder]}: devices will be unknown at times; make `interval` longer, or the budget larger"
            )
            yield Finding(where, 0, 0, "warning", message)
