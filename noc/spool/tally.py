"""What became of what a consumer was to get, in batches and in values.

Always: found + given = stored + dead + shed + queued.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Reason = Literal["budget", "memory", "size", "damage", "fault"]
"""Why batches were shed: the byte budget; memory, while the disk is full; larger than a record may be; damaged on disk
while they waited; a fault in noc."""

REASONS: Final[tuple[Reason, ...]] = ("budget", "memory", "size", "damage", "fault")


@dataclass(slots=True)
class Amount:
    """A number of batches, and of the values in them."""

    batches: int = 0
    values: int = 0

    def add(self, values: int, batches: int = 1) -> None:
        """Add batches that hold so many values together."""
        self.batches += batches
        self.values += values


@dataclass(slots=True)
class Tally:
    """Since the spool was opened. found: queued on disk then. given: put since, and what was asked for again.

    stored: that the consumer took. dead: that it will never take; of a batch with some such values the others are
    stored. lost: batches that are missing on disk by their numbers, those found at the start too. damaged: places.
    """

    found: Amount = field(default_factory=Amount)
    given: Amount = field(default_factory=Amount)
    stored: Amount = field(default_factory=Amount)
    dead: Amount = field(default_factory=Amount)
    sheds: dict[Reason, Amount] = field(default_factory=lambda: {reason: Amount() for reason in REASONS})
    lost: int = 0
    damaged: int = 0

    @property
    def shed(self) -> Amount:
        """Return what was shed, for whatever reason."""
        found = self.sheds.values()
        return Amount(sum(one.batches for one in found), sum(one.values for one in found))

    @property
    def queued(self) -> Amount:
        """Return what waits, as it follows from the others; `Files.recount` counts it."""
        shed = self.shed
        return Amount(
            self.found.batches + self.given.batches - self.stored.batches - self.dead.batches - shed.batches,
            self.found.values + self.given.values - self.stored.values - self.dead.values - shed.values,
        )
