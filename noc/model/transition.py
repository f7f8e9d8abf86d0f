"""A Transition: an entity changed its status. The only thing that alerting reacts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["up", "down", "unknown"]
"""What evidence says of an entity by itself. Unreachable is worked out from its upstream when figures are made."""

RULE = "availability/1"
"""The rule that decides, with its version: docs/availability.md, sections 1 and 2."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From `since_ms` on, the entity is `status`.

    since_ms: dated back to the first result of the run, or to the moment the last result went stale; decided_ms: when
    it was certain. Both in milliseconds of the Unix epoch, UTC. check, poller: who saw it. reason: confirmed, stale, or
    withdrawn: people switched it off or took it out of the configuration, so that nothing is expected of it.
    results: the probe results around the change, (time in ms, ok), the deciding one last. vantage: where the poller
    looks from; empty where nobody said. Of what several places look at: what each saw, `east: failed, west: ok`.
    """

    entity: str
    status: Status
    before: Status
    since_ms: int
    decided_ms: int
    check: str
    poller: str
    reason: Literal["confirmed", "stale", "withdrawn"]
    results: tuple[tuple[int, bool], ...]
    rule: str = RULE
    vantage: str = ""
