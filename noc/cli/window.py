"""`noc window`: planned maintenance, on the state database, whether the daemon runs or not."""

from __future__ import annotations

import getpass
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from noc.app.check import check
from noc.cli import _window as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json, on_state, time_text
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.maintenance import notices
from noc.maintenance.documents import decisions_document, impact_document, window_document
from noc.maintenance.draft import Asked, DraftError, check_known, draft, moment_of
from noc.maintenance.impact import Impact
from noc.maintenance.imports import Step
from noc.model.errors import InputError, UsageError
from noc.model.instants import length_ms, to_ms
from noc.model.window import PlannedWindow, WindowState
from noc.settings.schema import parse_duration
from noc.state import carriernotices, windows
from noc.state.database import Transaction
from noc.state.foreseen import preview as foresee

app = typer.Typer(
    no_args_is_help=True,
    help="Plan maintenance: ask for windows, approve them, see what they touch.",
    rich_markup_mode=None,
)

SOMETHING_WRONG = 1
STATES: tuple[WindowState, ...] = ("requested", "approved", "rejected", "cancelled")

_Result = TypeVar("_Result")

Entity = Annotated[
    str, typer.Argument(help="What is worked on: site/nairobi, device/…, circuit/….", show_default=False)
]
Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The window.", show_default=False)]
By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
]
Why = Annotated[str, typer.Option("--why", help="A reason, for the ledger.", show_default=False)]
From = Annotated[
    str, typer.Option("--from", help="When it begins: 2026-11-28T22:00 in --zone, or with Z.", show_default=False)
]
To = Annotated[str | None, typer.Option("--to", help="When it ends, in the same form.", show_default=False)]
For = Annotated[str | None, typer.Option("--for", help="How long it is, instead of --to: 2h.", show_default=False)]
Zone = Annotated[str, typer.Option(help="IANA time zone of times without one, and of --rrule.")]


@app.command()
def request(
    entity: Entity,
    begin: From,
    what: Annotated[str, typer.Option("--what", help="What is to be done.", show_default=False)],
    end: To = None,
    long: For = None,
    rrule: Annotated[
        str, typer.Option(help="How it comes again (RFC 5545): FREQ=MONTHLY;BYDAY=1SU.", show_default=False)
    ] = "",
    zone: Zone = "UTC",
    by: By = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Ask for a window, and see what it touches. Somebody else approves it: until then it is no planned time.

    `--json`: {window, impact}, as `show` and `preview` print them.

    Exit codes: 0 asked for · 2 it can't be a window.
    """
    inventory, now_ms = _inventory(config), _now_ms()
    start_ms, end_ms = _times(begin, end, long, zone)
    asked = draft(Asked(entity, start_ms, end_ms, _who(by), what, rrule, zone), inventory, now_ms)

    async def write(connection: Transaction) -> tuple[PlannedWindow, Impact]:
        touched = await foresee(connection, inventory, entity, start_ms, end_ms)
        return await windows.request(connection, asked), touched

    found, touched = _on(config, write, writes=True)
    if as_json:
        print_json({"window": _document(found), "impact": impact_document(touched)})
        return
    page.print_impact(touched)
    complain(f"window {found.number} is asked for; somebody else approves it: noc window approve {found.number}")


@app.command()
def approve(number: Number, by: By = None, why: Why = "", config: Config = None) -> None:
    """Approve a window that somebody else asked for. Where it has begun it counts from now on.

    Exit codes: 0 done · 2 there is no such window, it isn't waiting, or you asked for it yourself.
    """
    _decide(config, lambda connection: windows.approve(connection, number, who=_who(by), why=why, now_ms=_now_ms()))
    complain(f"window {number} is approved")


@app.command()
def reject(number: Number, by: By = None, why: Why = "", config: Config = None) -> None:
    """Reject a window that somebody else asked for.

    Exit codes: 0 done · 2 there is no such window, it isn't waiting, or you asked for it yourself.
    """
    _decide(config, lambda connection: windows.reject(connection, number, who=_who(by), why=why, now_ms=_now_ms()))
    complain(f"window {number} is rejected")


@app.command()
def cancel(
    number: Number,
    occurrence: Annotated[
        str | None,
        typer.Option(help="Of one that comes again, only the time that begins then.", show_default=False),
    ] = None,
    zone: Zone = "UTC",
    by: By = None,
    why: Why = "",
    config: Config = None,
) -> None:
    """Take a window back, or end one that is under way; what was planned time until now stays planned time.

    Exit codes: 0 done · 2 there is no such window, or it is over.
    """
    if occurrence is None:
        _decide(config, lambda connection: windows.cancel(connection, number, who=_who(by), why=why, now_ms=_now_ms()))
        complain(f"window {number} is cancelled")
        return
    start_ms = moment_of("--occurrence", occurrence, zone)
    _decide(
        config,
        lambda connection: windows.leave_out(connection, number, start_ms, who=_who(by), why=why, now_ms=_now_ms()),
    )
    complain(f"window {number} leaves out {time_text(start_ms)}")


@app.command()
def shorten(
    number: Number,
    end: Annotated[str, typer.Option("--to", help="When it ends now.", show_default=False)],
    zone: Zone = "UTC",
    by: By = None,
    why: Why = "",
    config: Config = None,
) -> None:
    """Have a window end sooner. It never ends later: for that, ask for another one.

    Exit codes: 0 done · 2 there is no such window, or it can't end then.
    """
    end_ms = moment_of("--to", end, zone)
    _decide(
        config, lambda connection: windows.shorten(connection, number, end_ms, who=_who(by), why=why, now_ms=_now_ms())
    )
    complain(f"window {number} ends at {time_text(end_ms)}")


@app.command("list")
def list_windows(
    config: Config = None,
    state: Annotated[list[str] | None, typer.Option(help=f"Only these: {', '.join(STATES)}.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only of this one, such as site/nairobi.")] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List windows, the newest first.

    `--json`: a list of {id, entity, state, under_way, from, to, rrule, zone, without, next, why, requested,
    requested_by, notice_s, decided, decided_by, source}.
    """
    wanted = [_state(one) for one in state or ()]
    found = _on(config, lambda connection: windows.page(connection, states=wanted, entity=entity, limit=last))
    if as_json:
        print_json([_document(one) for one in found])
    elif found:
        page.print_list(found, _now_ms())
    else:
        complain("there are no such windows")


@app.command()
def show(number: Number, config: Config = None, as_json: Json = False) -> None:
    """Show one window: when it is, who decided what, and what it touches.

    `--json`: as in `list`, with `decisions`, a list of {at, step, who, why, from, to, without}, and `impact`.

    Exit codes: 0 shown · 2 there is no such window.
    """
    inventory = _inventory(config)

    async def read(connection: Transaction) -> tuple[PlannedWindow, Impact]:
        found = await windows.get(connection, number)
        if found is None:
            raise LookupError(f"there is no window {number}")
        now = found.now
        return found, await foresee(connection, inventory, found.entity, now.start_ms, now.end_ms, number)

    found, touched = _on(config, read)
    if as_json:
        decisions = decisions_document(found, time_text)
        print_json({**_document(found), "decisions": decisions, "impact": impact_document(touched)})
        return
    page.print_one(found, _now_ms())
    page.print_impact(touched)


@app.command()
def preview(
    entity: Entity,
    begin: From,
    end: To = None,
    long: For = None,
    zone: Zone = "UTC",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say what a window would touch, together with the windows at the same time; nothing is asked for.

    `--json`: {entity, lose_only_path, not_covered, lose_a_path, circuits, services, devices, at_the_same_time,
    only_together}: lists of entities. not_covered: of lose_only_path, those for which the window is not, so that their
    time is an outage. devices: how many nobody reaches. only_together: [{window, entity, approved, sites}], other
    windows, and the sites that lose their only path by both together.
    """
    inventory = _inventory(config)
    start_ms, end_ms = _times(begin, end, long, zone)
    check_known(entity, inventory)
    touched = _on(config, lambda connection: foresee(connection, inventory, entity, start_ms, end_ms))
    if as_json:
        print_json(impact_document(touched))
    else:
        page.print_impact(touched)


@app.command("import")
def import_notices(
    file: Annotated[Path, typer.Argument(help="A carrier's notice, iCalendar (.ics).", show_default=False)],
    zone: Zone = "UTC",
    by: By = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come of it; write nothing.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Ask for windows of the circuits that carriers' notices name; move and take back those they changed.

    A circuit is found by its id, or its `provider_reference`. `--json`: a list of {word, uid, sequence, summary,
    entity, window, why}; word is one of request, cancel, unchanged, older, unmatched, over, wrong.

    Exit codes: 0 all were understood · 1 some name no circuit, or can't be understood · 2 FILE is no calendar.
    """
    try:
        found = notices.read(file.read_bytes(), zone)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {error}") from error
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    inventory, who, now_ms = _inventory(config), _who(by), _now_ms()
    before = _on(config, lambda connection: carriernotices.known(connection, found))
    plan = carriernotices.planned(found, before, inventory, who, now_ms)
    steps = [step for step, _ in plan.steps]
    if not dry_run:
        steps = _on(config, lambda connection: carriernotices.write(connection, plan, who, now_ms), writes=True)
    if as_json:
        print_json([dict(_step(step)) for step in steps])
    else:
        page.print_steps(steps)
    if any(step.word in ("unmatched", "wrong") for step in steps):
        raise typer.Exit(SOMETHING_WRONG)


def _step(step: Step) -> Iterator[tuple[str, object]]:
    yield from (("word", step.word), ("uid", step.notice.uid), ("sequence", step.notice.sequence))
    yield from (("summary", step.notice.summary), ("entity", step.entity or None), ("window", step.window))
    yield "why", step.why or None


def _decide(config: Path | None, do: Callable[[Transaction], Awaitable[PlannedWindow]]) -> None:
    _on(config, do, writes=True)


def _on(config: Path | None, do: Callable[[Transaction], Awaitable[_Result]], *, writes: bool = False) -> _Result:
    """Do something in one transaction of the state database. Raises UsageError where there is no such window."""
    try:
        return on_state(config, "window", do, writes=writes)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error


def _inventory(config: Path | None) -> Inventory:
    checked = check(config or default_config(), os.environ)
    if checked.inventory is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    return checked.inventory


def _times(begin: str, end: str | None, long: str | None, zone: str) -> tuple[int, int]:
    start_ms = moment_of("--from", begin, zone)
    if (end is None) == (long is None):
        raise UsageError("say when the window ends: by --to, or by --for")
    if end is not None:
        return start_ms, moment_of("--to", end, zone)
    try:
        return start_ms, start_ms + length_ms(parse_duration(long))
    except ValueError as error:
        raise DraftError("--for", f"--for: {error}") from error


def _state(written: str) -> WindowState:
    for state in STATES:
        if written == state:
            return state
    raise UsageError(f"--state: '{written}' is not one of {', '.join(STATES)}")


def _document(window: PlannedWindow) -> dict[str, object]:
    return window_document(window, time_text, _now_ms())


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now_ms() -> int:
    return to_ms(SystemClock().now())
