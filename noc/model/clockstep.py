"""A ClockStep: the clock of this machine and noc's own time no longer agree, or do so again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HELD: Final = "held_s"
"""The fact of an incident that says for how long its waiting stood still, in seconds: in planned windows, and while the
clock of the machine leapt forward."""


@dataclass(frozen=True, slots=True)
class ClockStep:
    """At `since_ms` of noc's time the clock of the machine said `machine_ms`.

    Both in milliseconds of the Unix epoch, UTC. entity: the poller that tells. Until the next ClockStep noc's time is
    ahead by the difference, or less: it is worked off. Where they are equal, it is over (docs/adr/0010).
    """

    entity: str
    since_ms: int
    machine_ms: int
