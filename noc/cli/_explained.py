"""An explanation of a figure for people, and as one document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from rich.console import Console
from rich.text import Text

from noc.app.explaining import Explanation, Member
from noc.availability.document import entity_fields, sum_fields
from noc.availability.figures import Exact
from noc.availability.spans import Span, intersect, length
from noc.availability.times import format_time
from noc.cli._console import printable
from noc.cli._ledgerrows import cells, plain
from noc.cli._table import MISSING, Column, lines, width_of
from noc.inventory.inventory import Inventory
from noc.model.counting import counted
from noc.model.transition import Transition
from noc.pipeline.corrections import CAUSE_WORDS
from noc.state.ledger import Record
from noc.state.records import recorded_of

_SUMS: Final = ("up", "down", "unreachable", "unknown", "planned", "agreed")
_RATIOS: Final = (
    ("availability", "100 x up / (agreed - unknown)", "availability_pct"),
    ("floor", "100 x up / agreed", "floor_pct"),
    ("ceiling", "100 x (agreed - down - unreachable) / agreed", "ceiling_pct"),
    ("coverage", "100 x (agreed - unknown) / agreed", "coverage_pct"),
)
_INTERVALS: Final = (
    Column("from"),
    Column("to"),
    Column("state"),
    Column("seconds", right=True),
    Column("planned", drops=1),
)
_MEMBERS: Final = (
    Column("made of", shrinks_to=16),
    Column("weight", right=True, drops=1),
    *(Column(f"{word} s", right=True) for word in _SUMS),
)
_EVIDENCE: Final = (
    Column("record", right=True),
    Column("since"),
    Column("entity", shrinks_to=16),
    Column("status"),
    Column("decided", drops=3),
    Column("seen by", shrinks_to=12, drops=1),
    Column("rule", drops=4),
    Column("results", shrinks_to=20, drops=2),
)
_DECISIONS: Final = (
    Column("record", right=True),
    Column("since"),
    Column("entity"),
    Column("decision"),
    Column("by whom, of when"),
)


def document(found: Explanation) -> dict[str, object]:
    """Return an explanation as plain data; seconds and percent unrounded."""
    known = found.known_at
    return {
        "figure": found.figure,
        "from": format_time(found.period.start),
        "to": format_time(found.period.end),
        "evidence_until": format_time(found.until_ms),
        "known_at": None
        if known is None
        else {"record": known.record, "hash": known.hash, "time": format_time(known.time_ms)},
        "measured": sum_fields(found.measured) if found.figures is None else entity_fields(found.figures),
        "adjusted": sum_fields(found.adjusted),
        "causes": {cause: _number(spent) for cause, spent in found.causes.items()},
        "degraded_s": _number(found.degraded),
        "intervals": [
            {"from": format_time(start), "to": format_time(end), "state": state.value}
            for start, end, state in found.intervals
        ],
        "planned": [{"from": format_time(start), "to": format_time(end)} for start, end in found.planned],
        "members": [_member(member) for member in found.members],
        "evidence": [_record(record) for record in found.evidence],
        "decisions": [_record(record) for record in found.decisions],
    }


def tell(found: Explanation, inventory: Inventory, most: int) -> None:
    """Print an explanation. most: rows of each table."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    width = width_of(console)
    thing = inventory.entity(found.figure)
    name = "" if thing is None or thing.name == thing.id else f" ({printable(thing.name)})"
    console.print(Text(f"{printable(found.figure)}{name}", style="bold"))
    console.print(f"from {format_time(found.period.start)} to {format_time(found.period.end)}")
    console.print(_known(found))
    for line in (*_sums(found), *_more(found)):
        console.print(line)
    _table(console, _MEMBERS, [_of_member(member) for member in found.members], most, width)
    _table(console, _INTERVALS, list(_intervals(found)), most, width)
    _table(console, _EVIDENCE, [_evidence(record) for record in found.evidence], most, width)
    _table(console, _DECISIONS, [_decision(record) for record in found.decisions], most, width)
    if found.figures is None:
        console.print("\nIts evidence is that of its sites: `noc explain site/…` with the same period and record.")
    console.print("\n`noc ledger verify` proves that no record was changed, removed or moved.")


def _known(found: Explanation) -> str:
    known = found.known_at
    if known is None:
        return "the ledger is empty: everything is unknown"
    until = f"evidence until {format_time(found.until_ms)}"
    return f"as known at record {known.record} of {format_time(known.time_ms)}, hash {known.hash}; {until}"


def _sums(found: Explanation) -> Iterator[str]:
    both = (found.measured, found.adjusted)
    yield f"\n{'':14}{'measured':>20}{'adjusted':>20}"
    for word in _SUMS:
        yield f"{word:14}" + "".join(f"{_seconds(getattr(one, word)) + ' s':>20}" for one in both)
    for word, formula, field in _RATIOS:
        yield f"{word:14}" + "".join(f"{_percent(getattr(one, field)):>20}" for one in both) + f"    {formula}"


def _more(found: Explanation) -> Iterator[str]:
    if found.figures is not None:
        told = entity_fields(found.figures)
        words = ("outages", "longest_outage_s", "mttr_s", "mtbf_s")
        yield ", ".join(f"{word} {MISSING.plain if told[word] is None else f'{told[word]:g}'}" for word in words)
    if found.degraded:
        yield f"degraded, though up: {_seconds(found.degraded)} s"
    if found.causes:
        said = (f"{CAUSE_WORDS[cause]} {_seconds(spent)} s" for cause, spent in sorted(found.causes.items()))
        yield "why it was down: " + ", ".join(said)


def _table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]], most: int, width: int) -> None:
    if not rows:
        return
    console.print("")
    for line in lines(columns, [[Text(printable(cell)) for cell in row] for row in rows[:most]], width):
        console.print(line)
    if len(rows) > most:
        console.print(f"… and {counted(len(rows) - most, 'row')} more: --last {len(rows)}, or --json")


def _intervals(found: Explanation) -> Iterator[tuple[str, ...]]:
    for start, end, state in found.intervals:
        planned = length(intersect((Span(start, end),), found.planned))
        cut = f"{_seconds(planned)} s" if planned else ""
        yield format_time(start), format_time(end), state.value, _seconds(end - start), cut


def _of_member(member: Member) -> tuple[str, ...]:
    weight = "" if member.weight is None else f"{float(member.weight):g}"
    return (member.entity, weight, *(_seconds(getattr(member.durations, word)) for word in _SUMS))


def _member(member: Member) -> dict[str, object]:
    weight = None if member.weight is None else float(member.weight)
    return {"entity": member.entity, "weight": weight, **sum_fields(member.durations)}


def _evidence(record: Record) -> tuple[str, ...]:
    change = recorded_of(record.kind, record.body)
    if not isinstance(change, Transition):
        return (*cells(record), "")
    seen_by = f"{change.poller} ({change.check})" + (f" from {change.vantage}" if change.vantage else "")
    results = " ".join(
        f"{'ok' if ok else 'failed'} {(time - record.since_ms) / 1000:+g}" for time, ok in change.results
    )
    said, decided = f"{change.status}, {change.reason}", format_time(change.decided_ms)
    return (str(record.seq), format_time(record.since_ms), record.entity, said, decided, seen_by, change.rule, results)


def _decision(record: Record) -> tuple[str, ...]:
    number, since, entity, said, _, who, *_ = cells(record)
    return number, since, entity, said, who


def _record(record: Record) -> dict[str, object]:
    return {"record": record.seq, "hash": record.hash.hex(), **plain(record)}


def _seconds(milliseconds: Exact) -> str:
    return f"{float(Fraction(milliseconds) / 1000):,.3f}".rstrip("0").rstrip(".")


def _number(milliseconds: Exact) -> float:
    return float(Fraction(milliseconds) / 1000)


def _percent(value: Fraction | None) -> str:
    return MISSING.plain if value is None else f"{float(value):.9f}"
