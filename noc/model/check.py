"""A Check: one question asked of an entity on a rhythm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One question.

    entity: `device/nbo-rtr-1`. kind: the collector that asks, by the name of its file. liveness: whether the answer is
    evidence of up and down (docs/availability.md); each entity has one such check. deadline_s: when it is cut off.
    """

    entity: str
    kind: str
    interval_s: float
    deadline_s: float
    liveness: bool = False

    @property
    def key(self) -> str:
        """Return the name of the check: unique, and the same after a restart."""
        return f"{self.entity}:{self.kind}"
