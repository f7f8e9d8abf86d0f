"""`noc rules what-if`: what a change of rules would have done in the last days."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from noc.app.check import check
from noc.app.statefile import state_file
from noc.app.storebeside import reader_beside, store_settings
from noc.availability.times import format_time, parse
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable, stderr
from noc.cli._progress import ProgressLines, Told
from noc.cli._state import Json
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.model.counting import counted
from noc.model.errors import InputError, UsageError
from noc.model.instants import from_ms, to_ms
from noc.rehearsal.compared import Case, Moved, said
from noc.rehearsal.newrules import new_rules
from noc.rehearsal.whatif import Side, Tell, WhatIf, what_if
from noc.state.database import Database

DAYS: Final = 7
DAYS_AT_MOST: Final = 366
DAY_MS: Final = 86_400_000

What = Annotated[
    Path,
    typer.Argument(metavar="FILE-OR-FOLDER", help="A rule, which is added or replaces one; or all rules of your own."),
]
Days = Annotated[
    int | None,
    typer.Option(min=1, max=DAYS_AT_MOST, help=f"The last so many days. Default: {DAYS}.", show_default=False),
]
Alone = Annotated[
    bool,
    typer.Option(
        "--changed-alone", help="Play outages and the rules that differ, and no others: faster on a large network."
    ),
]
Since = Annotated[str | None, typer.Option("--from", help="From when on: 2026-03-01T00:00:00Z.", show_default=False)]
Until = Annotated[str | None, typer.Option("--to", help="Until when. Default: now.", show_default=False)]


def command(
    what: What,
    days: Days = None,
    since: Since = None,
    until: Until = None,
    changed_alone: Alone = False,
    as_json: Json = False,
    progress: Told = False,
    config: Config = None,
) -> None:
    """Tell what a change of rules would have done in the last days: incidents that appear, vanish or move.

    The numbers of the store, the changes of the ledger, the events and what people did then are played again in
    virtual time, under the rules that hold and under the changed ones, by the code that decides in the daemon. Nothing
    is sent or written, and noc may run meanwhile. What can't be played again is told.

    Exit codes: 0 played, 2 wrong use, or a rule is wrong, 3 the store can't be reached.
    """
    period = _period(days, since, until)
    file = config or default_config()
    checked = check(file, os.environ)
    rules, findings = new_rules(checked, file, what)
    for finding in findings:
        complain(str(finding))
    database = Database(state_file(file, os.environ, "ledger"))

    async def run(tell: Tell) -> WhatIf:
        await database.start()
        try:
            async with reader_beside(store_settings(file, os.environ), SystemClock()) as store:
                return await what_if(checked, rules, database, store, period, tell, changed_alone=changed_alone)
        finally:
            await database.stop()

    logging.getLogger().setLevel(logging.ERROR)
    with _progress(plain=progress) as tell:
        found = asyncio.run(run(tell))
    if as_json:
        print_json(document(found))
    else:
        _say(found)


def _period(days: int | None, since: str | None, until: str | None) -> tuple[int, int]:
    if days is not None and since is not None:
        raise UsageError("--days and --from say the same; give one of them")
    now_ms = to_ms(SystemClock().now())
    end_ms = min(_time(until, "--to") if until is not None else now_ms, now_ms)
    start_ms = _time(since, "--from") if since is not None else end_ms - (days or DAYS) * DAY_MS
    if not start_ms < end_ms:
        raise UsageError(f"--from {format_time(start_ms)} is not before {format_time(end_ms)}")
    if end_ms - start_ms > DAYS_AT_MOST * DAY_MS:
        raise UsageError(f"more than {DAYS_AT_MOST} days; ask for less")
    return start_ms, end_ms


def _time(text: str, option: str) -> int:
    try:
        return parse(text)
    except (ValueError, InputError) as error:
        raise UsageError(f"{option}: {error}") from error


@contextmanager
def _progress(*, plain: bool) -> Iterator[Callable[[float], None]]:
    if plain:
        yield ProgressLines()
        return
    if not stderr.is_terminal:
        yield lambda _: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task("playing again", total=1.0)
        yield lambda done: bar.update(task, completed=done)


def document(found: WhatIf) -> dict[str, object]:
    """Return the answer as plain data (docs/rules.md)."""
    change, compared = found.change, found.found
    return {
        "from": format_time(found.start_ms),
        "to": format_time(found.end_ms),
        "rules": {"added": change.added, "removed": change.removed, "changed": change.changed},
        "appear": [_case(one) for one in compared.appear],
        "vanish": [_case(one) for one in compared.vanish],
        "move": [_moved(one) for one in compared.move],
        "same": compared.same,
        "before": _side(found.before),
        "after": _side(found.after),
        "not_played": list(found.unplayed),
    }


def _case(one: Case) -> dict[str, object]:
    return {
        "entity": one.entity,
        "rule": one.rule,
        "severity": one.severity,
        "opened_at": format_time(one.from_ms),
        "resolved_at": None if one.to_ms is None else format_time(one.to_ms),
        "part_of": one.root,
        "calls": dict(one.calls),
    }


def _moved(one: Moved) -> dict[str, object]:
    return {"before": _case(one.before), "after": _case(one.after), "what": list(one.what)}


def _side(side: Side) -> dict[str, object]:
    return {
        "incidents": side.incidents,
        "symptoms": side.symptoms,
        "calls": side.calls,
        "people": dict(side.people),
    }


def _say(found: WhatIf) -> None:
    change = found.change
    parts = (("new", change.added), ("gone", change.removed), ("changed", change.changed))
    differ = "; ".join(f"{word}: {', '.join(names)}" for word, names in parts if names) or "no rule differs"
    typer.echo(f"{from_ms(found.start_ms):%Y-%m-%d %H:%M} to {from_ms(found.end_ms):%Y-%m-%d %H:%M} UTC; {differ}")
    _table(found)
    for word, side in (("before", found.before), ("after", found.after)):
        calls = f"{counted(side.calls, 'call')}: {said(side.people)}" if side.calls else "nobody is called"
        incidents, symptoms = counted(side.incidents, "incident"), counted(side.symptoms, "symptom")
        typer.echo(f"{word:6}  {incidents}, {symptoms} in them; {calls}")
    for sentence in found.unplayed:
        complain(f"not played: {sentence}")


def _table(found: WhatIf) -> None:
    compared = found.found
    rows = [
        *(("appears", one, f"calls {said(one.calls)}") for one in compared.appear),
        *(("vanishes", one, f"called {said(one.calls)}") for one in compared.vanish),
        *(("moves", one.before, "; ".join(one.what)) for one in compared.move),
    ]
    if not rows:
        typer.echo(f"nothing appears, vanishes or moves; {counted(compared.same, 'incident')} the same")
        return
    columns = [
        Column(""),
        Column("opened"),
        Column("entity"),
        Column("rule"),
        Column("severity"),
        Column("how", shrinks_to=20),
    ]
    cells = [
        [
            Text(word),
            Text(format_time(one.from_ms)),
            Text(printable(one.entity)),
            Text(one.rule),
            Text(one.severity),
            Text(how),
        ]
        for word, one, how in sorted(rows, key=lambda row: (row[1].from_ms, row[0], row[1].entity))
    ]
    print_rows(columns, cells)
    appear, vanish, move = len(compared.appear), len(compared.vanish), len(compared.move)
    typer.echo(f"{appear} appear, {vanish} vanish, {move} move, {compared.same} the same")
