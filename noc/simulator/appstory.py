"""What happens to the applications of the demo: which fail where, as time goes by. Pure.

Twenty minutes, again and again: mail fails in its home and is served from the other data centre until it is back; the
document system fails in both; the ERP system loses its reserve. A quiet world has none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from noc.simulator.faults import Story
from noc.simulator.world import World

APPLICATIONS: Final = {
    "mail": "Mail",
    "erp": "Enterprise resource planning",
    "service-desk": "Service desk",
    "documents": "Document system",
}
"""By id, with what people call them."""

HOMES: Final = ("brindisi", "valencia")
"""The data centres; the first is home to mail and the ERP system, the second to the others."""

_MINUTE_MS: Final = 60_000
_ROUND_MS: Final = 20 * _MINUTE_MS


@dataclass(frozen=True, slots=True)
class Failure:
    """An application fails at a place, in these minutes of each round."""

    application: str
    place: str
    begins: int
    ends: int


FAILURES: Final = (
    Failure("mail", "brindisi", 8, 11),
    Failure("documents", "brindisi", 12, 14),
    Failure("documents", "valencia", 12, 14),
    Failure("erp", "valencia", 15, 18),
)


def home_first(application: str) -> tuple[str, ...]:
    """Return the places of an application, its home first."""
    return HOMES if application in ("mail", "erp") else tuple(reversed(HOMES))


def failing(now_ms: int, begins_ms: int, *, quiet: bool) -> frozenset[tuple[str, str]]:
    """Return which applications fail now, and where, by the rounds alone. begins_ms: when people begin to watch."""
    if quiet or now_ms < begins_ms:
        return frozenset()
    minute = (now_ms - begins_ms) % _ROUND_MS / _MINUTE_MS
    return frozenset((one.application, one.place) for one in FAILURES if one.begins <= minute < one.ends)


def cut_off(world: World, story: Story, now_ms: int) -> frozenset[str]:
    """Return the data centres that the story of the devices has cut off: all their routers are silent."""
    hit = {
        hit.device
        for fault in story.active(now_ms)
        for hit in story.hits(fault)
        if hit.what in ("cut", "dark") and hit.is_on(now_ms)
    }
    edges = {place: world.edges.get(place, ()) for place in HOMES}
    return frozenset(place for place, routers in edges.items() if routers and hit >= {one.number for one in routers})
