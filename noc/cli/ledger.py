"""`noc ledger`: the record of all changes of status, whether it is whole, and the evidence behind it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from noc.cli._config import Config
from noc.cli._console import print_json
from noc.cli._ledgerexport import export
from noc.cli._ledgerrows import cells, plain
from noc.cli._ledgerverify import verify
from noc.cli._restate import restate
from noc.cli._state import Json, on_state
from noc.cli._table import wide_console
from noc.state import ledger

app = typer.Typer(
    no_args_is_help=True, help="Read the ledger, and check that nobody changed it.", rich_markup_mode=None
)

app.command()(verify)
app.command()(export)
app.command()(restate)


@app.command("list")
def list_records(
    config: Config = None,
    entity: Annotated[str | None, typer.Option(help="Only this one, such as device/nbo-rtr-1.")] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many records, the newest.")] = 50,
    json: Json = False,
) -> None:
    """List the newest records, the oldest of them first: changes of status, coverage, corrections, windows, seals."""
    records = on_state(config, "ledger", lambda connection: ledger.newest(connection, last, entity))
    if json:
        print_json([{"record": record.seq, "hash": record.hash.hex(), **plain(record)} for record in records])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("record", "since", "entity", "status", "was", "seen by", "confirmed after"):
        table.add_column(head)
    for record in records:
        table.add_row(*cells(record))
    wide_console().print(table)
