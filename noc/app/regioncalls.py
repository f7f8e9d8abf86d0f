"""What the centre leaves to a region that calls people by itself: incidents that were open at the cut (ADR 26).

Both know of these, and both would escalate them. The centre doesn't hear the region, so it leaves to it only what the
region can do as well: whom a policy calls, the poller reaches too, and it judges the same rule. What opened since, and
all else, the centre calls for; and all of it again when nothing was heard for long, as the poller may have died.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from alerts.policies import AlertSettings
from noc.app.alerting import Orders
from noc.app.autonomyorders import needs_history
from noc.app.autonomyplan import allowed, reaches_all
from noc.app.pollersettings import PollerGroup, PollersSettings, Reach
from noc.app.remotepollers import Heard
from noc.app.remotetales import speaks_of
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Facts, Incident
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.state import incidents, symptoms
from noc.state.database import Database, StateError, Transaction

log = logging.getLogger(__name__)

WHY: Final = "region"
"""Why a line stands in a timeline: the region calls for this."""

EVERY_S: Final = 1.0

SILENT_AT_MOST_MS: Final = 30 * 60_000
"""For so long a region that isn't heard is believed to call. One call too many is better than none."""


@dataclass(frozen=True, slots=True)
class Left:
    """A group whose region calls by itself, or may. since_ms: when the centre last heard it. scope: ids of devices that
    nobody else sees.
    """

    group: str
    since_ms: int
    scope: frozenset[str]


@dataclass(frozen=True, slots=True)
class Around:
    """What it goes by, as it is now. linked_ms: since when the centre hears the broker; None: it doesn't. wake: has the
    engine look.
    """

    clock: Clock
    database: Database
    settings: Callable[[], PollersSettings]
    reach: Callable[[], Reach]
    inventory: Callable[[], Inventory]
    pollers: Callable[[], Iterable[Heard]]
    linked_ms: Callable[[], int | None]
    orders: Callable[[], Orders]
    wake: Callable[[], None]


class RegionCalls:
    """A service, and the gate of the centre's calls. When a region is heard again, what was left to it is looked at."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._said: set[int] = set()
        self._before: frozenset[str] = frozenset()
        self._rounds = Rounds(around.clock, "region-calls", self._round)

    async def start(self) -> None:
        """Begin to look who is heard."""
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def calls(self, connection: Transaction, incident: Incident, now_ms: int) -> Incident | None:
        """Return an incident that is called for here; None: it is left to its region. As `alerts.calling.Gate`.

        Of an end the centre always tells: nobody hears of it twice, as a tale says who was told there.
        """
        if incident.resolved_ms is not None or not await self._is_left(connection, incident):
            return incident
        if incident.id not in self._said:
            self._said.add(incident.id)
            log.info("incident %d of %s is left to its region, which calls by itself", incident.id, incident.entity)
            known = await incidents.timeline_of(connection, incident.id)
            last = next((one.facts.get("why") for one in reversed(known) if one.kind == "held"), None)
            if last != WHY:
                facts: Facts = {"why": WHY}
                await incidents.record(connection, [Entry(incident.id, now_ms, "held", None, facts)])
        return None

    def left(self) -> list[Left]:
        """Return the groups to which something is left now."""
        around = self._around
        now_ms, groups = to_ms(around.clock.now()), around.settings().groups
        return left_of(groups, list(around.pollers()), around.reach(), around.linked_ms(), now_ms)

    async def _is_left(self, connection: Transaction, incident: Incident) -> bool:
        around, inventory = self._around, self._around.inventory()
        over = [one for one in self.left() if is_below(incident, one, inventory)]
        if not over:
            return False
        orders, groups = around.orders(), around.settings().groups
        if not all(can_call(orders.settings, groups[one.group], incident.policy) for one in over):
            return False
        if await symptoms.origin_of(connection, incident.id) != "rule":
            return True
        rule = orders.rules.get(incident.rule)
        return rule is not None and not needs_history(rule)

    async def _round(self) -> float:
        now = frozenset(one.group for one in self.left())
        if self._before - now:
            try:
                async with self._around.database.write() as connection:
                    await incidents.look_at_all(connection, to_ms(self._around.clock.now()))
            except StateError as error:
                log.debug("what regions called for is looked at later: %s", error)
                return EVERY_S
            log.info("no more left to its region: %s", ", ".join(sorted(self._before - now)))
            self._said.clear()
            self._around.wake()
        self._before = now
        return EVERY_S


def left_of(
    groups: Mapping[str, PollerGroup], pollers: Iterable[Heard], reach: Reach, linked_ms: int | None, now_ms: int
) -> list[Left]:
    """Return the groups with autonomy that the centre doesn't hear, or that say that they call by themselves. Pure.

    Those that weren't heard for SILENT_AT_MOST_MS are left out: their pollers may be dead.
    linked_ms: since when pollers could be heard; None: they can't.
    """
    found: dict[str, int] = {}
    known = [one for one in pollers if one.row.seen_ms is not None]
    for name, group in groups.items():
        of_it = [one for one in known if one.row.group == name]
        if not group.autonomy or not of_it:
            continue
        heard = [] if linked_ms is None else [one for one in of_it if _is_heard(one, linked_ms)]
        seen_ms = max(one.row.seen_ms or 0 for one in of_it)
        is_silent = not heard and now_ms - seen_ms <= SILENT_AT_MOST_MS
        if is_silent or any(one.row.alone_ms is not None and not one.row.quarantine for one in heard):
            found[name] = seen_ms
    if not found:
        return []  # as nearly always; the sets below are of the whole network
    seen = reach.here.union(*(scope for name, scope in reach.scopes.items() if name not in found))
    return [Left(name, since_ms, reach.scopes.get(name, frozenset()) - seen) for name, since_ms in found.items()]


def is_below(incident: Incident, left: Left, inventory: Inventory) -> bool:
    """Tell whether an incident was open already, and is of what only that group sees and its poller judges. Pure."""
    kind = incident.entity.partition("/")[0]
    if kind in ("shared", "endpoint", "poller") or incident.calls_from_ms > left.since_ms:
        return False
    return speaks_of(incident.entity, "", left.scope, inventory)


def can_call(settings: AlertSettings, group: PollerGroup, policy: str) -> bool:
    """Tell whether a group's poller reaches everybody whom a policy calls. Pure."""
    return reaches_all(settings, policy, allowed(group, settings.notifiers))


def _is_heard(one: Heard, linked_ms: int) -> bool:
    return one.is_there and one.live_ms is not None and one.live_ms >= linked_ms
