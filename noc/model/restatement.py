"""A Restatement: evidence came late, and says what an entity was in a time that is over."""

from __future__ import annotations

from dataclasses import dataclass

from noc.model.transition import RULE, Status


@dataclass(frozen=True, slots=True)
class Restatement:
    """In `[since_ms, end_ms)` an entity was what `states` say, and not what the ledger said before.

    All times in milliseconds of the Unix epoch, UTC. states: (from when, status), the first of them at `since_ms`,
    neighbours different. decided_ms: when the evidence had come. check, poller: who saw it. results: how many results
    the new states stand on; digest: SHA-256, hexadecimal, over them, as lines `time_ms ok` in order of time.
    """

    entity: str
    since_ms: int
    end_ms: int
    states: tuple[tuple[int, Status], ...]
    decided_ms: int
    check: str
    poller: str
    results: int
    digest: str
    rule: str = RULE
