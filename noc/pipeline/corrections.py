"""Whether what somebody proposes can be a correction; corrections as plain documents, for API and `--json`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from noc.inventory.inventory import Inventory
from noc.maintenance.draft import NAME_AT_MOST, TEXT_AT_MOST, DraftError, check_known
from noc.model.correction import Cause, CorrectionDecision, CorrectionState, Proposed
from noc.model.finding import did_you_mean

CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
STATES: Final[tuple[CorrectionState, ...]] = get_args(CorrectionState)
DAY_MS: Final = 86_400_000
LONG_AT_MOST_MS: Final = 366 * DAY_MS
EVIDENCE_AT_MOST: Final = 20
EVIDENCE_LONG_AT_MOST: Final = 500

CAUSE_WORDS: Final[Mapping[Cause, str]] = {
    "carrier": "a carrier's line",
    "satellite_weather": "rain or storm on a satellite path",
    "sun_transit": "the sun behind a satellite",
    "power": "no power",
    "lan": "the local network",
    "device": "the device itself",
    "third_party": "somebody else",
    "planned": "work that was planned",
    "false_reading": "nothing: it was up",
    "unknown": "nobody knows",
}
"""What each cause means, for people."""

Time = Callable[[int], object]
"""What becomes of a time in milliseconds."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody proposes: down time in `[start_ms, end_ms)` of `entity`, and of all below it, had this cause."""

    entity: str
    start_ms: int
    end_ms: int
    cause: Cause
    who: str
    why: str
    evidence: tuple[str, ...] = ()


def check_draft(draft: Draft, inventory: Inventory, now_ms: int) -> None:
    """Say whether this can be a correction. Raises DraftError, with the field and a sentence for a person."""
    check_known(draft.entity, inventory)
    if draft.start_ms >= draft.end_ms:
        raise DraftError("to", "to: a correction must end after it begins")
    if draft.end_ms > now_ms:
        raise DraftError("to", "to: a correction is of time that is over; for work that is to come ask for a window")
    if draft.end_ms - draft.start_ms > LONG_AT_MOST_MS:
        raise DraftError("to", f"to: a correction is of {LONG_AT_MOST_MS // DAY_MS} days at most")
    for field, text, at_most in (("who", draft.who, NAME_AT_MOST), ("why", draft.why, TEXT_AT_MOST)):
        if not text.strip():
            raise DraftError(field, f"{field}: {'say who proposes it' if field == 'who' else 'say why that is so'}")
        if len(text) > at_most:
            raise DraftError(field, f"{field}: it has {len(text)} characters, {at_most} at most are kept")
    if len(draft.evidence) > EVIDENCE_AT_MOST:
        raise DraftError("evidence", f"evidence: {len(draft.evidence)} of it; {EVIDENCE_AT_MOST} at most are kept")
    if any(len(one) > EVIDENCE_LONG_AT_MOST for one in draft.evidence):
        raise DraftError("evidence", f"evidence: each has {EVIDENCE_LONG_AT_MOST} characters at most")


def cause_of(text: str) -> Cause:
    """Return a cause by its word; `sun-transit` is `sun_transit`. Raises DraftError."""
    word = text.strip().lower().replace("-", "_")
    for cause in CAUSES:
        if word == cause:
            return cause
    hint = did_you_mean(word[:60], CAUSES)
    raise DraftError("cause", f"cause: '{text[:60]}' is not one of {', '.join(CAUSES)}{hint}")


def correction_document(found: Proposed, time: Time) -> dict[str, object]:
    """Return a correction as it stands."""
    return {
        "id": found.number,
        "entity": found.entity,
        "state": found.state,
        "from": time(found.start_ms),
        "to": time(found.end_ms),
        "cause": found.cause,
        "why": found.why,
        "evidence": list(found.evidence),
        "proposed": time(found.proposed_ms),
        "proposed_by": found.proposed_by,
        "decided": None if found.decided_ms is None else time(found.decided_ms),
        "decided_by": found.decided_by,
        "decided_why": found.decided_why or None,
        "record": found.seq,
    }


def steps_document(steps: Iterable[tuple[int, CorrectionDecision]], time: Time) -> list[dict[str, object]]:
    """Return what was decided about a correction, the first first, with the numbers of the ledger's records."""
    return [
        {"record": seq, "at": time(one.since_ms), "step": one.step, "who": one.who, "why": one.why}
        for seq, one in steps
    ]
