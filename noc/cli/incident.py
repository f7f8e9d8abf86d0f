"""`noc incident`: what is open, who owns it, what happened; on the state database, whether the daemon runs or not."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar, cast

import typer
from rich.console import Console
from rich.text import Text

from alerts import desk
from alerts.documents import entry_document, incident_document, notice_document
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, on_state, time_text
from noc.cli._table import MISSING, Column, lines
from noc.cli.check import Config
from noc.clock import SystemClock
from noc.model.errors import UsageError
from noc.model.incident import INCIDENT_STATES, Entry, Facts, Incident, Notice
from noc.model.instants import to_ms
from noc.state import incidents, outbox
from noc.state.database import Transaction

app = typer.Typer(
    no_args_is_help=True, help="List, show, acknowledge, resolve incidents; write notes.", rich_markup_mode=None
)

_Result = TypeVar("_Result")

SHOWN: tuple[str, ...] = ("unresolved", *INCIDENT_STATES, "open", "all")

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
    wanted = None if state == "all" else cast("incidents.StateWord", state)

    async def read(connection: Transaction) -> list[Incident]:
        return await incidents.page(connection, state=wanted, entity=entity, limit=last)

    found = _on(config, read)
    if as_json:
        print_json([incident_document(incident, time_text) for incident in found])
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
        timeline = [entry_document(entry, time_text) for entry in case.timeline]
        notices = [notice_document(notice, time_text) for notice in case.notices]
        print_json({**incident_document(case.incident, time_text), "timeline": timeline, "notices": notices})
        return
    _show(case)


@app.command("ack")
def acknowledge(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Own an incident: nobody else is called.

    Exit codes: 0 done, or it was owned already · 2 there is no such incident, or it is resolved.
    """
    who = _who(by)

    async def write(connection: Transaction) -> Incident | None:
        if await desk.acknowledge(connection, incident, _now_ms(), who, note):
            return None
        return await incidents.get(connection, incident)

    owned = _on(config, write, writes=True)
    if owned is None:
        complain(f"incident {incident} is acknowledged")
    elif owned.acknowledged_by == who:
        complain(f"incident {incident} is yours already")
    else:
        complain(f"incident {incident} is {owned.acknowledged_by}'s already; nothing was changed")


@app.command()
def resolve(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Close an incident by hand, also while its cause lasts.

    Exit codes: 0 done · 2 there is no such incident, or it is resolved already.
    """

    async def write(connection: Transaction) -> None:
        await desk.resolve(connection, incident, _now_ms(), _who(by), note)

    _on(config, write, writes=True)
    complain(f"incident {incident} is resolved")


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
    try:
        return on_state(config, "state", do, writes=writes)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error


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


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else time_text(milliseconds)
