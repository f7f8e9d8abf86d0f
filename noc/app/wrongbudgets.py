"""What `noc check` finds wrong with byte budgets: those that can't hold what is to go over their line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from noc.app.linebudgets import Line
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


def wrong_lines(found: Iterable[Line], where: str) -> Iterator[Finding]:
    """Yield a warning for each circuit over which links of pollers, with the polls of others, may take too much."""
    for line in found:
        name = f"circuit '{line.circuit.id}'"
        for group in line.unbounded:
            message = (
                f"{name}: its budget is {line.budget} bytes an hour, and the link of poller group '{group}' crosses it"
                f" without a bound: give pollers.groups.{group} a `budget`"
            )
            yield Finding(where, 0, 0, "warning", message)
        if line.links + line.polls > line.budget:
            polls = f", and polls by {', '.join(line.polled_by)} {line.polls}" if line.polled_by else ""
            message = (
                f"{name}: links of poller group {', '.join(line.groups)} may take {line.links} bytes an hour{polls}:"
                f" more than its budget of {line.budget}; make the groups' `budget` smaller, or the circuit's larger"
            )
            yield Finding(where, 0, 0, "warning", message)
