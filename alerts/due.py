"""When the life of an incident goes on by itself, and which of its targets it has missed. Pure.

While a window holds an incident back, nobody is called, and its targets wait as long.
"""

from __future__ import annotations

from typing import Final, Literal

from alerts.windows import LOOK_AGAIN_MS, UNTIL, held_ms
from noc.model.incident import Incident

TargetWord = Literal["respond", "restore", "update"]
TARGETS: Final[tuple[TargetWord, ...]] = ("respond", "restore", "update")
"""update: of a major incident, the next word on how it stands."""


def target_ms(incident: Incident, target: TargetWord) -> int | None:
    """Return by when an incident is to be answered, or restored; None where it has no such target."""
    if target == "update":
        return incident.update_by_ms
    by_ms = incident.respond_by_ms if target == "respond" else incident.restore_by_ms
    return None if by_ms is None else by_ms + held_ms(incident)


def met_ms(incident: Incident, target: TargetWord) -> int | None:
    """Return when it was answered, or restored; None while it is not. No update is due any more once it is restored."""
    if target != "respond" or incident.acknowledged_ms is None:
        return incident.resolved_ms
    return incident.acknowledged_ms


def overdue(incident: Incident, now_ms: int) -> tuple[TargetWord, ...]:
    """Return the targets that an incident has missed by now, or did miss."""
    held = UNTIL in incident.facts and incident.resolved_ms is None
    return tuple(target for target in TARGETS if not held and _missed(incident, target, now_ms))


def next_ms(incident: Incident, now_ms: int, close_after_ms: int) -> int | None:
    """Return when its life goes on by itself, after now; None: never."""
    if incident.closed_ms is not None:
        return None
    if incident.resolved_ms is not None:
        return max(incident.resolved_ms + close_after_ms, now_ms)
    moments = [target_ms(incident, target) for target in TARGETS if met_ms(incident, target) is None]
    found = [at_ms for at_ms in moments if at_ms is not None and at_ms > now_ms]
    if UNTIL in incident.facts and len(found) < len(moments):
        found.append(now_ms + LOOK_AGAIN_MS)
    if incident.acknowledged_ms is not None and incident.acknowledged_until_ms is not None:
        found.append(max(incident.acknowledged_until_ms, now_ms))
    return min(found, default=None)


def _missed(incident: Incident, target: TargetWord, now_ms: int) -> bool:
    by_ms, met = target_ms(incident, target), met_ms(incident, target)
    return by_ms is not None and (now_ms if met is None else met) >= by_ms
