"""A correction: what people found out later about a time in the ledger, proposed by one, approved by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Cause = Literal[
    "carrier",
    "satellite_weather",
    "sun_transit",
    "power",
    "lan",
    "device",
    "third_party",
    "planned",
    "false_reading",
    "unknown",
]
"""Why something was down. Each moment of down time has exactly one; unknown, until somebody knows."""

ADJUSTING: Final[frozenset[Cause]] = frozenset({"planned", "false_reading"})
"""Causes that change the adjusted figure: planned time is cut out of it, a false reading was up. The others say whose
fault it was, and the figure stays."""

CorrectionStep = Literal["proposed", "approved", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class CorrectionDecision:
    """At `since_ms` somebody decided about a correction. All times in milliseconds of the Unix epoch, UTC.

    entity: whose down time. correction: its number. start_ms, end_ms: of `[start, end)`, what was down or unreachable
    then has this cause. who decided: never the same person who proposed it. why, evidence: in their words, and what
    can be looked up: incidents, tickets, messages of carriers.
    """

    entity: str
    since_ms: int
    correction: int
    step: CorrectionStep
    start_ms: int
    end_ms: int
    cause: Cause
    who: str
    why: str
    evidence: tuple[str, ...]


CorrectionState = Literal["proposed", "approved", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A correction as it stands. Times in milliseconds of the Unix epoch, UTC.

    number: its own. seq: of the ledger's record that said so last. decided_by, decided_ms, decided_why: of who
    approved, rejected or withdrew it; None while nobody did.
    """

    number: int
    entity: str
    state: CorrectionState
    start_ms: int
    end_ms: int
    cause: Cause
    proposed_by: str
    proposed_ms: int
    why: str
    evidence: tuple[str, ...]
    decided_by: str | None
    decided_ms: int | None
    decided_why: str | None
    seq: int
