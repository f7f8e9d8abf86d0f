"""`noc ledger`: the record of all changes of status, whether it is whole, and the evidence behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from noc.cli._console import print_json, printable
from noc.cli._ledgerexport import export
from noc.cli._ledgerverify import verify
from noc.cli._restate import restate
from noc.cli._state import Json, on_state, time_text
from noc.cli.check import Config
from noc.model.clockstep import ClockStep
from noc.model.correction import CorrectionDecision
from noc.model.coverage import HourOfCoverage
from noc.model.restatement import Restatement
from noc.model.seal import PolicyChange, Seal
from noc.model.switch import ServiceSwitch
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.state import ledger
from noc.state.records import Recorded, recorded_of

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
        print_json([{"record": record.seq, "hash": record.hash.hex(), **_plain(record)} for record in records])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("record", "since", "entity", "status", "was", "seen by", "confirmed after"):
        table.add_column(head)
    for record in records:
        table.add_row(*_cells(record))
    Console(highlight=False, markup=False).print(table)


def _cells(record: ledger.Record) -> Iterator[str]:
    """Yield number, since, entity, status, was, seen by, confirmed after."""
    yield from (str(record.seq), time_text(record.since_ms), printable(record.entity))
    match recorded_of(record.kind, record.body):
        case Transition() as change:
            took_s = (change.decided_ms - change.since_ms) / 1000
            yield from (change.status, change.before, f"{change.poller} ({change.check})", f"{took_s:g} s")
        case ClockStep() as step:
            yield from (record.kind, "", f"the machine's clock said {time_text(step.machine_ms)}", "")
        case ServiceSwitch() as switch:
            yield from (f"from {switch.after}", f"from {switch.before}" if switch.before else "")
            yield from (f"{switch.poller} ({record.kind})", "")
        case HourOfCoverage() as hour:
            yield from (record.kind, "", f"{hour.rows:,} entities with results in this hour", "")
        case CorrectionDecision() as decision:
            said = f"{time_text(decision.start_ms)} to {time_text(decision.end_ms)}: {decision.cause}"
            yield from (
                f"{record.kind} {decision.correction} {decision.step}",
                "",
                f"{printable(decision.who)}; {said}",
                "",
            )
        case WindowDecision() as decision:
            said = f"{time_text(decision.start_ms)} to {time_text(decision.end_ms)}"
            yield from (
                f"{record.kind} {decision.window} {decision.step}",
                "",
                f"{printable(decision.who)}; {said}",
                "",
            )
        case Restatement() as restated:
            yield from (record.kind, "", f"{restated.poller} ({restated.check}), {restated.results:,} late results", "")
        case Seal() as seal:
            yield from (record.kind, "", f"{seal.day} ended with record {seal.records:,}, hash {seal.hash[:16]}…", "")
        case PolicyChange() as change:
            yield from (record.kind, "", f"figures are made by policy {change.digest[:16]}…", "")


def _plain(record: ledger.Record) -> dict[str, object]:
    """Return what a record holds, times in words: `since_ms` becomes `since`."""
    match recorded_of(record.kind, record.body):
        case Transition() as change:
            results = [{"time": time_text(time_ms), "ok": ok} for time_ms, ok in change.results]
            return {**_fields(change), "results": results}
        case ClockStep() as step:
            return {"entity": step.entity, "since": time_text(step.since_ms), "machine": time_text(step.machine_ms)}
        case ServiceSwitch() as switch:
            return {
                "entity": switch.entity,
                "served_from": switch.after,
                "served_before": switch.before,
                "since": time_text(switch.since_ms),
                "poller": switch.poller,
                "evidence": [{"entity": entity, "said": said} for entity, said in switch.evidence],
            }
        case Restatement() as restated:
            states = [{"since": time_text(since_ms), "status": status} for since_ms, status in restated.states]
            return {"kind": record.kind, **_fields(restated), "states": states}
        case WindowDecision() as decision:
            without = [time_text(start_ms) for start_ms in decision.without]
            return {"kind": record.kind, **_fields(decision), "without": without}
        case other:
            return {"kind": record.kind, **_fields(other)}


def _fields(recorded: Recorded) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in fields(recorded):
        value = getattr(recorded, each.name)
        is_time = each.name.endswith("_ms")
        found[each.name.removesuffix("_ms")] = time_text(value) if is_time else value
    return found
