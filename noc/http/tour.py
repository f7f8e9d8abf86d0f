"""The tour of the demo, as pages see it: what there is to try now, and what of noc itself is broken on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

Step = Literal["welcome", "rain", "fibre", "told", "planned", "push", "flapping", "shell", "break", "healed"]
"""What the card speaks of."""

STEPS: Final[tuple[tuple[int, Step], ...]] = (
    (0, "welcome"),
    (40, "rain"),
    (120, "fibre"),
    (175, "told"),
    (205, "planned"),
    (245, "push"),
    (310, "flapping"),
    (380, "shell"),
    (450, "break"),
    (540, "healed"),
)
"""From which second of a round on; what a step speaks of is seen by then."""

Broken = Literal["store", "collector", "poller"]
BREAKS: Final[tuple[Broken, ...]] = ("store", "collector", "poller")


@dataclass(frozen=True, slots=True)
class TourNow:
    """step: what to try. entity: what it is about, empty where it is about none; site: where that stands, by id.

    next_s: until the next step. broken: what of noc is broken on purpose. can_break: what can be. command: for a
    second terminal.
    """

    step: Step
    entity: str
    next_s: float
    broken: Broken | None = None
    can_break: tuple[Broken, ...] = ()
    command: str = ""


class Tour(Protocol):
    """Tells where the tour is, and breaks noc."""

    def now(self) -> TourNow | None:
        """Return where it is; None where there is none: in a quiet world nothing is to be seen, but may be broken."""
        ...

    async def break_it(self, what: Broken) -> None:
        """Break a part of noc until it is mended. Raises ConflictError where that can't be."""
        ...

    async def mend(self) -> None:
        """Mend what is broken."""
        ...


def step_at(second: float) -> tuple[Step, float]:
    """Return the step at a second of a round, and how long it lasts from then; infinitely long: the last. Pure."""
    found, ends = STEPS[0][1], float("inf")
    for begins, step in STEPS:
        if begins > second:
            ends = begins
            break
        found = step
    return found, ends - second
