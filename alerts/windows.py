"""What planned maintenance means for telling people: incidents open and are shown, and nobody is called. Pure.

While an incident is held back, the clock of its escalation stands still; when the window ends and the entity is still
down, it goes on where it stood: who was never called, is called then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from noc.availability.policy import Window
from noc.availability.times import format_time, parse
from noc.clock import NO_STEPS, Steps
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.maintenance.occurrences import running
from noc.model.clockstep import HELD
from noc.model.incident import Fact, Facts, Incident
from noc.model.window import PlannedWindow

LOOK_AGAIN_MS: Final = 60_000
"""A window may be cancelled or shortened: so often what is held back is looked at again."""

WINDOW: Final = "window"
SINCE: Final = "window_since"
UNTIL: Final = "window_until"
OF_WINDOWS: Final = (WINDOW, SINCE, UNTIL, HELD)
"""Facts of an incident that was held back: by which window, from when until when, and how long so far."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A window that is under way: its number, and this time of it."""

    number: int
    span: Window

    @property
    def since_ms(self) -> int:
        """Return from when it counts."""
        return max(self.span.start, self.span.entered or self.span.start)


@dataclass(frozen=True, slots=True)
class Held:
    """An incident is held back. facts: what is known of it now; next_ms: when to look again. why: for the timeline."""

    facts: Facts
    why: Facts
    next_ms: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Released:
    """An incident is held back no more. facts: what is known of it now. why: for the timeline."""

    facts: Facts
    why: Facts


def under_way(windows: Iterable[PlannedWindow], now_ms: int) -> dict[str, list[UnderWay]]:
    """Return the windows that are under way, by the entity that they name."""
    found: dict[str, list[UnderWay]] = {}
    for window in windows:
        span = running(window, now_ms)
        if span is not None:
            found.setdefault(window.entity, []).append(UnderWay(window.number, span))
    return found


def hold(
    incident: Incident,
    windows: Mapping[str, list[UnderWay]],
    inventory: Inventory,
    now_ms: int,
    steps: Steps = NO_STEPS,
) -> Held | Released | None:
    """Return whether an incident is held back now, or no more; None where no window has to do with it.

    windows: those under way, by entity. Of several, the one that ends last holds. steps: of the clock.
    """
    names = self_and_above(inventory, incident.entity) if windows else ()
    over = [one for name in names for one in windows.get(name, ())]
    if over:
        return _held(incident, max(over, key=lambda one: (one.span.end, one.number)), now_ms)
    if UNTIL not in incident.facts:
        return None
    until_ms = min(_time_ms(incident.facts[UNTIL], now_ms), now_ms)
    since_ms = steps.here(_time_ms(incident.facts.get(SINCE), until_ms))
    held_s = (held_ms(incident) + max(until_ms - since_ms, 0)) // 1000
    facts = {key: value for key, value in incident.facts.items() if key not in (SINCE, UNTIL)}
    return Released({**facts, HELD: held_s}, {"why": "window_over", WINDOW: incident.facts.get(WINDOW)})


def held_ms(incident: Incident) -> int:
    """Return how long an incident was held back, up to the last window that is over, in milliseconds.

    The time by which the clock of the machine leapt forward is in it: nobody could have answered in it.
    """
    held = incident.facts.get(HELD)
    return round(held * 1000) if isinstance(held, int | float) else 0


def _held(incident: Incident, one: UnderWay, now_ms: int) -> Held:
    until = format_time(one.span.end)
    is_new = (incident.facts.get(WINDOW), incident.facts.get(UNTIL)) != (one.number, until)
    since = incident.facts.get(SINCE) if UNTIL in incident.facts else None
    facts: dict[str, Fact] = {
        **incident.facts,
        WINDOW: one.number,
        SINCE: since or format_time(max(one.since_ms, incident.opened_ms)),
        UNTIL: until,
    }
    why: Facts = {"why": "window", WINDOW: one.number, UNTIL: until}
    return Held(facts, why, min(one.span.end, now_ms + LOOK_AGAIN_MS), is_new)


def _time_ms(written: Fact, otherwise: int) -> int:
    return parse(written) if isinstance(written, str) else otherwise
