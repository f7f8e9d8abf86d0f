"""How the network stands, from the state database alone: for `noc status`, whether the daemon runs or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from noc.app.figures import Figures
from noc.app.objectives import Objectives
from noc.availability.entities import kind_of
from noc.availability.objectives import BURN_MS, NETWORK, Standing, Targets, worst_first
from noc.availability.periods import Named
from noc.availability.standings import Standings
from noc.availability.target import Verdict
from noc.availability.timeline import BAD, State
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.incident import Incident
from noc.model.instants import from_ms, to_ms
from noc.state import checkpoint, incidents, ledger
from noc.state.committer import CHECKPOINT
from noc.state.database import Database
from noc.state.ledger import Record

COUNTED: Final = ("site", "device", "circuit", "endpoint", "service")
WORST: Final = 10
_WIDE: Final = (NETWORK, "region")
_NARROW: Final = ("site", "circuit", "service")
"""Kinds whose objectives are looked at one by one."""

Row = tuple[str, Standing]


@dataclass(frozen=True, slots=True)
class Overall:
    """How the network stands.

    known_ms: until when evidence was gathered. states: how many of each kind of entity are in each state then. last:
    the newest record of the ledger. sums: the network and its regions. missed: of which it is certain that the target
    is missed. worst: with the least budget left, of those that have spent some.
    """

    is_running: bool
    known_ms: int
    states: Mapping[str, Mapping[State, int]]
    unresolved: tuple[Incident, ...]
    last: Record | None
    standings: Standings
    sums: tuple[Row, ...]
    missed: tuple[Row, ...]
    worst: tuple[Row, ...]

    @property
    def is_well(self) -> bool:
        """Return whether noc runs, nothing is down, and nothing that is promised is missed."""
        failed = any(counts[state] for counts in self.states.values() for state in BAD)
        sums_missed = any(one.verdict is Verdict.MISSED for _, one in self.sums)
        return self.is_running and not failed and not self.missed and not sums_missed


async def overall(
    database: Database, inventory: Inventory, targets: Targets, now: datetime, *, period: Named, is_running: bool
) -> Overall:
    """Return how the network stands. period: of the objectives. is_running: the daemon.

    Raises UsageError where nothing is known of the period, StateError.
    """
    async with database.read() as connection:
        sign_ms = await checkpoint.written_ms(connection, CHECKPOINT)
        seen_ms = await ledger.latest_ms(connection) if sign_ms is None else sign_ms
        unresolved = await incidents.all_open(connection)
        newest = await ledger.newest(connection, 1)
    known_ms = to_ms(now)
    if not is_running:
        known_ms = min(known_ms, known_ms if seen_ms is None else seen_ms)
    if period.period.start >= known_ms:
        raise UsageError(f"nothing is known of {period.text}: noc hasn't run since")
    still = ManualClock(from_ms(known_ms))
    figures = Figures(database, lambda: inventory, still)
    objectives = Objectives(figures, database, lambda: inventory, lambda: targets, still, grain_ms=1)
    found = await objectives.standings(period.text, period.zone)
    narrow = _rows(found, inventory, _NARROW, foreseen=False)
    spent = worst_first(row for row in narrow if row[1].budget.spent)[:WORST]
    return Overall(
        is_running=is_running,
        known_ms=known_ms,
        states=_states(found, inventory),
        unresolved=tuple(unresolved),
        last=newest[-1] if newest else None,
        standings=found,
        sums=tuple(_rows(found, inventory, _WIDE, foreseen=True)),
        missed=tuple(row for row in worst_first(narrow) if row[1].verdict is Verdict.MISSED),
        worst=tuple((name, found.of(name) or one) for name, one in spent),
    )


def _rows(found: Standings, inventory: Inventory, kinds: Sequence[str], *, foreseen: bool) -> list[Row]:
    rows = []
    for name in found.names():
        if kind_of(name) in kinds and (name == NETWORK or inventory.entity(name) is not None):
            one = found.of(name, foreseen=foreseen)
            rows += [(name, one)] if one is not None else []
    return rows


def _states(found: Standings, inventory: Inventory) -> dict[str, Counter[State]]:
    """Return how many of each kind are in each state at the end of what is known."""
    counts = {kind: Counter[State]() for kind in COUNTED}
    entities = found.burns[min(found.burns, key=BURN_MS.__getitem__)].entities
    groups = inventory.sites, inventory.devices, inventory.circuits, inventory.endpoints, inventory.services
    for one in (one for group in groups for one in group.values()):
        answer = entities.get(one.entity)
        counts[kind_of(one.entity)][State.UNKNOWN if answer is None else answer.intervals[-1].state] += 1
    return counts
