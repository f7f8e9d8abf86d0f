"""`noc config`: copies of the configurations of devices, and what changed between them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from noc.cli._config import Config
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json, on_state, time_text
from noc.cli._table import Column, print_rows
from noc.model.errors import UsageError
from noc.state import configurations
from noc.state.configurations import BackupState, Version
from noc.state.database import Transaction

app = typer.Typer(no_args_is_help=True, help="List, show, compare copies of configurations.", rich_markup_mode=None)

WHAT = "copies of configurations"

Device = Annotated[str, typer.Argument(help="The device, by its id.", show_default=False)]
Which = Annotated[int | None, typer.Option("--version", min=1, help="Which one. Default: the newest.")]


@app.command("list")
def list_copies(
    device: Annotated[str | None, typer.Argument(help="List the versions of this device.", show_default=False)] = None,
    config: Config = None,
    last: Annotated[int, typer.Option(min=1, max=1000, help="How many versions, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List how the copies of all devices go; of one device its versions, the newest first.

    `--json`: a list of {device, first_try, last_try, last_good, error}; of one device a list of {version, first, last,
    changed, author, lines}. `changed` and `author` are the device's own words, null where it doesn't tell.

    Exit codes: 0 listed · 1 listed, and a last try failed · 2 there is no such device.
    """
    if device is not None:
        _list_versions(config, device, last, as_json)
        return
    states = list(on_state(config, WHAT, configurations.states).values())
    if as_json:
        print_json([_state_document(state) for state in states])
    elif not states:
        complain("no configuration was copied yet; set `backup` on devices that have ssh credentials")
    else:
        columns = [Column("device"), Column("last good"), Column("last try", drops=1), Column("error", shrinks_to=20)]
        rows = [(one.device, _time(one.good_ms), _time(one.tried_ms), one.error or "") for one in states]
        _print(columns, rows)
    if any(state.error for state in states):
        raise typer.Exit(1)


@app.command()
def show(device: Device, config: Config = None, version: Which = None) -> None:
    """Print a copy of a configuration, without its secrets."""

    async def read(connection: Transaction) -> str:
        return await _text(connection, device, version)

    _print_text(on_state(config, WHAT, read, writes=True))  # the look is a record of the audit


@app.command()
def diff(
    device: Device,
    config: Config = None,
    before: Annotated[int | None, typer.Option(min=1, help="The older version. Default: the one before.")] = None,
    version: Which = None,
) -> None:
    """Print what changed from one version to another, as `diff -u` does.

    Exit codes: 0 nothing is different · 1 there are differences · 2 there are no such versions.
    """

    async def read(connection: Transaction) -> tuple[Version, str, Version, str]:
        new = await _version(connection, device, version)
        old = await _version(connection, device, before, of=new.id)
        return old, await _text(connection, device, old.id), new, await _text(connection, device, new.id)

    old, old_text, new, new_text = on_state(config, WHAT, read, writes=True)  # as above
    names = (f"{device} version {old.id}", f"{device} version {new.id}")
    times = (time_text(old.first_ms), time_text(new.first_ms))
    found = list(difflib.unified_diff(old_text.splitlines(), new_text.splitlines(), *names, *times, lineterm=""))
    _print_text("\n".join(found))
    if found:
        raise typer.Exit(1)


def _list_versions(config: Path | None, device: str, last: int, as_json: bool) -> None:
    async def read(connection: Transaction) -> list[Version]:
        await _version(connection, device, None)
        return await configurations.versions(connection, device, last)

    found = on_state(config, WHAT, read)
    if as_json:
        print_json([_version_document(one) for one in found])
        return
    columns = [Column("version", right=True), Column("since"), Column("until", drops=1), Column("lines", right=True)]
    columns += [Column("changed", shrinks_to=16), Column("by", shrinks_to=8)]
    rows = [
        (str(one.id), _time(one.first_ms), _time(one.last_ms), str(one.lines), one.changed or "", one.author or "")
        for one in found
    ]
    _print(columns, rows)


async def _version(connection: Transaction, device: str, wanted: int | None, of: int | None = None) -> Version:
    """Return a version, or the newest. of: the newest before that one. Raises UsageError."""
    before = of if wanted is None else wanted + 1
    found = await configurations.versions(connection, device, 1, before)
    if found and wanted in (None, found[0].id):
        return found[0]
    if wanted is not None:
        raise UsageError(f"there is no version {wanted} of '{device}'; see `noc config list {device}`")
    if of is not None:
        raise UsageError(f"there is no version of '{device}' before {of}")
    raise UsageError(f"there is no copy of the configuration of '{device}'; see `noc config list`")


async def _text(connection: Transaction, device: str, version: int | None) -> str:
    found = await _version(connection, device, version)
    return await configurations.text_of(connection, device, found.id) or ""


def _state_document(state: BackupState) -> dict[str, str | None]:
    return {
        "device": state.device,
        "first_try": time_text(state.first_ms),
        "last_try": time_text(state.tried_ms),
        "last_good": None if state.good_ms is None else time_text(state.good_ms),
        "error": state.error or None,
    }


def _version_document(version: Version) -> dict[str, str | int | None]:
    return {
        "version": version.id,
        "first": time_text(version.first_ms),
        "last": time_text(version.last_ms),
        "changed": version.changed,
        "author": version.author,
        "lines": version.lines,
    }


def _time(milliseconds: int | None) -> str:
    return "never" if milliseconds is None else time_text(milliseconds)[:16].replace("T", " ")


def _print(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    print_rows(columns, [[Text(printable(cell)) for cell in row] for row in rows])


def _print_text(text: str) -> None:
    """Print a text of a device: what would command a terminal is left out."""
    for line in text.splitlines():
        typer.echo(printable(line.replace("\t", "        ")))
