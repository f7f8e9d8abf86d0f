"""`noc audit`: who did what, on the state database, whether the daemon runs or not."""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import typer
from rich.text import Text

from noc.access.people import People
from noc.access.scripts import Scripts
from noc.availability.times import parse
from noc.cli._access import acting, on_access
from noc.cli._config import Config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, time_text
from noc.cli._table import Column, print_rows
from noc.model.errors import UsageError
from noc.state import auditlog
from noc.state.auditlog import Record, Verified
from noc.state.database import Database

app = typer.Typer(no_args_is_help=True, help="Who did what, and whether somebody changed that.", rich_markup_mode=None)

SOMETHING_WRONG = 1


@app.command("list")
def list_records(
    who: Annotated[str | None, typer.Option("--who", help="Only what this person did.", show_default=False)] = None,
    text: Annotated[str, typer.Option("--text", help="Only what has this in it.")] = "",
    begin: Annotated[str | None, typer.Option("--from", help="ISO 8601 with zone.", show_default=False)] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601 with zone.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="The newest so many.")] = 50,
    config: Config = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List what was done, the newest first.

    `--json`: a list of {seq, at, who, role, way, what, came, address, detail}; came: the HTTP status, 0 where there is
    none.

    Exit codes: 0 listed · 2 there is no state yet, or a time is none.
    """
    times = [None if word is None else _time(word) for word in (begin, end)]

    async def found(people: People, __: Scripts, database: Database) -> list[Record]:
        await people.record(acting(), "looked at the audit")
        async with database.read() as connection:
            return await auditlog.page(connection, who=who, text=text, from_ms=times[0], to_ms=times[1], limit=limit)

    rows = [_document(one) for one in on_access(config, "audit", found)]
    if as_json:
        print_json(rows)
    elif as_csv:
        _print_csv(rows)
    elif not rows:
        complain("nothing of the kind was done")
    else:
        columns = (Column("at"), Column("who", shrinks_to=8), Column("what", shrinks_to=30), Column("came", right=True))
        shown = [(row["at"], row["who"], _what(row), row["came"] or "") for row in rows]
        print_rows(columns, [[Text(printable(str(cell))) for cell in row] for row in shown])


@app.command()
def verify(config: Config = None, as_json: Json = False) -> None:
    """Recompute the chain of the audit: no record was changed, removed or put elsewhere.

    `--json`: {records, hash, broken, reason, pruned}; broken: the number of the first record that doesn't fit, or null;
    pruned: how many were taken out before them because of their age, as a record of the chain says.

    Exit codes: 0 it holds · 1 it is broken · 2 there is no state yet.
    """

    async def found(_: People, __: Scripts, database: Database) -> Verified:
        async with database.read() as connection:
            return await auditlog.verify(connection)

    seen = on_access(config, "audit", found)
    broken, reason = seen.broken or (None, "")
    if as_json:
        said = {"records": seen.records, "hash": seen.last_hash.hex(), "broken": broken, "reason": reason or None}
        print_json({**said, "pruned": seen.pruned})
    elif broken is None:
        gone = f"; {seen.pruned} before them were taken out for their age, as the chain says" if seen.pruned else ""
        complain(f"{seen.records} records, each fits the one before; the last hash is {seen.last_hash.hex()}{gone}")
    else:
        complain(f"record {broken}: {reason}; the {seen.records} before it hold")
    if broken is not None:
        raise typer.Exit(SOMETHING_WRONG)


def _time(word: str) -> int:
    try:
        return parse(word)
    except ValueError as error:
        raise UsageError(f"'{word[:40]}' is no time: write it as 2026-11-01T00:00:00Z") from error


def _what(row: dict[str, object]) -> str:
    detail = row["detail"]
    said = ", ".join(f"{key} {value}" for key, value in detail.items()) if isinstance(detail, dict) else ""
    return f"{row['what']}: {said}" if said else str(row["what"])


def _print_csv(rows: list[dict[str, object]]) -> None:
    written = csv.writer(sys.stdout, lineterminator="\n")
    names = ("seq", "at", "who", "role", "way", "came", "address")
    written.writerow((*names, "what"))
    for row in rows:
        written.writerow([_harmless(str(cell)) for cell in (*(row[name] or "" for name in names), _what(row))])


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def _document(one: Record) -> dict[str, object]:
    done = one.done
    return {
        "seq": one.seq,
        "at": time_text(done.at_ms),
        "who": done.who,
        "role": done.role or None,
        "way": done.way,
        "what": done.what,
        "came": done.came,
        "address": done.address or None,
        "detail": dict(done.detail),
    }
