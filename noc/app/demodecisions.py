"""What people decided in the demo's past: windows, corrections, and the reports that they issued. All of it SIMULATED.

It is written by the code that a real house uses, each step at the moment at which somebody would have taken it, between
the changes of status that were known then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from noc.app.reports import Target, drafted, keep, material_of
from noc.availability.policytext import policy_text
from noc.availability.times import format_time
from noc.inventory.inventory import Inventory
from noc.model.correction import Cause
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.pipeline.policy import availability_policy
from noc.reports.frame.asked import Asked
from noc.state import corrections, ledger, policies, windows
from noc.state.database import Transaction

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS
SHORTEST_MS: Final = 5 * MINUTE_MS

ASKS, APPROVES = "otieno", "achieng"

_FOUND_OUT: Final[tuple[tuple[Cause, str], ...]] = (
    ("power", "SIMULATED: the mains failed, and the battery was empty after ten minutes"),
    ("carrier", "SIMULATED: the carrier found a cut fibre"),
    ("planned", "SIMULATED: a technician worked on it, and nobody had asked for a window"),
    ("satellite_weather", "SIMULATED: it rained; does the modem's log say so?"),
)
"""What was found out about outages; the last waits for somebody to approve it."""


class Outage(NamedTuple):
    """An edge device of a site was down in `[start, end)`, milliseconds."""

    entity: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did at a moment. take: does it in a transaction."""

    at_ms: int
    take: Callable[[Transaction], Awaitable[object]]


def steps(
    inventory: Inventory, changes: Sequence[Transition], past: tuple[int, int], poller: str, target_of: Target
) -> list[Step]:
    """Return what was done in the past, in order of time.

    changes: of status, all that there were. past: from when to when, milliseconds. poller: who kept what figures are
    made by. target_of: what is promised.
    """
    start_ms, now_ms = past
    end_ms = (now_ms - HOUR_MS) // DAY_MS * DAY_MS  # of the last week of which somebody could make a report
    week = range(max(start_ms, end_ms - WEEK_MS), end_ms)
    outages = sorted(_outages(inventory, changes, week), key=lambda one: (one.start - one.end, one.entity))
    found = [Step(start_ms, lambda connection: _policy(connection, inventory, start_ms, poller))]
    found += _works(list(inventory.sites), start_ms, now_ms)
    found += _overrun(outages[0]) if outages else ()
    asked = Asked(report="availability", period=f"{format_time(week.start)}/{format_time(week.stop)}", by="site")
    issuer = _Issuer(inventory, target_of)
    found.append(issuer.step(asked, end_ms + 5 * MINUTE_MS))
    found += _explained(outages[1:], end_ms + 10 * MINUTE_MS)
    found.append(issuer.step(asked, end_ms + 30 * MINUTE_MS))
    return sorted((one for one in found if start_ms <= one.at_ms < now_ms), key=lambda one: one.at_ms)


def _outages(inventory: Inventory, changes: Sequence[Transition], inside: range) -> Iterator[Outage]:
    """Yield the longest outage of each site's edge devices that lies inside a time."""
    sites = {f"device/{edge}": site.entity for site in inventory.sites.values() for edge in site.edge_devices}
    down: dict[str, int] = {}
    longest: dict[str, Outage] = {}
    for change in changes:
        began, site = down.pop(change.entity, None), sites.get(change.entity)
        if change.status == "down":
            down[change.entity] = change.since_ms
        elif began is not None and site and began >= inside.start and change.since_ms <= inside.stop - HOUR_MS:
            known = longest.get(site)
            if known is None or change.since_ms - began > known.end - known.start:
                longest[site] = Outage(site, began, change.since_ms)
    return (one for one in longest.values() if one.end - one.start >= SHORTEST_MS)


async def _policy(connection: Transaction, inventory: Inventory, at_ms: int, poller: str) -> None:
    kept = policies.kept(policy_text(availability_policy(inventory), whole=True), at_ms, f"poller/{poller}")
    (record,) = await ledger.append(connection, [kept.recorded])
    await kept.keep(connection, record)


def _works(sites: Sequence[str], start_ms: int, now_ms: int) -> Iterator[Step]:
    """Yield work that comes each week, work of tomorrow, and work that waits for somebody to approve it."""
    weekly = start_ms // DAY_MS * DAY_MS + 3 * DAY_MS + 2 * HOUR_MS
    tomorrow = now_ms // DAY_MS * DAY_MS + DAY_MS + 22 * HOUR_MS
    works = (
        (weekly, 1, "FREQ=WEEKLY", "SIMULATED: patches of the switches", True),
        (tomorrow, 2, "", "SIMULATED: another power supply", True),
        (tomorrow + 2 * DAY_MS, 3, "", "SIMULATED: new cabling", False),
    )
    for number, (begins, hours, rrule, why, is_approved) in enumerate(works):
        entity = f"site/{sites[number % len(sites)]}"
        asked_ms = max(start_ms, min(now_ms - 5 * HOUR_MS, begins - 2 * DAY_MS))
        asked = _asked(entity, asked_ms, begins, begins + hours * HOUR_MS, rrule, why)
        yield Step(asked_ms, partial(_window, asked=asked, is_approved=is_approved))


def _overrun(outage: Outage) -> Iterator[Step]:
    """Yield work that was asked for in time, and took longer than planned: the rest is an outage."""
    middle = outage.start + (outage.end - outage.start) // 2
    why = "SIMULATED: another release of its system"
    asked = _asked(outage.entity, outage.start - 3 * DAY_MS, outage.start - 10 * MINUTE_MS, middle, "", why)
    yield Step(asked.since_ms, partial(_window, asked=asked, is_approved=True))


def _asked(entity: str, at_ms: int, start_ms: int, end_ms: int, rrule: str, why: str) -> WindowDecision:
    return WindowDecision(entity, at_ms, 0, "requested", start_ms, end_ms, rrule, "UTC", (), ASKS, why)


async def _window(connection: Transaction, *, asked: WindowDecision, is_approved: bool) -> None:
    held = await windows.request(connection, asked)
    if is_approved:
        await windows.approve(connection, held.number, who=APPROVES, now_ms=asked.since_ms + HOUR_MS)


def _explained(outages: Sequence[Outage], at_ms: int) -> Iterator[Step]:
    """Yield what was found out about outages."""
    for number, outage in enumerate(outages[: len(_FOUND_OUT)]):
        yield Step(at_ms, partial(_correction, outage=outage, number=number, at_ms=at_ms))


async def _correction(connection: Transaction, *, outage: Outage, number: int, at_ms: int) -> None:
    cause, why = _FOUND_OUT[number]
    span = (outage.entity, outage.start, outage.end, cause)
    held = await corrections.propose(connection, *span, who=ASKS, why=why, evidence=("SIMULATED",), now_ms=at_ms)
    if number < len(_FOUND_OUT) - 1:
        later = at_ms + 10 * MINUTE_MS
        await corrections.decide(connection, held.number, "approved", who=APPROVES, why="", now_ms=later)


class _Issuer:
    def __init__(self, inventory: Inventory, target_of: Target) -> None:
        self._inventory = inventory
        self._target_of = target_of

    def step(self, asked: Asked, at_ms: int) -> Step:
        async def take(connection: Transaction) -> None:
            material = material_of(connection, self._inventory, at_ms, self._target_of)
            await keep(connection, await drafted(material, asked), at_ms)

        return Step(at_ms, take)
