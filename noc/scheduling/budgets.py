"""All byte budgets: which of them a device's checks draw on, what may run, what was left out. Pure but for its memory.

A device draws on the budget of its site and of every circuit that connects the site: noc does not know which of several
lines its packets take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from noc.inventory.inventory import Inventory
from noc.model.budget import BudgetNow, Extent, Grant, LeftOut
from noc.model.check import Check
from noc.model.reading import Reading
from noc.scheduling.budget import HOUR_S, Budget, Need, Rank
from noc.scheduling.octets import FIRST_GUESS, OTHER, RECORDS_GUESS, REDISCOVERY_GUESS, STATUS_GUESS, octets_of

ROOM_TO_VARY: Final = 2
"""A run may take so many times what runs of its kind took, if there is room."""

Held = list[tuple[str, Budget]]
"""The budgets that a check draws on, with their holders."""

CUT_SHARE: Final = 0.9
CUT_GROWS: Final = 1.5
"""A discovery that took nearly all that it was granted was cut off: it needs more, so many times that."""

LEFT_OUT_AT_MOST: Final = 2_000

_WHAT: Final = {Rank.STATUS: "all", Rank.RECORDS: "sensors and records", Rank.REDISCOVERY: "rediscovery"}


@dataclass(slots=True)
class _Left:
    times: int
    first_s: float
    last_s: float


class Budgets:
    """Decides for each check that falls due. now: seconds of the Unix epoch."""

    def __init__(self, inventory: Inventory, now: Callable[[], float]) -> None:
        self._now = now
        self._budgets: dict[str, Budget] = {}
        self._holders: Mapping[str, tuple[str, ...]] = {}
        self._grants: dict[str, tuple[Grant, Rank]] = {}
        self._left: dict[tuple[str, str, str, str], _Left] = {}
        self.left_out = 0
        self.replace(inventory)

    def replace(self, inventory: Inventory) -> None:
        """Go by another inventory; what was spent of a budget that stays is still spent."""
        limits = dict(limits_of(inventory))
        self._budgets = {holder: self._budgets.get(holder, Budget(limit)) for holder, limit in limits.items()}
        for holder, limit in limits.items():
            self._budgets[holder].limit = limit
        self._holders = {
            device.entity: holders
            for device in inventory.devices.values()
            if (holders := _holders(inventory, device.site, limits))
        }
        self._left = {key: left for key, left in self._left.items() if key[0] in limits}

    def watch(self, checks: Iterable[Check]) -> None:
        """Take the plan: what all checks need is reckoned before any of them has run; what they took is remembered."""
        needs: dict[str, dict[str, Need]] = {holder: {} for holder in self._budgets}
        for check in checks:
            for holder in self._holders.get(check.entity, ()):
                known = self._budgets[holder].needs.get(check.key)
                if known is None:
                    needs[holder][check.key] = Need(check.interval_s, _guess(check))
                else:
                    needs[holder][check.key] = replace(known, interval_s=check.interval_s)
        for holder, budget in self._budgets.items():
            budget.take(needs[holder])
        self._grants = {key: one for key, one in self._grants.items() if any(key in of for of in needs.values())}

    def admit(self, check: Check, *, known: bool, due: bool) -> Grant | None:
        """Return what a check may take; None where it is left out.

        known: what the device has is known from an earlier poll; due: a discovery of it is.
        """
        held = [(holder, self._budgets[holder]) for holder in self._holders.get(check.entity, ())]
        if not held or any(check.key not in budget.needs for _, budget in held):
            return Grant()  # no budget, or a check that the plan has just dropped
        first = _first(check)
        for holder, budget in held:
            if not budget.turn(check.key, first):
                self._leave(holder, check, "all")
                return None
        grant, rank = self._grant(check, held, known=known, due=due)
        if grant is None:
            return None
        self._grants[check.key] = (grant, rank)
        for _, budget in held:
            budget.hold(check.key, rank, grant.octets or 0)
        return grant

    def _grant(self, check: Check, held: Held, *, known: bool, due: bool) -> tuple[Grant | None, Rank]:
        first = _first(check)
        need = held[0][1].needs[check.key].octets
        holder, room = self._narrowest(check, held, first)
        if room < need[first]:
            self._leave(holder, check, "all")
            return None, first
        if check.kind != "snmp" or check.liveness:
            return Grant(Extent.ALL, int(min(room, max(need[first], OTHER) * ROOM_TO_VARY))), first
        status, records = need[Rank.STATUS], need[Rank.STATUS] + need[Rank.RECORDS]
        if not known:  # without it there is nothing to go by: it goes before what is nice to have
            if room >= records + need[Rank.REDISCOVERY]:
                return Grant(Extent.ALL, room, holder), Rank.STATUS
            self._leave(holder, check, _WHAT[Rank.RECORDS])
            return Grant(Extent.STATUS, room, holder), Rank.STATUS
        if due:
            holder, free = self._narrowest(check, held, Rank.REDISCOVERY)
            if free >= records + need[Rank.REDISCOVERY]:
                return Grant(Extent.ALL, free, holder), Rank.REDISCOVERY
            self._leave(holder, check, _WHAT[Rank.REDISCOVERY])
        holder, free = self._narrowest(check, held, Rank.RECORDS)
        turns = [budget.turn(check.key, Rank.RECORDS) for _, budget in held]
        if all(turns) and free >= records:
            return Grant(Extent.KNOWN, int(min(free, records * ROOM_TO_VARY)), holder), Rank.RECORDS
        self._leave(holder, check, _WHAT[Rank.RECORDS])
        return Grant(Extent.STATUS, int(min(room, status * ROOM_TO_VARY)), holder), Rank.STATUS

    def _narrowest(self, check: Check, held: Held, rank: Rank) -> tuple[str, int]:
        now_s = self._now()
        return min(((holder, budget.room(check.key, rank, now_s)) for holder, budget in held), key=lambda one: one[1])

    def granted(self, check: Check) -> Grant:
        """Return what a check that runs was granted."""
        return self._grants[check.key][0] if check.key in self._grants else Grant()

    def settle(self, check: Check, reading: Reading | None) -> None:
        """Take what a check took. reading: None where it ended by a fault of noc, so that all it was granted counts."""
        grant, rank = self._grants.pop(check.key, (Grant(), Rank.LIVENESS))
        octets = (grant.octets or 0) if reading is None else octets_of(reading)
        for holder in self._holders.get(check.entity, ()):
            budget = self._budgets[holder]
            budget.settle(check.key, rank, octets, self._now())
            if check.key in budget.needs:
                _learn(budget.needs[check.key], check, grant, octets)

    def bounds(self, entity: str) -> bool:
        """Return whether some budget holds for a device."""
        return entity in self._holders

    def now(self, holder: str) -> BudgetNow | None:
        """Return a budget as it stands; None where a site or circuit has none."""
        budget = self._budgets.get(holder)
        if budget is None:
            return None
        now_s = self._now()
        left = tuple(
            LeftOut(entity, kind, what, one.times, int(one.last_s * 1000))
            for (of, entity, kind, what), one in sorted(self._left.items())
            if of == holder and one.last_s > now_s - HOUR_S
        )
        return BudgetNow(holder, budget.limit, budget.spent(now_s), left)

    def spent(self, kind: str) -> dict[str, float]:
        """Return the octets of the last hour by id, of `site` or `circuit`."""
        now_s = self._now()
        return {
            holder.removeprefix(f"{kind}/"): float(budget.spent(now_s))
            for holder, budget in self._budgets.items()
            if holder.startswith(f"{kind}/")
        }

    def rows(self) -> list[tuple[str | int, ...]]:
        """Return what was spent, for a checkpoint: holder, minute of the Unix epoch, octets of each rank."""
        now_s = self._now()
        return [(holder, *row) for holder, budget in self._budgets.items() for row in budget.minutes(now_s)]

    def take_up(self, rows: Iterable[Sequence[object]]) -> None:
        """Go on from what an earlier run spent; rows of budgets that are gone, or of another form, say nothing."""
        found: dict[str, list[tuple[int, ...]]] = {}
        for holder, *row in (row for row in rows if row):
            numbers = tuple(one for one in row if isinstance(one, int) and one >= 0)
            if isinstance(holder, str) and holder in self._budgets and len(numbers) == len(row) == 1 + len(Rank):
                found.setdefault(holder, []).append(numbers)
        for holder, minutes in found.items():
            self._budgets[holder].take_up(minutes, self._now())

    def beside(self, spent: Mapping[str, Mapping[int, int]]) -> None:
        """Take what others spent, by holder and minute of the Unix epoch; it is all there is, each time."""
        for holder, budget in self._budgets.items():
            budget.beside(spent.get(holder, {}))

    def _leave(self, holder: str, check: Check, what: str) -> None:
        now_s, key = self._now(), (holder, check.entity, check.kind, what)
        self.left_out += 1
        known = self._left.get(key)
        if known is None or known.first_s <= now_s - HOUR_S:
            if len(self._left) >= LEFT_OUT_AT_MOST:
                self._left = {key: left for key, left in self._left.items() if left.last_s > now_s - HOUR_S}
            if len(self._left) < LEFT_OUT_AT_MOST:
                self._left[key] = _Left(1, now_s, now_s)
        else:
            known.times, known.last_s = known.times + 1, now_s


def limits_of(inventory: Inventory) -> Iterator[tuple[str, int]]:
    """Yield the sites and circuits with a budget, by entity, and the octets an hour."""
    for site in inventory.sites.values():
        if site.budget is not None:
            yield site.entity, site.budget
    for circuit in inventory.circuits.values():
        if circuit.bytes_an_hour is not None:
            yield circuit.entity, circuit.bytes_an_hour


def holders_of(inventory: Inventory, site: str) -> tuple[str, ...]:
    """Return the budgets that devices of a site draw on: its own and those of the circuits that connect it."""
    return _holders(inventory, site, dict(limits_of(inventory)))


def bounded_sites(inventory: Inventory) -> frozenset[str]:
    """Return the sites that some budget holds for."""
    limits = dict(limits_of(inventory))
    return frozenset(site for site in inventory.sites if limits and _holders(inventory, site, limits))


def liveness_an_hour(inventory: Inventory, planned: Iterable[Check]) -> dict[str, int]:
    """Return about how many octets an hour the liveness checks of each budget's devices take, by entity."""
    limits = dict(limits_of(inventory))
    holders = {site: _holders(inventory, site, limits) for site in inventory.sites}
    found: Counter[str] = Counter()
    for check in planned:
        device = inventory.devices.get(check.entity.removeprefix("device/")) if check.liveness else None
        if device is not None:
            for holder in holders.get(device.site, ()):
                found[holder] += int(_guess(check)[Rank.LIVENESS] * HOUR_S / check.interval_s)
    return dict(found)


def _holders(inventory: Inventory, site: str, limits: Mapping[str, int]) -> tuple[str, ...]:
    lines = (circuit.entity for circuit in inventory.circuits_of(site))
    return tuple(holder for holder in (f"site/{site}", *lines) if holder in limits)


def _first(check: Check) -> Rank:
    if check.liveness:
        return Rank.LIVENESS
    return Rank.STATUS if check.kind == "snmp" else Rank.RECORDS


def _guess(check: Check) -> dict[Rank, float]:
    if check.liveness or check.kind != "snmp":
        return {_first(check): float(FIRST_GUESS.get(check.kind, OTHER))}
    return {
        Rank.STATUS: float(STATUS_GUESS),
        Rank.RECORDS: float(RECORDS_GUESS),
        Rank.REDISCOVERY: float(REDISCOVERY_GUESS),
    }


def _learn(need: Need, check: Check, grant: Grant, octets: int) -> None:
    """Take what a run took. A poll of everything that is known tells of two ranks at once: they keep their shares."""
    if check.kind != "snmp" or check.liveness:
        need.learn(_first(check), octets)
        return
    status, records = need.octets[Rank.STATUS], need.octets[Rank.RECORDS]
    if grant.extent is Extent.STATUS:
        need.learn(Rank.STATUS, octets)
    elif grant.extent is Extent.KNOWN:
        share = octets / (status + records)
        need.learn(Rank.STATUS, status * share)
        need.learn(Rank.RECORDS, records * share)
    else:
        is_cut = grant.octets is not None and octets > CUT_SHARE * grant.octets
        need.learn(Rank.REDISCOVERY, max(0.0, octets * (CUT_GROWS if is_cut else 1.0) - status - records))
