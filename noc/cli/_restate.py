"""`noc ledger restate`: evidence that came late, laid over what the ledger says."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from noc.app.check import check
from noc.app.restating import Known, Restated, known_in_store, restate_late
from noc.app.statefile import state_file
from noc.app.storebeside import store_settings
from noc.availability.events import read_events
from noc.availability.evidence import Result
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, noted, time_text
from noc.cli._table import Column, print_rows
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.counting import counted
from noc.model.errors import InputError
from noc.model.instants import to_ms
from noc.pipeline.restate import Outcome, States
from noc.state.database import Database

SOMETHING_WRONG: Final = 1
FEW: Final = 5
STATUSES: Final = ("up", "down", "unknown")


def restate(
    events: Annotated[
        Path,
        typer.Option(help="Late results, one a line as JSON, as `noc availability replay` takes them; - is stdin."),
    ],
    poller: Annotated[str, typer.Option(help="Who saw them: the name of the poller that was cut off.")],
    known: Annotated[
        Path | None,
        typer.Option(
            help="Results that the ledger was made from, by `noc ledger export`, instead of those in the time series.",
            show_default=False,
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write it into the ledger; else it is only shown.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say what late results change of what the ledger says; with --write, put it into the ledger.

    They are judged together with the results that were known at the time, by the same rule. Records stay as they are:
    a restatement is a record of its own, and figures as known before it don't have it. Nobody is called, and what is up
    and down now stays as it is. Where the ledger stands on results that are not at hand it isn't changed, and that is
    told. The last minutes are left for the next time.

    `--json`: {written, entities, unjudged}; entities: a list of {entity, from, to, before, after, results, late,
    contested}, before and after as lists of {since, status}.

    Exit codes: 0 done · 1 some results were of no use, it is said which · 2 wrong use, or a file is wrong.
    """
    path = config or default_config()
    checked = check(path, os.environ)
    if checked.inventory is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    late = read_events(events)
    from_file = None if known is None else read_events(known)
    done = asyncio.run(_run(path, checked.inventory, late, from_file, poller, write))
    if as_json:
        entities = [dict(_document(one)) for one in done.outcomes]
        print_json({"written": write, "entities": entities, "unjudged": done.unjudged})
    else:
        _print(done)
    _tell(done, write)
    if done.unjudged or any(one.contested for one in done.outcomes):
        raise typer.Exit(SOMETHING_WRONG)


async def _run(
    path: Path,
    inventory: Inventory,
    late: Mapping[str, Sequence[Result]],
    from_file: Mapping[str, Sequence[Result]] | None,
    poller: str,
    write: bool,
) -> Restated:
    database, clock = Database(state_file(path, os.environ, "ledger")), SystemClock()

    async def work(known: Known) -> Restated:
        now_ms = to_ms(clock.now())
        done = await restate_late(database, inventory, late, known, poller=poller, now_ms=now_ms, write=write)
        if write:
            await noted(database)
        return done

    await database.start()
    try:
        if from_file is not None:
            return await work(_in(from_file))
        async with known_in_store(store_settings(path, os.environ), clock) as known:
            return await work(known)
    finally:
        await database.stop()


def _in(results: Mapping[str, Sequence[Result]]) -> Known:
    async def known(entity: str, start: int, stop: int) -> Sequence[Result]:
        return [result for result in results.get(entity, ()) if start <= result[0] < stop]

    return known


def _document(outcome: Outcome) -> Iterator[tuple[str, object]]:
    found = outcome.restatement
    yield "entity", outcome.entity
    yield "from", None if found is None else time_text(found.since_ms)
    yield "to", None if found is None else time_text(found.end_ms)
    yield "before", _states(outcome.before)
    yield "after", _states(() if found is None else found.states)
    yield "results", 0 if found is None else found.results
    yield "late", outcome.late
    yield "contested", [{"from": time_text(one.start), "to": time_text(one.end)} for one in outcome.contested]


def _states(states: States) -> list[dict[str, str]]:
    return [{"since": time_text(since_ms), "status": status} for since_ms, status in states]


def _print(done: Restated) -> None:
    changed = [(one, one.restatement) for one in done.outcomes if one.restatement is not None]
    if not changed:
        return
    columns = [Column("entity", shrinks_to=16), Column("from"), Column("to")]
    columns += [Column(f"{word} before", right=True) for word in STATUSES]
    columns += [Column(f"{word} now", right=True) for word in STATUSES]
    rows = []
    for one, said in changed:
        cells = [printable(one.entity), time_text(said.since_ms), time_text(said.end_ms)]
        cells += [*_lengths(one.before, said.end_ms), *_lengths(said.states, said.end_ms)]
        rows.append([Text(cell) for cell in cells])
    print_rows(columns, rows)


def _lengths(states: States, end_ms: int) -> Iterator[str]:
    """Yield how long each status lasted."""
    edges = [*states, (end_ms, "unknown")]
    for status in STATUSES:
        spent_ms = sum(until - since for (since, word), (until, _) in pairwise(edges) if word == status)
        yield f"{spent_ms / 1000:,.3f} s"


def _tell(done: Restated, write: bool) -> None:
    changed = sum(one.restatement is not None for one in done.outcomes)
    new = sum(one.late for one in done.outcomes)
    what = f"{counted(new, 'result')} not known before, of {counted(len(done.outcomes), 'entity', 'entities')}"
    if not changed:
        complain(f"{what}: nothing changes")
    elif write:
        complain(f"{what}: {counted(changed, 'restatement')} written into the ledger")
    else:
        complain(f"{what}: {counted(changed, 'restatement')}; nothing was written, --write does it")
    contested = [one.entity for one in done.outcomes if one.contested]
    if contested:
        complain(
            f"contested, and left as it was, for {_few(contested)}: the ledger stands on results that are not at hand; "
            "give them with --known"
        )
    if done.unjudged:
        complain(f"not judged: {_few(done.unjudged)}: not in the inventory, or a part that no figures are made of")


def _few(names: Iterable[str]) -> str:
    every = [printable(name) for name in names]
    more = f" and {len(every) - FEW:,} more" if len(every) > FEW else ""
    return ", ".join(every[:FEW]) + more
