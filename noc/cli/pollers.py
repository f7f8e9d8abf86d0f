"""`noc pollers`: how remote pollers stand, and what they are asked to do."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import check
from noc.app.enrolling import enrolled
from noc.app.paths import state_folder
from noc.app.pollersettings import groups_of
from noc.app.pollersnow import GroupNow, Moves, PollerNow, moves, serves, standings
from noc.app.statefile import STATE_FILE
from noc.cli import _pollers as page
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json, on_state
from noc.clock import SystemClock
from noc.model.errors import InputError, UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import to_ms
from noc.model.poller import RemotePoller
from noc.state import pollers
from noc.state.claim import is_held
from noc.state.database import Transaction

app = typer.Typer(help="List remote pollers; let one drain, or out of quarantine.", rich_markup_mode=None)

SOMETHING_WRONG = 1

Name = Annotated[str, typer.Argument(metavar="NAME", help="The poller.", show_default=False)]


@dataclass(frozen=True, slots=True)
class _Overview:
    """running: whether the daemon is. groups: what each shares, devices by id and end points as endpoint/ID."""

    running: bool
    pollers: tuple[RemotePoller, ...]
    groups: Mapping[str, frozenset[str]]

    def standings(self) -> tuple[list[PollerNow], list[GroupNow]]:
        return standings(self.pollers, self.groups)


@app.callback(invoke_without_command=True)
def show(context: typer.Context, config: Config = None, as_json: Json = False) -> None:
    """List remote pollers and their groups; let one drain, or out of quarantine.

    `--json`: {at, running, pollers: [{name, group, state, since, seen, waiting, oldest, offset_ms, error_ms, devices,
    endpoints, version, boot, plan, drain, quarantine, readings, events, refused}], groups: [{group, devices, endpoints,
    pollers, serving, blind, blind_since}]}. state: never, here, draining, gone or quarantined. devices, endpoints: its
    share now. waiting: frames on its disk. offset_ms: how far its clock is ahead. blind: nobody polls the group's
    devices and end points.

    Exit codes: 0 shown · 1 a poller is gone or in quarantine, or a group is blind · 2 wrong use, or wrong settings.
    """
    if context.invoked_subcommand is not None:
        return
    found, now_ms = _overview(config), to_ms(SystemClock().now())
    rows, groups = found.standings()
    if as_json:
        print_json(page.document(rows, groups, now_ms, running=found.running))
    else:
        page.show(rows, groups, now_ms, running=found.running)
    if any(row.is_wrong for row in rows) or any(group.is_blind for group in groups):
        raise typer.Exit(SOMETHING_WRONG)


@app.command()
def drain(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Let it take its share again.")] = False,
    config: Config = None,
) -> None:
    """Ask a poller to give up its share, such as before work on its machine: others of its group take it.

    It goes on sending what is on its disk. The running daemon asks it within seconds, or when it is back.

    Exit codes: 0 asked · 2 there is no such poller.
    """
    _order(config, name, drain=not undo)
    if undo:
        complain(f"poller {name} is asked to take its share again")
        return
    complain(f"poller {name} is asked to give up its share; `noc pollers` shows when it has")
    rows, groups = _overview(config).standings()
    known = next((row.known for row in rows if row.known.name == name), None)
    if known is not None and any(one.name == known.group and one.is_blind for one in groups):
        complain(f"warning: nobody else of {known.group} is there: its devices will be unknown meanwhile")


@app.command()
def release(name: Name, config: Config = None) -> None:
    """Let a poller out of quarantine. Find out first which machine is the right one, and stop the other.

    Where the identity was copied: `noc poller enrol NAME --group G --force` makes the copy worthless.

    Exit codes: 0 released · 2 there is no such poller.
    """
    _order(config, name, quarantine="")
    complain(f"poller {name} is released")


@app.command()
def rebalance(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, and change nothing.")] = False,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="As if this one were not there.", show_default=False)
    ] = None,
    coming: Annotated[
        list[str] | None, typer.Option("--with", help="As if this one were there.", show_default=False)
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", help="Only this group; that of a --with who isn't enrolled.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show who polls how many devices, and what would move if a poller came or went.

    Pollers draw their devices by rendezvous hashing: nothing is ever moved by hand, and what moves is what must.

    `--json`: {groups: [{group, devices, pollers: [{name, before, after}], moved: [{device, from, to}]}]}.

    Exit codes: 0 shown · 2 wrong use.
    """
    if not dry_run:
        raise UsageError(
            "shares follow from who is there, by themselves: give --dry-run to see them, or drain a poller"
        )
    found = _overview(config)
    if group is not None and group not in found.groups:
        raise UsageError(f"--group: there is no group '{group}'{did_you_mean(group, found.groups)}")
    made = _moves(found, tuple(without or ()), tuple(coming or ()), group)
    if as_json:
        print_json(page.moves_document(made))
    else:
        page.show_moves(made)


def _moves(found: _Overview, without: Sequence[str], coming: Sequence[str], group: str | None) -> list[Moves]:
    known = {one.name: one for one in found.pollers}
    for name in without:
        if name not in known:
            raise UsageError(f"--without: there is no poller '{name}'{did_you_mean(name, known)}")
    new: dict[str, set[str]] = {}
    for name in coming:
        of = (
            known[name].group
            if name in known
            else group or (next(iter(found.groups)) if len(found.groups) == 1 else None)
        )
        if of is None:
            raise UsageError(f"--with: '{name}' is not enrolled; say by --group where it would be")
        new.setdefault(of, set()).add(name)
    made = []
    for name, devices in sorted(found.groups.items()):
        if group is None or name == group:
            now = sorted(one.name for one in found.pollers if one.group == name and serves(one))
            then = sorted(({*now} | new.get(name, set())) - {*without})
            made.append(moves(name, devices, now, then))
    return made


def _overview(config: Path | None) -> _Overview:
    """Return who is enrolled, as the daemon last knew them. Raises InputError, UsageError."""
    checked = check(config or default_config(), os.environ)
    if checked.settings is None or checked.inventory is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    state_dir = state_folder(checked.folder, checked.settings)
    there = (state_dir / STATE_FILE).exists()
    rows = on_state(config, "poller", pollers.everyone) if there else ()
    known = {one.name: one for one in rows}
    for name, said in enrolled(state_dir).items():
        row = replace(known.get(name, RemotePoller(name, said.group)), group=said.group)
        known[name] = replace(row, since_ms=said.at_ms) if row.state == "never" else row
    groups = groups_of(checked.settings.pollers, checked.inventory)
    return _Overview(is_held(state_dir), tuple(known[name] for name in sorted(known)), groups)


def _order(config: Path | None, name: str, *, drain: bool | None = None, quarantine: str | None = None) -> None:
    async def write(connection: Transaction) -> bool:
        return await pollers.order(connection, name, drain=drain, quarantine=quarantine)

    if not on_state(config, "poller", write, writes=True):
        names = {one.name for one in _overview(config).pollers}
        hint = "it is enrolled, and the daemon hasn't taken it up yet" if name in names else did_you_mean(name, names)
        raise UsageError(f"there is no poller '{name}'{'; ' if name in names else ''}{hint}")
