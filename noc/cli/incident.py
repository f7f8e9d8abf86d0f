"""`noc incident`: what is open, who owns it, what happened; on the state database, whether the daemon runs or not."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar, cast

import typer

from alerts import desk
from alerts.documents import case_document, incident_document
from alerts.lifesettings import PRIORITIES
from alerts.wanted import Wanted
from noc.cli._config import Config
from noc.cli._console import complain, print_json
from noc.cli._incident import show_case, show_incidents
from noc.cli._incidentlist import inventory_for, listed
from noc.cli._incidentreport import write_report
from noc.cli._state import Json, on_state, time_text
from noc.clock import SystemClock
from noc.i18n.language import LOCALES, language
from noc.model.errors import UsageError
from noc.model.incident import INCIDENT_STATES, Incident
from noc.model.instants import length_ms, to_ms
from noc.settings.schema import parse_duration
from noc.state import casefile, clocksteps, incidents
from noc.state.casefile import CaseFile
from noc.state.database import Transaction

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, own, resolve, reopen, close incidents; write notes, updates, tickets.",
    rich_markup_mode=None,
)

_Result = TypeVar("_Result")

SHOWN: tuple[str, ...] = ("unresolved", *INCIDENT_STATES, "open", "all")

Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The incident.", show_default=False)]
By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]
For = Annotated[
    str | None,
    typer.Option(
        "--for", help="How long: 30m, 4h. Then people are called anew. Default: it lasts.", show_default=False
    ),
]
Line = Annotated[str, typer.Argument(help="The line.", show_default=False)]
Remark = Annotated[str, typer.Option("--note", help="A word for the timeline.", show_default=False)]


@app.command("list")
def list_incidents(
    config: Config = None,
    state: Annotated[str, typer.Option(help=f"Only these: {', '.join(SHOWN)}.")] = "unresolved",
    entity: Annotated[str | None, typer.Option(help="Only of this one, such as device/nbo-rtr-1.")] = None,
    priority: Annotated[
        list[int] | None,
        typer.Option(min=1, max=PRIORITIES, help="Only of this one; may be given again.", show_default=False),
    ] = None,
    owner: Annotated[str, typer.Option(help="Only those that this person owns.", show_default=False)] = "",
    site: Annotated[str, typer.Option(help="Only of this site, by its id.", show_default=False)] = "",
    region: Annotated[str, typer.Option(help="Only of this region, by its id.", show_default=False)] = "",
    text: Annotated[str, typer.Option(help="Only those that say this, in names too.", show_default=False)] = "",
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List incidents, the newest first.

    `--json`: a list of {id, key, entity, rule, severity, state, cause, parent, priority, priority_by, impact, urgency,
    major, policy, since, opened, respond_by, restore_by, update_by, overdue, facts, acknowledged, acknowledged_by,
    acknowledged_until, in_progress, resolved, resolved_by, closed, reopened, reopenings, problem}.
    """
    if state not in SHOWN:
        raise UsageError(f"--state: '{state}' is not one of {', '.join(SHOWN)}")
    in_state = None if state == "all" else cast("incidents.StateWord", state)
    wanted = Wanted(priorities=priority or (), owner=owner, site=site, region=region, text=text)
    inventory = inventory_for(wanted, config)

    async def read(connection: Transaction) -> list[Incident]:
        return await listed(connection, wanted, inventory, in_state, entity, last)

    found, now_ms = _on(config, read), _now_ms()
    if as_json:
        print_json([incident_document(incident, time_text, now_ms) for incident in found])
    elif not found:
        complain("there are no such incidents")
    else:
        show_incidents(found, now_ms)


@app.command()
def show(incident: Number, config: Config = None, as_json: Json = False) -> None:
    """Show one incident: what it is, who was told, what happened.

    `--json`: as in `list`, with `timeline`, a list of {at, kind, who, facts}; `notices`, a list of {id, step, person,
    channel, kind, state, created, sent, delivered, read, acted, instead_of, attempts, error}; `symptom_count`,
    `symptoms_standing` and `symptoms`, a list of {entity, rule, severity, since, joined, left, facts}; `diagnostics`, a
    list of {device, question, state, asked, took_ms, answer}; `tickets`, a list of {channel, reference, state, url,
    opened, changed}; `entity_notes`, a list of {id, entity, at, who, text, until}.

    Exit codes: 0 shown · 2 there is no such incident.
    """
    now_ms = _now_ms()

    async def read(connection: Transaction) -> CaseFile:
        return await _case(connection, incident, now_ms)

    case = _on(config, read)
    if as_json:
        print_json(case_document(case, time_text, now_ms))
    else:
        show_case(case, now_ms)


@app.command("ack")
def acknowledge(incident: Number, config: Config = None, by: By = None, note: Remark = "", lasting: For = None) -> None:
    """Own an incident: nobody else is called.

    Exit codes: 0 done, or it was owned already · 2 there is no such incident, or it is resolved.
    """
    who = _who(by)

    async def write(connection: Transaction) -> Incident | None:
        now_ms = await clocksteps.now_ms(connection, _now_ms())
        if await desk.acknowledge(connection, incident, now_ms, who, note, _until(now_ms, lasting)):
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
def own(incident: Number, config: Config = None, by: By = None, note: Remark = "", lasting: For = None) -> None:
    """Take an incident over, from whoever owns it.

    Exit codes: 0 done · 2 there is no such incident, or it is resolved.
    """
    _do(config, lambda c, now: desk.own(c, incident, now, _who(by), note, _until(now, lasting)))
    complain(f"incident {incident} is {_who(by)}'s")


@app.command()
def start(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Say that work on an incident has begun; who begins owns it.

    Exit codes: 0 done · 2 there is no such incident, or it is resolved, or somebody else's.
    """
    _do(config, lambda c, now: desk.start(c, incident, now, _who(by), note))
    complain(f"incident {incident} is in progress")


@app.command()
def resolve(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Say that an incident is over, also while its cause lasts.

    Exit codes: 0 done · 2 there is no such incident, or it is resolved already.
    """
    _do(config, lambda c, now: desk.resolve(c, incident, now, _who(by), note))
    complain(f"incident {incident} is resolved")


@app.command()
def reopen(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Say that a resolved incident isn't over: people are called anew.

    Exit codes: 0 done · 2 there is no such incident, or it is not resolved, or closed.
    """
    _do(config, lambda c, now: desk.reopen(c, incident, now, _who(by), note))
    complain(f"incident {incident} is new again")


@app.command()
def close(incident: Number, config: Config = None, by: By = None, note: Remark = "") -> None:
    """Close a resolved incident for good; without this noc does so after a week (`alerts: close_after:`).

    Exit codes: 0 done · 2 there is no such incident, or it is not resolved, or closed already.
    """
    _do(config, lambda c, now: desk.close(c, incident, now, _who(by), note))
    complain(f"incident {incident} is closed")


@app.command()
def major(
    incident: Number,
    config: Config = None,
    by: By = None,
    note: Remark = "",
    off: Annotated[bool, typer.Option("--off", help="Take it back.")] = False,
) -> None:
    """Declare a major incident.

    Exit codes: 0 done · 2 there is no such incident, or it is resolved.
    """
    _do(config, lambda c, now: desk.major(c, incident, now, _who(by), note, is_major=not off))
    complain(f"incident {incident} is {'no major incident' if off else 'a major incident'}")


@app.command()
def priority(
    incident: Number,
    priority: Annotated[
        int | None, typer.Argument(min=1, max=PRIORITIES, help="1 is the highest.", show_default=False)
    ] = None,
    config: Config = None,
    by: By = None,
    note: Remark = "",
    release: Annotated[bool, typer.Option("--release", help="Let noc work it out again.")] = False,
) -> None:
    """Set the priority of an incident by hand, with a note that says why; it stays so until `--release`.

    Exit codes: 0 done · 2 there is no such incident, or it is resolved, or the note is missing.
    """
    if release == (priority is not None):
        raise UsageError("give a priority, or --release")
    who = _who(by)
    if priority is None:
        _do(config, lambda c, now: desk.release_priority(c, incident, now, who, note))
        complain(f"noc works out the priority of incident {incident}")
    else:
        _do(config, lambda c, now: desk.prioritise(c, incident, now, who, priority, note))
        complain(f"incident {incident} has priority {priority}")


@app.command("update")
def status_update(incident: Number, text: Line, config: Config = None, by: By = None) -> None:
    """Say how an incident stands; the newest stands on top of it. Of a major incident people are told.

    Exit codes: 0 done · 2 there is no such incident.
    """
    _do(config, lambda c, now: desk.status_update(c, incident, now, _who(by), _said(text)))
    complain(f"incident {incident} is updated")


@app.command()
def ticket(
    incident: Number,
    channel: Annotated[str, typer.Argument(help="The other system, in a word.", show_default=False)],
    reference: Annotated[str, typer.Argument(help="Its number there.", show_default=False)],
    url: Annotated[str | None, typer.Option(help="Its page there.", show_default=False)] = None,
    config: Config = None,
    by: By = None,
) -> None:
    """Say by which number another system knows an incident.

    Exit codes: 0 done · 2 there is no such incident.
    """
    _do(config, lambda c, now: desk.add_ticket(c, incident, now, _who(by), channel, reference, url))
    complain(f"incident {incident} is {reference} in {channel}")


@app.command("note")
def add_note(incident: Number, text: Line, config: Config = None, by: By = None) -> None:
    """Write a line into an incident's timeline.

    Exit codes: 0 done · 2 there is no such incident.
    """
    _do(config, lambda c, now: desk.note(c, incident, now, _who(by), _said(text)))
    complain(f"noted in incident {incident}")


@app.command()
def report(
    incident: Number,
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="Of the file: html or pdf.")] = "html",
    lang: Annotated[str, typer.Option(help=f"Language: {', '.join(LOCALES)}.")] = "en",
    out: Annotated[
        Path | None, typer.Option(help="The file. Default: a text on the terminal.", show_default=False)
    ] = None,
) -> None:
    """Report on an incident: what happened, who was told by when, what devices said, what was learned.

    Exit codes: 0 done · 2 there is no such incident, or the file can't be made.
    """
    if form not in ("html", "pdf"):
        raise UsageError(f"--format: '{form}' is not one of html, pdf")
    try:
        reader = language(lang)
    except ValueError as error:
        raise UsageError(f"--lang: {error}") from error
    now_ms = _now_ms()

    async def read(connection: Transaction) -> CaseFile:
        return await _case(connection, incident, now_ms)

    write_report(_on(config, read), config, now_ms, "html" if form == "html" else "pdf", out, reader)


async def _case(connection: Transaction, number: int, now_ms: int) -> CaseFile:
    found = await casefile.read(connection, number, now_ms)
    if found is None:
        raise LookupError(f"there is no incident {number}")
    return found


def _do(config: Path | None, act: Callable[[Transaction, int], Awaitable[object]]) -> None:
    async def write(connection: Transaction) -> object:
        return await act(connection, await clocksteps.now_ms(connection, _now_ms()))

    _on(config, write, writes=True)


def _until(now_ms: int, lasting: str | None) -> int | None:
    if lasting is None:
        return None
    try:
        return now_ms + length_ms(parse_duration(lasting))
    except ValueError as error:
        raise UsageError(f"--for: {error}") from error


def _said(text: str) -> str:
    if not text.strip():
        raise UsageError("the note is empty")
    return text


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
