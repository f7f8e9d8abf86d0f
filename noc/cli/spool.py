"""`noc spool`: what waits for the store, whether it is whole, and to send it again."""

from __future__ import annotations

import asyncio
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from noc.app.check import check
from noc.app.paths import state_folder
from noc.app.pollerclaim import FILE as POLLERS_CLAIM
from noc.app.pollerfile import poller_settings
from noc.app.series import SPOOL_FOLDER, spool_of
from noc.app.settings import RootSettings
from noc.availability.times import format_time, parse
from noc.bus.frames import body_of
from noc.bus.packing import PackingError
from noc.bus.sending import UPLINK
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json
from noc.clock import SystemClock
from noc.model.counting import counted
from noc.model.errors import InputError, ReachError, UsageError
from noc.model.instants import to_ms
from noc.service import running
from noc.settings.schema import parse_duration
from noc.spool import requests
from noc.spool.clerk import Clerk
from noc.spool.letters import Letter, Letters
from noc.spool.payload import Payload
from noc.spool.report import Report, report, wrong
from noc.spool.requests import Answer, Replay, Request, Resend
from noc.state.claim import CLAIM_FILE, Claim
from noc.wire.columns import BodyError

app = typer.Typer(no_args_is_help=True, help="See what waits for the store, and send it again.", rich_markup_mode=None)

SOMETHING_WRONG: Final = 1
PATIENCE_S: Final = 30.0
LOOK_EVERY_S: Final = 0.1
ROWS_SHOWN: Final = 100
EVER: Final = {"stored": "stored", "dead": "dead", "shed": "shed", "lost": "lost", "replayed": "given again"}


@app.command()
def status(config: Config = None, json: Json = False) -> None:
    """Say what waits, what is held back, and what became of all that was ever put in; of a poller by `-c poller.yaml`.

    Reads the files alone, whether noc runs or not. Exit codes: 0 said, 1 said, and something is wrong, 2 wrong use.
    """
    place = _place(config)
    found = _report(place, bodies=False)
    if json:
        print_json(_document(found, place))
    else:
        for line in _lines(found, place):
            typer.echo(line)
    _end(found)


@app.command()
def verify(config: Config = None, json: Json = False) -> None:
    """Read every byte of the spool: checksums, numbers, and what the records carry; of a poller by `-c poller.yaml`.

    Reads the files alone, whether noc runs or not. Exit codes: 0 all is whole, 1 something is damaged, 2 wrong use.
    """
    place = _place(config)
    found = _report(place, bodies=True)
    if json:
        print_json(_document(found, place))
    elif not any(wrong(found)):
        batches = found.queued.batches + found.held.batches
        files, size = counted(found.segments, "file"), counted(found.bytes, "byte")
        complain(f"the spool is whole: {_batches(batches)} in {files}, {size}")
    _end(found)


@app.command()
def replay(
    since: Annotated[str, typer.Option(help="From when on: 2026-03-01T00:00:00Z, or 30m for half an hour ago.")],
    until: Annotated[str | None, typer.Option(help="Until when. Default: now.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Give the store again what it has taken since then, as far as it is held back (`spool: hold_back:`).

    What a store has already changes nothing in it. Noc may run or not. Exit codes: 0 done, 2 wrong use, 3 noc runs and
    does not answer.
    """
    now_ms = to_ms(SystemClock().now())
    since_ms, until_ms = _moment(since, now_ms), now_ms + 1 if until is None else _moment(until, now_ms)
    if since_ms >= until_ms:
        raise UsageError(f"--since {since} is not before --until {until or 'now'}: nothing lies between them")
    _carry_out(config, Replay(since_ms, until_ms), json, "were held back and wait for the store again")


@app.command("dead-letters")
def dead_letters(
    ids: Annotated[list[str] | None, typer.Argument(help="Only these, by id, with all their rows.")] = None,
    config: Config = None,
    send_again: Annotated[bool, typer.Option("--replay", help="Send these, or with --all all, again.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Those that were sent again, too.")] = False,
    json: Json = False,
) -> None:
    """List what the store refused for good, with its reason; or send it again, when what was wrong is mended.

    Exit codes: 0 done, 2 there is no such letter, or wrong use, 3 noc runs and does not answer.
    """
    if send_again:
        if not ids and not everything:
            raise UsageError("say which dead letters are to be sent again: their ids, or --all")
        _carry_out(config, Resend(tuple(ids or ())), json, "of dead letters wait for the store again")
        return
    letters = Letters(_place(config).folder).read()
    unknown = set(ids or ()) - {letter.id for letter in letters}
    if unknown:
        raise UsageError(
            f"there is no dead letter {printable(min(unknown))}; `noc spool dead-letters --all` lists them"
        )
    found = [one for one in letters if (one.id in ids if ids else everything or not one.sent_again)]
    if json:
        print_json([_letter(one) for one in found])
    elif not found:
        complain("there are no dead letters")
    else:
        for one in found:
            _print_letter(one, whole=bool(ids))


def _print_letter(one: Letter, *, whole: bool) -> None:
    again = f", sent again {one.sent_again}" if one.sent_again else ""
    typer.echo(f"{one.id}  {one.time}  {one.values:,} values{again}: {printable(one.reason)}")
    rows = one.rows.splitlines() or ["(a batch that can't be read; --json has its bytes)"] * bool(one.raw)
    for row in rows if whole else rows[:1]:
        typer.echo(f"    {printable(row if whole else row[:ROWS_SHOWN])}")
    if not whole and len(rows) > 1:
        typer.echo(f"    and {counted(len(rows) - 1, 'more row')}: noc spool dead-letters {one.id}")


def _letter(one: Letter) -> dict[str, object]:
    return {
        "id": one.id,
        "time": one.time,
        "reason": one.reason,
        "values": one.values,
        "rows": one.rows.splitlines(),
        "bytes_hex": one.raw.hex() if one.raw else None,
        "sent_again": one.sent_again or None,
    }


@dataclass(frozen=True, slots=True)
class _Place:
    """A spool: of the daemon, or of a poller. settings: None of a poller. claim: the file that whoever runs holds."""

    state_dir: Path
    budget: int
    claim: str
    settings: RootSettings | None

    @property
    def folder(self) -> Path:
        return self.state_dir / SPOOL_FOLDER


def _place(config: Path | None) -> _Place:
    """Return where a spool is. Raises InputError where the settings can't be read."""
    file = config or default_config()
    of_poller = poller_settings(file, os.environ)
    if of_poller is not None:
        return _Place(of_poller[1], of_poller[0].spool.budget, POLLERS_CLAIM, None)
    checked = check(file, os.environ)
    if checked.settings is None:
        raise InputError(checked.findings)
    settings = checked.settings
    return _Place(state_folder(checked.folder, settings), settings.spool.budget, CLAIM_FILE, settings)


def _report(place: _Place, *, bodies: bool) -> Report:
    folder = place.folder
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no spool yet; `noc run` makes it, in the folder that state_dir names")
    try:
        if place.settings is None:
            return report(folder, bodies=bodies, consumer=UPLINK, read=_read_frame)
        return report(folder, bodies=bodies)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; run this as the user that runs noc") from error


def _read_frame(payload: Payload) -> None:
    """Read a poller's frame. Raises BodyError."""
    try:
        body_of(payload.body)
    except PackingError as error:
        raise BodyError(str(error)) from None


def _document(found: Report, place: _Place) -> dict[str, object]:
    def time_of(milliseconds: int | None) -> str | None:
        return None if milliseconds is None else format_time(milliseconds)

    return {
        "folder": str(place.folder),
        "noc_runs": _runs(place),
        "bytes": found.bytes,
        "budget_bytes": place.budget,
        "segments": found.segments,
        "batches": {"in": found.last, **found.batches, "queued": found.queued.batches},
        "queued": {
            "batches": found.queued.batches,
            "values": found.queued.values,
            "oldest": time_of(found.oldest_ms),
            "newest": time_of(found.newest_ms),
        },
        "held_back": {"batches": found.held.batches, "values": found.held.values},
        "dead_letters": found.letters,
        "quarantined": found.quarantined,
        "adds_up": found.adds_up,
        "wrong": list(wrong(found)),
    }


def _batches(count: int) -> str:
    return counted(count, "batch", "batches")


def _lines(found: Report, place: _Place) -> list[str]:
    counts, budget = found.batches, place.budget
    oldest = "" if found.oldest_ms is None else f", the oldest of {format_time(found.oldest_ms)}"
    size, files = counted(found.bytes, "byte"), counted(found.segments, "file")
    on_disk = f"{size} in {files}, {100 * found.bytes / budget:.0f} % of the budget"
    ever = ", ".join(f"{counts[name]:,} {said}" for name, said in EVER.items())
    return [
        f"folder        {place.folder} (noc {'runs' if _runs(place) else 'does not run'})",
        f"on disk       {on_disk}",
        f"waits         {_batches(found.queued.batches)}, {counted(found.queued.values, 'value')}{oldest}",
        f"held back     {_batches(found.held.batches)}, {counted(found.held.values, 'value')}",
        f"since ever    {_batches(found.last)} put in, {ever}",
        f"dead letters  {found.letters:,}",
        f"quarantine    {counted(found.quarantined, 'copy of a damaged place', 'copies of damaged places')}",
    ]


def _end(found: Report) -> None:
    """Say what is wrong, and end with 1 where something is."""
    said = list(wrong(found))
    for line in said:
        complain(line)
    if said:
        raise typer.Exit(SOMETHING_WRONG)


def _runs(place: _Place) -> bool:
    """Return whether a daemon, or a poller, has the state folder."""
    try:
        file = os.open(place.state_dir / place.claim, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _moment(text: str, now_ms: int) -> int:
    """Return a time, or so long ago. Raises UsageError."""
    try:
        return now_ms - round(parse_duration(text).total_seconds() * 1000)
    except ValueError:
        pass
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(
            f"'{printable(text)}' is neither a time (2026-03-01T00:00:00Z) nor a length (30m): {error}"
        ) from error


def _carry_out(config: Path | None, request: Request, as_json: bool, what: str) -> None:
    place = _place(config)
    settings, state_dir, folder = place.settings, place.state_dir, place.folder
    if settings is None:
        raise UsageError(f"{folder} is a poller's: what the centre hasn't stored it sends by itself, and nothing else")
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no spool yet; `noc run` makes it, in the folder that state_dir names")
    runs = _runs(place)
    said = asyncio.run(_asked(folder, request) if runs else _done(settings, state_dir, request))
    if said.wrong:
        raise UsageError(said.wrong)
    if as_json:
        print_json({"batches": said.batches, "values": said.values})
    else:
        complain(f"{_batches(said.batches)}, {counted(said.values, 'value')} {what}")


async def _asked(folder: Path, request: Request) -> Answer:
    """Have the daemon do it. Raises UsageError, ReachError where it does not answer."""
    clock = SystemClock()
    try:
        place = requests.ask(folder, request)
        until_s = clock.monotonic() + PATIENCE_S
        while clock.monotonic() < until_s:
            said = requests.answered(place)
            if said is not None:
                return said
            await clock.sleep(LOOK_EVERY_S)
        taken = not requests.withdraw(place)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; run this as the user that runs noc") from error
    state = "is still at it" if taken else "did not take it up, and it was withdrawn"
    raise ReachError(f"noc runs, and {state} after {PATIENCE_S:.0f} s: see its log")


async def _done(settings: RootSettings, state_dir: Path, request: Request) -> Answer:
    """Do it here, while no daemon may start. Raises UsageError, StoreError."""
    clock = SystemClock()
    spool = spool_of(state_dir, settings.spool, clock)
    async with running([Claim(state_dir), spool]):
        return await Clerk(spool, Letters(spool.folder), clock).carry_out(request)
