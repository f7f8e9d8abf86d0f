"""What a circuit's provider owes: its down time by whose it was, and the records of the ledger behind it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, Literal

from noc.model.correction import Cause
from noc.model.instants import from_ms
from noc.model.restatement import Restatement
from noc.model.transition import Transition
from noc.reports.frame.asked import Frozen
from noc.reports.frame.figures import Line, OutageRow
from noc.reports.frame.happened import CorrectionRow, WindowRow
from noc.state.ledger import Record
from noc.state.records import recorded_of

Whose = Literal["carrier", "open", "other"]

CARRIERS: Final[frozenset[Cause]] = frozenset({"carrier"})
OPEN: Final[frozenset[Cause]] = frozenset({"unknown"})

RESULTS_SHOWN: Final = 6


class EvidenceRow(Frozen):
    """A record of the ledger. record: its number. status: from since_ms on; of a restatement, all that it says.

    decided_ms: when that was certain. by: the check, the poller, and where it looks from. results: the probe results
    around the change. rule: that decided, with its version. hash: of the record, hexadecimal.
    """

    record: int
    kind: str
    status: str
    since_ms: int
    decided_ms: int
    by: str
    results: str
    rule: str
    hash: str


class Claim(Frozen):
    """A circuit. figures: as in the report of availability. reference: what the provider calls it.

    carrier_s: down time that approved corrections give to the carrier; open_s: that nobody has explained; other_s: that
    had another cause. carrier_pct: availability with the carrier's down time alone, at best; carrier_floor_pct: with
    what is open too. records: the evidence.
    """

    entity: str
    provider: str
    reference: str
    kind: str
    site: str
    figures: Line
    carrier_s: float
    open_s: float
    other_s: float
    carrier_pct: float | None
    carrier_floor_pct: float | None
    outages: tuple[OutageRow, ...]
    outages_left_out: int
    windows: tuple[WindowRow, ...]
    corrections: tuple[CorrectionRow, ...]
    records: tuple[EvidenceRow, ...]
    records_left_out: int

    @property
    def is_claim(self) -> bool:
        """Return whether there is anything to show for."""
        return self.carrier_s > 0 or self.open_s > 0


def split(causes: Mapping[str, float]) -> dict[Whose, float]:
    """Return seconds of down time by whose they are; they add up to the same."""
    found: dict[Whose, float] = {"carrier": 0.0, "open": 0.0, "other": 0.0}
    for cause, spent in causes.items():
        found["carrier" if cause in CARRIERS else "open" if cause in OPEN else "other"] += spent
    return found


def without_others(line: Line, down_s: float) -> float | None:
    """Return availability in percent as if only `down_s` had been down; None where nothing was seen."""
    sums = line.measured
    seen = Fraction(sums.up_s) + Fraction(sums.failed_s)
    return float(100 * (seen - Fraction(down_s)) / seen) if seen else None


def evidence_rows(records: Iterable[Record]) -> list[EvidenceRow]:
    """Return records as evidence."""
    found = []
    for record in records:
        said = recorded_of(record.kind, record.body)
        if isinstance(said, Transition):
            found.append(_of_transition(record, said))
        elif isinstance(said, Restatement):
            found.append(_of_restatement(record, said))
    return found


def _of_transition(record: Record, said: Transition) -> EvidenceRow:
    return EvidenceRow(
        record=record.seq,
        kind=record.kind,
        status=said.status if said.reason == "confirmed" else f"{said.status} ({said.reason})",
        since_ms=said.since_ms,
        decided_ms=said.decided_ms,
        by=f"{said.check} @ {said.poller}{f' ({said.vantage})' if said.vantage else ''}",
        results=_results(said.results),
        rule=said.rule,
        hash=record.hash.hex(),
    )


def _of_restatement(record: Record, said: Restatement) -> EvidenceRow:
    return EvidenceRow(
        record=record.seq,
        kind=record.kind,
        status=", ".join(f"{status} {_clock(since_ms)}" for since_ms, status in said.states),
        since_ms=said.since_ms,
        decided_ms=said.decided_ms,
        by=f"@ {said.poller}",
        results=str(said.results),
        rule=said.rule,
        hash=record.hash.hex(),
    )


def _results(results: tuple[tuple[int, bool], ...]) -> str:
    last = results[-RESULTS_SHOWN:]
    return " ".join(f"{_clock(time_ms)}{'+' if ok else '-'}" for time_ms, ok in last)


def _clock(time_ms: int) -> str:
    return from_ms(time_ms).strftime("%H:%M:%SZ")
