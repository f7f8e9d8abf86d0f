"""Corrections on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from noc.cli._console import printable
from noc.cli._state import time_text
from noc.cli._table import Column, print_rows
from noc.model.correction import ADJUSTING, CorrectionDecision, Proposed
from noc.pipeline.corrections import CAUSE_WORDS


@dataclass(frozen=True, slots=True)
class Case:
    """A correction with what was decided about it; down_s: how long its entity was down in its time."""

    found: Proposed
    steps: Sequence[tuple[int, CorrectionDecision]]
    down_s: float | None


def print_list(found: Sequence[Proposed]) -> None:
    """Print corrections as a table."""
    columns = [Column("id", right=True), Column("state"), Column("entity", shrinks_to=16), Column("from"), Column("to")]
    columns += [Column("cause"), Column("proposed by", shrinks_to=8), Column("decided by", shrinks_to=8, drops=2)]
    columns.append(Column("why", shrinks_to=12, drops=1))
    rows = []
    for one in found:
        cells = [str(one.number), one.state, one.entity, time_text(one.start_ms), time_text(one.end_ms), one.cause]
        cells += [one.proposed_by, one.decided_by or "", one.why]
        rows.append([Text(printable(cell)) for cell in cells])
    _print(columns, rows)


def print_one(case: Case) -> None:
    """Print what is known of one."""
    found = case.found
    facts = {
        "entity": found.entity,
        "state": found.state,
        "from": time_text(found.start_ms),
        "to": time_text(found.end_ms),
        "cause": f"{found.cause}: {CAUSE_WORDS[found.cause]}",
        "changes": "the adjusted figure" if found.cause in ADJUSTING else "no figure; it says whose fault it was",
        "why": found.why,
        "evidence": "; ".join(found.evidence) or None,
    }
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for key, value in facts.items():
        if value is not None:
            console.print(f"{key:<14}{printable(value)}")
    console.print(down_sentence(found, case.down_s))
    console.print("\nSteps", style="bold")
    columns = [Column("record", right=True), Column("at"), Column("step"), Column("who", shrinks_to=8)]
    columns.append(Column("why", shrinks_to=20))
    cells = [(str(seq), time_text(one.since_ms), one.step, one.who, one.why) for seq, one in case.steps]
    _print(columns, [[Text(printable(cell)) for cell in row] for row in cells])


def down_sentence(found: Proposed, down_s: float | None) -> str:
    """Return how much down time a correction explains, as a sentence."""
    if down_s is None:
        return f"no figures are made of {found.entity}: its time is not in any sum"
    if not down_s:
        return f"{found.entity} was not down in that time: there is nothing to explain"
    return f"{found.entity} was down or unreachable for {down_s:,.3f} s of that time"


def _print(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    print_rows(columns, rows)
