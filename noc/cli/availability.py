"""`noc availability`: figures recomputed from evidence."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from noc.availability import replay as arithmetic
from noc.availability.document import COLUMNS, document, rows
from noc.availability.events import STDIN, read_events
from noc.availability.evidence import Result
from noc.availability.figures import Durations, Exact, Figures
from noc.availability.policy import Period
from noc.availability.policyfile import PolicyFile, read_policy
from noc.availability.times import format_time, parse
from noc.cli._console import complain, print_json, printable
from noc.cli._table import MISSING, Column, lines, width_of
from noc.model.errors import InputError, UsageError
from noc.model.finding import Finding

FEW = 5
PLACES = 4
NOTHING = MISSING.plain
NO_OUTAGES = (NOTHING,) * 4
TABLE = (
    Column("entity", shrinks_to=16),
    *(Column(head, right=True) for head in ("availability", "floor", "ceiling", "coverage")),
    Column("down", right=True, drops=1),
    Column("unknown", right=True, drops=4),
    Column("planned", right=True, drops=3),
    Column("outages", right=True, drops=2),
    Column("longest", right=True, drops=5),
    Column("MTTR", right=True, drops=6),
    Column("MTBF", right=True, drops=7),
)

app = typer.Typer(no_args_is_help=True)


@app.callback()
def availability() -> None:
    """Work with availability figures: recompute them from evidence."""


@app.command("replay")
def replay(
    events: Annotated[
        Path,
        typer.Option(help="The evidence: a file with one probe result a line, as JSON. A single dash reads stdin."),
    ],
    policy: Annotated[
        Path, typer.Option(help="How results are judged, what is behind what, what was planned: a YAML file.")
    ],
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Where the period begins, such as 2026-03-01T00:00:00Z.")
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="Where the period ends. This moment itself isn't part of it.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, exact, with the state of every moment.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print one row of figures for each entity, exact; the network comes last.")
    ] = False,
) -> None:
    """Recompute figures from a file of probe results.

    Nothing but the evidence and the policy is used: for audits, or to see what the figures would be with another
    policy. Beside each figure stand its floor, where unknown time counts as down, its ceiling, where it counts as up,
    and its coverage, how much was really seen. Evidence from before and after the period counts too.
    docs/availability.md explains the arithmetic.

    Exit codes: 0 done · 2 wrong use, or something is wrong in a file: every mistake is named with file and line.
    """
    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other")
    period = _period(start, to)
    chosen, results = _read(policy, events)
    for warning in chosen.warnings:
        complain(str(warning))
    answer = arithmetic.replay(results, chosen.policy, period)
    if answer.unseen:
        complain(_unseen(answer.unseen, events))
    if as_json:
        print_json(document(answer))
    elif as_csv:
        _print_csv(answer)
    else:
        _print_table(answer)


def _period(start: str, to: str) -> Period:
    times = []
    for option, text in (("--from", start), ("--to", to)):
        try:
            times.append(parse(text))
        except ValueError as error:
            raise UsageError(f"{option}: {error}") from error
    if times[0] >= times[1]:
        raise UsageError(f"--to {to} must be later than --from {start}")
    return Period(*times)


def _read(policy: Path, events: Path) -> tuple[PolicyFile, Mapping[str, Sequence[Result]]]:
    """Read both files, and raise one InputError with the findings of both."""
    findings: list[Finding] = []
    chosen: PolicyFile | None = None
    results: Mapping[str, Sequence[Result]] = {}
    try:
        chosen = read_policy(policy)
    except InputError as error:
        findings += error.findings
    try:
        results = read_events(events)
    except InputError as error:
        findings += error.findings
    if chosen is None or findings:
        raise InputError(findings)
    return chosen, results


def _unseen(names: Sequence[str], events: Path) -> str:
    shown = ", ".join(names[:FEW]) + (f" and {len(names) - FEW:,} more" if len(names) > FEW else "")
    what = "entity that the policy names has" if len(names) == 1 else "entities that the policy names have"
    where = "standard input" if str(events) == STDIN else str(events)
    return f"warning: {len(names):,} {what} no result in {where}: {shown}; unknown throughout"


def _print_csv(answer: arithmetic.Answer) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("entity", *COLUMNS))
    for name, fields in rows(answer):
        writer.writerow((name, *(fields.get(column) for column in COLUMNS)))


def _print_table(answer: arithmetic.Answer) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    width = width_of(console)
    period = answer.period
    console.print(f"Availability in percent from {format_time(period.start)} to {format_time(period.end)}\n")
    sums = (*answer.regions.items(), ("network", answer.network))
    rows = [
        *([name, *_sums(one.figures.durations), *_outages(one.figures)] for name, one in answer.entities.items()),
        *([name, *_sums(durations), *NO_OUTAGES] for name, durations in sums),
    ]
    for line in lines(TABLE, [[Text(printable(cell)) for cell in row] for row in rows], width):
        console.print(line)
    console.print("\nPercentages are rounded down. Down includes unreachable.")


def _sums(durations: Durations) -> tuple[str, ...]:
    return (
        _percent(durations.availability_pct),
        _percent(durations.floor_pct),
        _percent(durations.ceiling_pct),
        _percent(durations.coverage_pct),
        _duration(durations.failed),
        _duration(durations.unknown),
        _duration(durations.planned),
    )


def _outages(figures: Figures) -> tuple[str, ...]:
    return (
        str(figures.outages),
        _duration(figures.longest_outage) if figures.outages else NOTHING,
        NOTHING if figures.mttr is None else _duration(figures.mttr),
        NOTHING if figures.mtbf is None else _duration(figures.mtbf),
    )


def _percent(value: Fraction | None) -> str:
    """Return a percentage rounded down, so that 100 is shown only where it is 100."""
    if value is None:
        return NOTHING
    whole, part = divmod(value * 10**PLACES // 1, 10**PLACES)
    return f"{whole}.{part:0{PLACES}}"


def _duration(milliseconds: Exact) -> str:
    """Return `1d 02:03:04`, to the nearest second from a minute on."""
    if milliseconds < 60_000:
        return f"{round(milliseconds) / 1000:g}s"
    minutes, second = divmod(round(Fraction(milliseconds) / 1000), 60)
    days, minute = divmod(minutes, 24 * 60)
    clock = f"{minute // 60:02}:{minute % 60:02}:{second:02}"
    return f"{days}d {clock}" if days else clock
