"""What a check may cost where a line has a byte budget, and what is told of a budget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Extent(StrEnum):
    """How much a poll may ask for."""

    ALL = "all"
    """Everything, looking for rows that came (a discovery) where that is due."""
    KNOWN = "known"
    """What an earlier discovery found."""
    STATUS = "status"
    """Who the device is, and its interfaces."""


@dataclass(frozen=True, slots=True)
class Grant:
    """That a check may run. octets: that it may take on the wire, both ways; None where nothing bounds it.

    holder: whose budget narrows it, `site/x` or `circuit/x`; empty where none does.
    """

    extent: Extent = Extent.ALL
    octets: int | None = None
    holder: str = ""

    @property
    def reason(self) -> str:
        """Return why parts are missing, for an operator."""
        return f"left out: byte budget of {self.holder}"


UNBOUNDED = Grant()
"""Where no budget is."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a budget left out in the last hour. what: `all`, `sensors and records` or `rediscovery`."""

    entity: str
    check: str
    what: str
    times: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class BudgetNow:
    """A budget as it stands. spent_bytes: in the last hour; holder: `site/x` or `circuit/x`."""

    holder: str
    limit_bytes: int
    spent_bytes: int
    left_out: tuple[LeftOut, ...] = ()
