"""`noc poller`: who may be a poller of this centre."""

from __future__ import annotations

import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from noc.app.brokeraccounts import rights_of_poller, user_of
from noc.app.check import check
from noc.app.enrolling import Desk, check_new, dismiss, enrol, identity_for
from noc.app.paths import state_folder
from noc.app.statefile import STATE_FILE
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json, on_state, time_text
from noc.clock import SystemClock
from noc.model.errors import InputError, UsageError
from noc.model.instants import to_ms
from noc.model.poller import RemotePoller
from noc.state import pollers
from noc.state.database import Transaction

app = typer.Typer(
    no_args_is_help=True,
    help="Enrol remote pollers, and remove them (`noc pollers` lists them).",
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The poller.", show_default=False)]


@app.command("enrol")
def enrol_poller(
    name: Name,
    group: Annotated[str, typer.Option("--group", help="Its group, of pollers.groups.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", help="Its identity. Default: NAME.identity.json, here.", show_default=False)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also one that is enrolled: its identity from before is worthless then.")
    ] = False,
    by: Annotated[
        str | None, typer.Option("--by", help="Who says so. Default: the user of this shell.", show_default=False)
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Give a poller an identity: one file, which holds all that it needs to begin, and its secrets.

    Bring it there on a way that nobody else reads, and delete it here. `--json`: {poller, group, identity, user,
    broker_files, reload}; reload: whether the broker is to read its files anew.

    Exit codes: 0 enrolled · 2 it can't be, nothing was done.
    """
    desk = _desk(config)
    check_new(desk, name, group, force=force)
    file = out or Path(f"{name}.identity.json")
    if file.exists() and not force:
        raise UsageError(f"{file} is there already; name another file by --out, or --force")
    identity, now_ms = identity_for(desk, name, group), to_ms(SystemClock().now())
    try:
        enrol(desk, identity, file, at_ms=now_ms, by=by or getpass.getuser())
    except OSError as error:
        raise UsageError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error
    _on_record(desk, config, lambda connection: _write(connection, name, group, now_ms))
    if as_json:
        files = None if desk.broker_files is None else str(desk.broker_files)
        document = {"poller": name, "group": group, "identity": str(file), "user": identity.user}
        print_json({**document, "broker_files": files, "reload": files is not None})
        return
    complain(f"poller {name} of {group} is enrolled at {time_text(now_ms)}")
    complain(
        f"{file}: bring it to the poller, as identity.json beside its poller.yaml, for its user alone; delete it here"
    )
    _say_what_the_broker_needs(desk, name)


@app.command("remove")
def remove_poller(name: Name, config: Config = None) -> None:
    """Take a poller's identity back: the broker lets it in no more, and the centre takes nothing from it.

    What others of its group can poll they poll; where there is none, its devices become unknown.

    Exit codes: 0 removed · 2 there is no such poller.
    """
    desk = _desk(config)
    try:
        there = dismiss(desk, name)
    except OSError as error:
        raise UsageError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from error
    known = _on_record(desk, config, lambda connection: _forget(connection, name))
    if not there and not known:
        raise UsageError(f"there is no poller '{name}'; `noc pollers` lists them")
    complain(f"poller {name} is removed")
    if desk.broker_files is not None:
        complain("have the broker read its files anew, and end the connection: systemctl restart mosquitto")
    else:
        complain(f"take the account {user_of(name)} from your broker")


def _desk(config: Path | None) -> Desk:
    checked = check(config or default_config(), os.environ)
    if checked.settings is None:
        raise InputError([finding for finding in checked.findings if finding.level == "error"])
    return Desk(checked.settings, checked.folder, state_folder(checked.folder, checked.settings))


def _on_record(desk: Desk, config: Path | None, do: Callable[[Transaction], Awaitable[bool]]) -> bool:
    """Do something in the state database where there is one: before the first `noc run` there is nothing to write."""
    if not (desk.state_dir / STATE_FILE).exists():
        return False
    return on_state(config, "poller", do, writes=True)


async def _write(connection: Transaction, name: str, group: str, now_ms: int) -> bool:
    """Write what was enrolled; what frames of it are known stays, as its spool may hold some that came already."""
    await pollers.write(connection, [RemotePoller(name, group, since_ms=now_ms)])
    return await pollers.order(connection, name, drain=False, quarantine="")


async def _forget(connection: Transaction, name: str) -> bool:
    known = await pollers.one(connection, name) is not None
    await pollers.forget(connection, name)
    return known


def _say_what_the_broker_needs(desk: Desk, name: str) -> None:
    if desk.broker_files is not None:
        complain(
            f"{desk.broker_files}: passwd and acl have it; where the broker runs elsewhere copy both there, then "
            "systemctl kill -s HUP mosquitto"
        )
        return
    complain(
        f"pollers.broker_files is not set: at your broker make the account {user_of(name)}, password as in the file,"
    )
    complain("which may:")
    for right, topic in rights_of_poller(name):
        complain(f"  {right:<5} {topic}")
