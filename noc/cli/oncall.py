"""`noc oncall`: who is on call, now or at a time, and who stands in for whom."""

from __future__ import annotations

import asyncio
import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from alerts import oncalldesk as desk
from alerts.oncallcalendar import AHEAD, read
from alerts.oncalldocuments import oncall_document, override_document
from noc.app.oncall import Roster, directory_now, roster_of
from noc.availability.times import parse
from noc.cli import _oncall as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json, on_state, time_text
from noc.clock import SystemClock
from noc.maintenance.draft import moment_of
from noc.model.errors import UsageError
from noc.model.instants import from_ms, length_ms, to_ms
from noc.model.oncall import Override
from noc.settings.schema import parse_duration
from noc.state import overrides
from noc.state.database import Transaction

app = typer.Typer(help="Show who is on call; let somebody stand in.", rich_markup_mode=None)

SOMETHING_WRONG = 1

By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]
Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="The schedule, by its key.", show_default=False)]


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option("--at", help="At this time instead of now: 2026-12-24T22:00:00Z.", show_default=False)
    ] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help="Only by this schedule.", show_default=False)
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="With --ical: all shifts of this person.", show_default=False)
    ] = None,
    ical: Annotated[
        bool, typer.Option("--ical", help="Print the shifts of the coming half year as iCalendar instead.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show who is on call, now or at a time, and who is next; let somebody stand in.

    `--json`: {at, schedules: [{schedule, name, time_zone, covered, since, until, on_call: [{person, name, why, by,
    email, phone, time_zone}], next: {from, people}}], desks: [{desk, name, time_zone, local_time, daylight, schedule,
    on_call}]}; why: layer, override or hand_over. Desks: in daylight first.

    Exit codes: 0 shown · 1 somebody should be on call and nobody is · 2 wrong use, or wrong settings.
    """
    if context.invoked_subcommand is not None:
        return
    now_ms = _now_ms()
    roster = roster_of(config or default_config(), os.environ, now_ms)
    if schedule is not None:
        desk.check_schedule(roster.directory, schedule)
    at_ms = now_ms if at is None else _moment(at)
    directory = asyncio.run(directory_now(roster, now_ms))
    if ical:
        page.print_calendar(directory, schedule, person, now_ms)
        return
    document = oncall_document(directory, at_ms, time_text, None if schedule is None else [schedule])
    if as_json:
        print_json(document)
    else:
        page.print_oncall(directory, document)
    if not page.is_covered(document):
        raise typer.Exit(SOMETHING_WRONG)


@app.command("override")
def add_override(
    schedule: Name,
    person: Annotated[str, typer.Argument(help="Who is on call, by the key in `people`.", show_default=False)],
    begin: Annotated[str, typer.Option("--from", help="From when: 2026-12-24T18:00:00Z.", show_default=False)],
    end: Annotated[str | None, typer.Option("--to", help="Until when, in the same form.", show_default=False)] = None,
    long: Annotated[
        str | None, typer.Option("--for", help="How long, instead of --to: 12h.", show_default=False)
    ] = None,
    instead_of: Annotated[
        str | None, typer.Option("--instead-of", help="Of whom. Default: of all who would be.", show_default=False)
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason.", show_default=False)] = "",
    by: By = None,
    config: Config = None,
) -> None:
    """Put somebody on call for a while, instead of one person or of all.

    Times without a zone are of the schedule's wall clock.

    Exit codes: 0 done · 2 there is no such schedule or person, or the time is wrong.
    """
    now_ms = _now_ms()
    roster = _roster(config, now_ms)
    desk.check_schedule(roster.directory, schedule)
    zone = str(roster.directory.settings.schedules[schedule].time_zone)
    start_ms = moment_of("--from", begin, zone)
    asked = Override(0, schedule, start_ms, _end_ms(start_ms, end, long, zone), person, instead_of, why, _who(by))

    async def write(connection: Transaction) -> Override:
        return await desk.override(connection, roster.directory, asked, now_ms)

    made = on_state(config, "override", write, writes=True)
    whom = f" instead of {made.instead_of}" if made.instead_of else ""
    complain(
        f"override {made.id}: {made.person} is on call by {schedule}{whom} from {time_text(made.start_ms)} to "
        f"{time_text(made.end_ms)}"
    )


@app.command("overrides")
def list_overrides(
    config: Config = None,
    is_all: Annotated[bool, typer.Option("--all", help="Also those that are over or cancelled.")] = False,
    as_json: Json = False,
) -> None:
    """List who stands in for whom, now and later.

    `--json`: a list of {id, schedule, from, to, person, instead_of, why, who, made, cancelled, cancelled_by, source}.
    """
    now_ms = _now_ms()

    async def fetch(connection: Transaction) -> list[Override]:
        found = await overrides.near(connection, 0 if is_all else now_ms)
        return [one for one in found if is_all or one.cancelled_ms is None]

    found = on_state(config, "override", fetch)
    if as_json:
        print_json([override_document(one, time_text) for one in found])
    elif found:
        page.print_overrides(found)
    else:
        complain("nobody stands in for anybody")


@app.command()
def cancel(
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="The override.", show_default=False)],
    by: By = None,
    config: Config = None,
) -> None:
    """Cancel an override: from now on the schedule holds again.

    Exit codes: 0 done · 2 there is no such override, or it is cancelled or over already.
    """

    async def write(connection: Transaction) -> Override:
        return await desk.cancel(connection, number, _who(by), _now_ms())

    try:
        on_state(config, "override", write, writes=True)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error
    complain(f"override {number} is cancelled")


@app.command("import")
def import_calendar(
    schedule: Name,
    file: Annotated[Path, typer.Argument(help="An iCalendar file with an event for each shift.", show_default=False)],
    by: By = None,
    config: Config = None,
) -> None:
    """Make overrides of the shifts in a calendar; what it tells no more is cancelled.

    Attendee or summary of an event say whose shift it is: by key, name or address of e-mail. The same file again
    changes only what changed in it.

    Exit codes: 0 done · 1 done, and some events are nobody's · 2 the file can't be read.
    """
    now_ms = _now_ms()
    roster = _roster(config, now_ms)
    desk.check_schedule(roster.directory, schedule)
    settings, now = roster.directory.settings, from_ms(now_ms)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    shifts, wrong = read(content, settings.people, settings.schedules[schedule].time_zone, now, now + AHEAD)

    async def write(connection: Transaction) -> tuple[int, int]:
        return await desk.take(connection, schedule, file.name, shifts, _who(by), now_ms)

    new, gone = on_state(config, "override", write, writes=True)
    for sentence in wrong:
        complain(f"{file}: {sentence}")
    complain(f"{len(shifts)} shifts read: {new} new, {gone} cancelled")
    if wrong:
        raise typer.Exit(SOMETHING_WRONG)


def _roster(config: Path | None, now_ms: int) -> Roster:
    return roster_of(config or default_config(), os.environ, now_ms)


def _end_ms(start_ms: int, end: str | None, long: str | None, zone: str) -> int:
    if (end is None) == (long is None):
        raise UsageError("say when the override ends: by --to, or by --for")
    if end is not None:
        return moment_of("--to", end, zone)
    try:
        return start_ms + length_ms(parse_duration(long))
    except ValueError as error:
        raise UsageError(f"--for: {error}") from error


def _moment(text: str) -> int:
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"--at: {error}") from error


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now_ms() -> int:
    return to_ms(SystemClock().now())
