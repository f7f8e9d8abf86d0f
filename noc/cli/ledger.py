"""`noc ledger`: the record of all changes of status, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from noc.cli._console import complain, print_json, printable
from noc.cli._state import Config, Json, on_state, time_text
from noc.model.transition import Transition
from noc.state import ledger

app = typer.Typer(
    no_args_is_help=True, help="Read the ledger, and check that nobody changed it.", rich_markup_mode=None
)

SOMETHING_WRONG = 1


@app.command()
def verify(config: Config = None, json: Json = False) -> None:
    """Recompute the chain of hashes from the first record to the last.

    Exit codes: 0 the ledger is whole, 1 a record was changed, removed or moved (the first is named), 2 wrong use.
    """
    verdict = on_state(config, "ledger", ledger.verify)
    broken = verdict.broken
    if json:
        print_json(
            {
                "whole": broken is None,
                "records": verdict.records,
                "last_hash": verdict.last_hash.hex(),
                "broken": None if broken is None else {"record": broken.seq, "reason": broken.reason},
            }
        )
    elif broken is None:
        complain(f"the ledger is whole: {verdict.records:,} records, last hash {verdict.last_hash.hex()}")
    if broken is not None:
        complain(
            f"the ledger is broken at record {broken.seq}: {broken.reason}; {verdict.records:,} before it are whole"
        )
        raise typer.Exit(SOMETHING_WRONG)


@app.command("list")
def list_records(
    config: Config = None,
    entity: Annotated[str | None, typer.Option(help="Only this one, such as device/nbo-rtr-1.")] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many records, the newest.")] = 50,
    json: Json = False,
) -> None:
    """List the newest changes of status, the oldest of them first."""
    records = on_state(config, "ledger", lambda connection: ledger.newest(connection, last, entity))
    if json:
        print_json([{"record": record.seq, "hash": record.hash.hex(), **_plain(record)} for record in records])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("record", "since", "entity", "status", "was", "seen by", "confirmed after"):
        table.add_column(head)
    for record in records:
        table.add_row(*_cells(record))
    Console(highlight=False, markup=False).print(table)


def _cells(record: ledger.Record) -> Iterator[str]:
    if record.kind == ledger.CLOCK:
        step = ledger.clock_step_of(record)
        said = f"the machine's clock said {time_text(step.machine_ms)}"
        yield from (str(record.seq), time_text(step.since_ms), printable(step.entity), record.kind, "", said, "")
        return
    if record.kind == ledger.SWITCH:
        switch = ledger.switch_of(record)
        yield from (str(record.seq), time_text(switch.since_ms), printable(switch.entity), f"from {switch.after}")
        yield from (f"from {switch.before}" if switch.before else "", f"{switch.poller} ({record.kind})", "")
        return
    change = ledger.transition_of(record)
    took_s = (change.decided_ms - change.since_ms) / 1000
    yield from (str(record.seq), time_text(change.since_ms), printable(change.entity), change.status, change.before)
    yield from (f"{change.poller} ({change.check})", f"{took_s:g} s")


def _plain(record: ledger.Record) -> dict[str, object]:
    if record.kind == ledger.CLOCK:
        step = ledger.clock_step_of(record)
        return {"entity": step.entity, "since": time_text(step.since_ms), "machine": time_text(step.machine_ms)}
    if record.kind == ledger.SWITCH:
        switch = ledger.switch_of(record)
        return {
            "entity": switch.entity,
            "served_from": switch.after,
            "served_before": switch.before,
            "since": time_text(switch.since_ms),
            "poller": switch.poller,
            "evidence": [{"entity": entity, "said": said} for entity, said in switch.evidence],
        }
    change: Transition = ledger.transition_of(record)
    return {
        "entity": change.entity,
        "status": change.status,
        "before": change.before,
        "since": time_text(change.since_ms),
        "decided": time_text(change.decided_ms),
        "check": change.check,
        "poller": change.poller,
        "reason": change.reason,
        "rule": change.rule,
        "results": [{"time": time_text(time_ms), "ok": ok} for time_ms, ok in change.results],
    }
