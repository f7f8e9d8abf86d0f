"""`noc incident`: what is open, who owns it, what happened; on the state database, whether the daemon runs or not."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar, cast

import typer
from rich.console import Console
from rich.text import Text

from alerts import desk
from noc.app.statefolder import state_file
from noc.cli._console import complain, print_json, printable
from noc.cli._table import MISSING, Column, lines
from noc.cli.check import default_config
from noc.clock import SystemClock
from noc.model.errors import UsageError
from noc.model.incident import Entry, Facts, Incident, Notice
from noc.model.instants import from_ms, to_ms
from noc.state import incidents, outbox
from noc.state.database import Database, Transaction

app = typer.Typer(
    no_args_is_help=True, help="List, show, acknowledge, resolve incidents; write notes.", rich_markup_mode=None
)

_Result = TypeVar("_Result")

Shown = Literal["unresolved", "open", "acknowledged", "resolved", "all"]
SHOWN: tuple[str, ...] = ("unresolved", "open", "acknowledged", "resolved", "all")

Config = Annotated[Path | None, typer.Option("--config", "-c", help="The settings.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The incident.", show_default=False)]
By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]
Remark = Annotated[str, typer.Option("--note", help="A word for the timeline.", show_default=False)]


@app.command("list")
def list_incidents(
    config: Config = None,
    state: Annotated[str, typer.Option(help=f"Only these: {', '.join(SHOWN)}.")] = "unresolved",
    entity: Annotated[str | None, typer.Option(help="Only of this one, such as device/nbo-rtr-1.")] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List incidents, the newest first.

    `--json`: a list of {id, entity, rule, severity, state, policy, since, opened, facts, acknowledged, acknowledged_by,
    resolved, resolved_by}.
    """
    if state not in SHOWN:
        raise UsageError(f"--state: '{state}' is not one of {', '.join(SHOWN)}")
    wanted = None if state == "all" else cast("Literal['unresolved', 'open', 'acknowledged', 'resolved']", state)

    async def read(connection: Transaction) -> list[Incident]:
        return await incidents.page(connection, state=wanted, entity=entity, limit=last)

    found = _on(config, read)
    if as_json:
        print_json([_plain(incident) for incident in found])
        return
    if not found:
        complain("there are no such incidents")
        return
    columns = [Column("id", right=True), Column("severity"), Column("state"), Column("entity", shrinks_to=20)]
    columns += [Column("rule", shrinks_to=10, drops=1), Column("since"), Column("owned by", shrinks_to=8, drops=2)]
    _print(columns, [[Text(cell) for cell in _cells(incident)] for incident in found])


@app.command()
def show(incident: Number, config: Config = None, as_json: Json = False) -> None:
    """Show one incident: what it is, who was told, what happened.

    `--json`: as in `list`, with `timeline`, a list of {at, kind, who, facts}, and `notices`, a list of {id, step,
    person, channel, kind, state, created, sent, attempts, error}.

    Exit codes: 0 shown · 2 there is no such incident.
    """

    async def read(connection: Transaction) -> _Case:
        found = await incidents.get(connection, incident)
        if found is None:
            raise LookupError(f"there is no incident {incident}")
        timeline, notices = (
            await incidents.timeline_of(connection, incident),
            await outbox.of_incident(connection, incident),
        )
        return _Case(found, timeline, notices)

    case = _on(config, read)
    if as_json:
        timeline = [_plain_entry(entry) for entry in case.timeline]
        notices = [_plain_notice(notice) for notice in case.notices]
        print_json({**_plain(case.incident), "timeline": timeline, "notices": notices})
        return
    _show(case)


@app.command("ack")
def acknowledge(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Own an incident: nobody else is called.

    Exit codes: 0 done, or it was owned or over already · 2 there is no such incident.
    """

    async def write(connection: Transaction) -> bool:
        return await desk.acknowledge(connection, incident, _now_ms(), _who(by), note)

    fresh = _on(config, write, writes=True)
    complain(f"incident {incident} is acknowledged" if fresh else f"incident {incident}: nothing to do, see `show`")


@app.command()
def resolve(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Close an incident by hand, also while its cause lasts.

    Exit codes: 0 done, or it was over already · 2 there is no such incident.
    """

    async def write(connection: Transaction) -> bool:
        return await desk.resolve(connection, incident, _now_ms(), _who(by), note)

    fresh = _on(config, write, writes=True)
    complain(f"incident {incident} is resolved" if fresh else f"incident {incident} was resolved already")


@app.command("note")
def add_note(
    incident: Number,
    text: Annotated[str, typer.Argument(help="The line.", show_default=False)],
    config: Config = None,
    by: By = None,
) -> None:
    """Write a line into an incident's timeline.

    Exit codes: 0 done · 2 there is no such incident.
    """
    if not text.strip():
        raise UsageError("the note is empty")

    async def write(connection: Transaction) -> None:
        await desk.note(connection, incident, _now_ms(), _who(by), text)

    _on(config, write, writes=True)
    complain(f"noted in incident {incident}")


@dataclass(frozen=True, slots=True)
class _Case:
    incident: Incident
    timeline: list[Entry]
    notices: list[Notice]


def _on(config: Path | None, do: Callable[[Transaction], Awaitable[_Result]], *, writes: bool = False) -> _Result:
    """Do something in one transaction of the state database. Raises UsageError where there is no such incident."""
    database = _database(config)

    async def run() -> _Result:
        await database.start()
        try:
            async with database.write() if writes else database.read() as connection:
                return await do(connection)
        finally:
            await database.stop()

    try:
        return asyncio.run(run())
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error


def _database(config: Path | None) -> Database:
    return Database(state_file(config or default_config(), os.environ, "state"))


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now_ms() -> int:
    return to_ms(SystemClock().now())


def _cells(incident: Incident) -> Iterator[str]:
    yield from (str(incident.id), incident.severity, incident.state, printable(incident.entity), incident.rule)
    yield _time(incident.since_ms) or ""
    yield printable(incident.acknowledged_by or "")


def _show(case: _Case) -> None:
    incident = case.incident
    facts = {
        "entity": incident.entity,
        "rule": incident.rule,
        "severity": incident.severity,
        "state": incident.state,
        "policy": incident.policy or "none: nobody is told",
        "since": _time(incident.since_ms),
        "opened": _time(incident.opened_ms),
        "acknowledged": _by(incident.acknowledged_ms, incident.acknowledged_by),
        "resolved": _by(incident.resolved_ms, incident.resolved_by),
        **incident.facts,
    }
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for key, value in facts.items():
        if value is not None:
            console.print(f"{printable(str(key)):<14}{printable(str(value))}")
    console.print("\nTimeline", style="bold")
    columns = [Column("at"), Column("what"), Column("who", shrinks_to=8), Column("facts", shrinks_to=20)]
    rows = [
        [Text(_time(entry.at_ms) or ""), Text(entry.kind), _cell(entry.who), Text(printable(_said(entry.facts)))]
        for entry in case.timeline
    ]
    _print(columns, rows)
    if case.notices:
        console.print("\nNotices", style="bold")
        heads = ("kind", "step", "person", "by", "state", "sent", "tries", "error")
        columns = [
            Column(head, shrinks_to=12 if head == "error" else None, drops=int(head == "error")) for head in heads
        ]
        _print(columns, [[_cell(cell) for cell in _notice(notice)] for notice in case.notices])


def _notice(notice: Notice) -> Iterator[str | None]:
    yield from (notice.kind, str(notice.step), notice.person, notice.channel, notice.state)
    yield from (_time(notice.sent_ms), str(notice.attempts), notice.error)


def _said(facts: Facts) -> str:
    return ", ".join(f"{key}: {value}" for key, value in facts.items() if value is not None)


def _by(time_ms: int | None, who: str | None) -> str | None:
    return None if time_ms is None else f"{_time(time_ms)} by {who or 'noc'}"


def _cell(text: str | None) -> Text:
    return MISSING if text is None else Text(printable(text))


def _print(columns: list[Column], rows: list[list[Text]]) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line in lines(columns, rows, console.width):
        console.print(line)


def _plain(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "entity": incident.entity,
        "rule": incident.rule,
        "severity": incident.severity,
        "state": incident.state,
        "policy": incident.policy,
        "since": _time(incident.since_ms),
        "opened": _time(incident.opened_ms),
        "facts": dict(incident.facts),
        "acknowledged": _time(incident.acknowledged_ms),
        "acknowledged_by": incident.acknowledged_by,
        "resolved": _time(incident.resolved_ms),
        "resolved_by": incident.resolved_by,
    }


def _plain_entry(entry: Entry) -> dict[str, object]:
    return {"at": _time(entry.at_ms), "kind": entry.kind, "who": entry.who, "facts": dict(entry.facts)}


def _plain_notice(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "step": notice.step,
        "person": notice.person,
        "channel": notice.channel,
        "kind": notice.kind,
        "state": notice.state,
        "created": _time(notice.created_ms),
        "sent": _time(notice.sent_ms),
        "attempts": notice.attempts,
        "error": notice.error,
    }


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    moment = from_ms(milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
