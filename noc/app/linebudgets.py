"""Byte budgets of circuits over which pollers reach the centre: such a line carries their link and the polls of others.

A group's `uplink` says over what its pollers reach everything. So their link crosses the circuits of the site where
that stands, and their own polls there don't: those who ask over such a circuit from elsewhere are the centre and other
groups. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from noc.app.pollersettings import PollerGroup, PollersSettings, Reach, reach_of
from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory

POLLS_KEEP: Final = 0.5
"""Of a circuit's budget, for polls, however much the links of pollers may take."""


@dataclass(frozen=True, slots=True)
class Line:
    """A circuit with a byte budget that links cross. budget, links: octets an hour; links: all of them together.

    groups: whose links, by name. unbounded: those of them without a budget. polled_by: who else asks over it.
    """

    circuit: Circuit
    budget: int
    links: int
    groups: tuple[str, ...]
    unbounded: tuple[str, ...]
    polled_by: tuple[str, ...]

    @property
    def polls(self) -> int:
        """Return what polls over it may take an hour."""
        return max(self.budget - self.links, int(self.budget * POLLS_KEEP)) if self.polled_by else 0


def lines(settings: PollersSettings, inventory: Inventory, pollers: Mapping[str, int], centre: str) -> Iterator[Line]:
    """Yield the circuits with a budget that links of pollers cross. pollers: how many are enrolled, by group.

    centre: what the centre is called. Each poller has the budget of its group for itself; a group counts for one at
    least.
    """
    if settings.broker is None:
        return
    crossed = {name: _crossed(group, inventory) for name, group in settings.groups.items()}
    reach = reach_of(settings, inventory)
    for circuit in inventory.circuits.values():
        groups = tuple(name for name, over in crossed.items() if circuit.id in over)
        if circuit.bytes_an_hour is None or not groups:
            continue
        budgets = {name: settings.groups[name].budget for name in groups}
        yield Line(
            circuit,
            circuit.bytes_an_hour,
            sum((budget or 0) * max(1, pollers.get(name, 0)) for name, budget in budgets.items()),
            groups,
            tuple(name for name, budget in budgets.items() if budget is None),
            tuple(_polled_by(reach, frozenset(one.id for one in inventory.devices_of(circuit.site)), groups, centre)),
        )


def beside_links(inventory: Inventory, found: Mapping[str, Line], group: str | None = None) -> Inventory:
    """Return an inventory whose circuits have the budgets that are left for polls.

    found: by circuit. group: whose polls; None: the centre's. What its own link crosses, its polls don't.
    """
    left = {name: line.polls for name, line in found.items() if line.polled_by and group not in line.groups}
    if not left:
        return inventory
    circuits = {
        name: one.model_copy(update={"budget": left[name], "byte_budget_per_hour": None}) if name in left else one
        for name, one in inventory.circuits.items()
    }
    return replace(inventory, circuits=circuits)


def _crossed(group: PollerGroup, inventory: Inventory) -> frozenset[str]:
    """Return the ids of the circuits over which a group's link may go: noc doesn't know which of several it takes."""
    found: set[str] = set()
    for entity in group.uplink:
        kind, _, name = entity.partition("/")
        if kind == "circuit":
            found |= {name} & inventory.circuits.keys()
        elif kind == "site":
            found |= {one.id for one in inventory.circuits_of(name)}
        elif kind == "device" and name in inventory.devices:
            over = inventory.circuits_of(inventory.devices[name].site)
            found |= {one.id for one in over if one.a is None or one.a.device == name}
    return frozenset(found)


def _polled_by(reach: Reach, there: frozenset[str], groups: tuple[str, ...], centre: str) -> Iterator[str]:
    """Yield who asks the devices of a circuit's site from beyond it."""
    if there - reach.elsewhere:
        yield centre
    for name, scope in reach.scopes.items():
        if name not in groups and there & scope:
            yield name
