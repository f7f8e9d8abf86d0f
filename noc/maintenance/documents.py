"""A window, and what it touches, as plain data: the same for the API and `--json`. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from noc.maintenance.impact import Impact
from noc.maintenance.occurrences import foreseen, running
from noc.model.window import PlannedWindow

Time = Callable[[int], object]
"""What becomes of a time in milliseconds."""

AHEAD_MS: Final = 400 * 86_400_000
"""So far ahead the next time of a window is looked for."""

NEXT_AT_MOST: Final = 10


def window_document(window: PlannedWindow, time: Time, now_ms: int) -> dict[str, object]:
    """Return a window as it stands. `next`: its next times, those under way too."""
    asked, now = window.request, window.now
    decided = now if len(window.decisions) > 1 else None
    ahead = foreseen(window, now_ms, now_ms + AHEAD_MS)[:NEXT_AT_MOST]
    return {
        "id": window.number,
        "entity": window.entity,
        "state": window.state,
        "under_way": running(window, now_ms) is not None,
        "from": time(now.start_ms),
        "to": time(now.end_ms),
        "rrule": now.rrule or None,
        "zone": now.zone,
        "without": [time(start_ms) for start_ms in now.without],
        "next": [{"from": time(one.start), "to": time(one.end)} for one in ahead],
        "why": asked.why,
        "requested": time(asked.since_ms),
        "requested_by": asked.who,
        "notice_s": window.notice_ms / 1000,
        "decided": None if decided is None else time(decided.since_ms),
        "decided_by": None if decided is None else decided.who,
        "source": asked.source or None,
    }


def decisions_document(window: PlannedWindow, time: Time) -> list[dict[str, object]]:
    """Return what was decided about a window, the first first."""
    return [
        {
            "at": time(one.since_ms),
            "step": one.step,
            "who": one.who,
            "why": one.why,
            "from": time(one.start_ms),
            "to": time(one.end_ms),
            "without": [time(start_ms) for start_ms in one.without],
        }
        for one in window.decisions
    ]


def impact_document(impact: Impact) -> dict[str, object]:
    """Return what a window touches."""
    return {
        "entity": impact.entity,
        "lose_only_path": list(impact.cut),
        "not_covered": list(impact.uncovered),
        "lose_a_path": list(impact.weaker),
        "circuits": list(impact.circuits),
        "services": list(impact.services),
        "devices": len(impact.devices),
        "at_the_same_time": list(impact.also),
        "only_together": [
            {
                "window": one.other.window,
                "entity": one.other.entity,
                "approved": one.other.is_approved,
                "sites": list(one.sites),
            }
            for one in impact.together
        ],
    }
