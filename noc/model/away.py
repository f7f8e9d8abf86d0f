"""An Away: noc itself did not look for a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Away:
    """From `since_ms` on nothing of noc looked, until it was started again and all was judged that came of it.

    Both in milliseconds of the Unix epoch, UTC. entity: the poller that tells. since_ms: the last sign of life before.
    """

    entity: str
    since_ms: int
    until_ms: int
