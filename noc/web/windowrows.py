"""Windows as pages show them: where they are, how they stand, what they touch. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.http.plannedwork import Known
from noc.i18n.marking import say
from noc.inventory.inventory import Inventory
from noc.maintenance.impact import Impact
from noc.maintenance.standing import PlannedTime, Standing
from noc.model.window import PlannedWindow
from noc.web.places import Place, place_of

WORDS: Final[Mapping[Standing, str]] = {
    "requested": say("requested"),
    "approved": say("approved"),
    "running": say("under way"),
    "overrun": say("overrun"),
    "ended": say("over"),
    "lapsed": say("not decided in time"),
    "rejected": say("rejected"),
    "cancelled": say("cancelled"),
}

SHAPES: Final[Mapping[Standing, str]] = {
    "requested": "unknown",
    "approved": "good",
    "running": "warning",
    "overrun": "critical",
}
"""What stands beside the word; a dash beside the others."""

COUNTED: Final[tuple[Standing, ...]] = ("requested", "approved", "running", "overrun", "ended")
"""What the page counts at its head."""


@dataclass(frozen=True, slots=True)
class Row:
    """A window, where it is, how it stands. down: what went down in it and still is."""

    window: PlannedWindow
    where: Place
    standing: Standing
    down: tuple[Place, ...] = ()


def row_of(one: Known | PlannedTime, inventory: Inventory) -> Row:
    """Return the row of a window, or of one of its times."""
    down = tuple(place_of(inventory, name) for name in one.down)
    return Row(one.window, place_of(inventory, one.window.entity), one.standing, down)


@dataclass(frozen=True, slots=True)
class Together:
    """Sites that are cut only by another window together with this one."""

    window: int
    where: Place
    is_approved: bool
    sites: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a window touches, with names and addresses; as in `Impact`. cut: without what is cut only together."""

    cut: Sequence[Place]
    uncovered: Sequence[Place]
    weaker: Sequence[Place]
    devices: Sequence[Place]
    circuits: Sequence[Place]
    services: Sequence[Place]
    also: Sequence[Place]
    together: Sequence[Together]

    @property
    def is_harmless(self) -> bool:
        """Return whether no site loses a path, and no service goes down."""
        return not (self.cut or self.weaker or self.services or self.together)


def touched(impact: Impact, inventory: Inventory) -> Touched:
    """Return what a window touches, for people."""

    def places(entities: Sequence[str]) -> list[Place]:
        return [place_of(inventory, entity) for entity in entities]

    shared = {site for one in impact.together for site in one.sites}
    return Touched(
        cut=places([site for site in impact.cut if site not in shared]),
        uncovered=places(impact.uncovered),
        weaker=places([site for site in impact.weaker if site not in shared]),
        devices=places(impact.devices),
        circuits=places(impact.circuits),
        services=places(impact.services),
        also=places(impact.also),
        together=[
            Together(one.other.window, place_of(inventory, one.other.entity), one.other.is_approved, places(one.sites))
            for one in impact.together
        ],
    )
