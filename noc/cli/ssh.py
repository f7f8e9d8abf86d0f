"""`noc ssh`: the host keys of devices."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from noc.app.check import check
from noc.app.shell import host_key_files
from noc.cli._config import Config, default_config
from noc.cli._console import complain, print_json
from noc.cli._state import Json
from noc.model.errors import InputError, UsageError
from noc.wire.ssh import accept as accept_key
from noc.wire.ssh import host_name, refused

app = typer.Typer(no_args_is_help=True, help="Accept the host keys of devices.", rich_markup_mode=None)

Device = Annotated[str, typer.Argument(help="The device, by its id.", show_default=False)]


@app.command("accept")
def accept_host_key(
    device: Device,
    config: Config = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(help="Accept only this one, as the device's own console shows it: SHA256:…", show_default=False),
    ] = None,
) -> None:
    """Take the host key that a device showed last in place of the one that is known.

    Compare it first with what the device says on its console: somebody may stand in between. A daemon that runs takes
    it up by itself.

    Exit codes: 0 accepted · 2 the device has shown no other key, or not this one.
    """
    learned, given, name = _where(config, device)
    old, new = accept_key(learned, given, name, fingerprint)
    for known in old:
        complain(f"{device}: no longer trusted: {known.key}")
    complain(f"{device}: accepted: {new}")


@app.command()
def show(device: Device, config: Config = None, as_json: Json = False) -> None:
    """Show the host key that a device showed and that was refused, because another is known.

    `--json`: {device, server, refused}.

    Exit codes: 0 there is none · 1 there is one.
    """
    learned, _, name = _where(config, device)
    key = refused(learned, name)
    if as_json:
        print_json({"device": device, "server": name, "refused": None if key is None else str(key)})
    elif key is None:
        complain(f"{device}: no key was refused")
    else:
        typer.echo(str(key))
    if key is not None:
        raise typer.Exit(1)


def _where(config: Path | None, device: str) -> tuple[Path, Path | None, str]:
    """Return noc's own file of host keys, that of people, and the device's name in them.

    Raises InputError where the settings are wrong, UsageError where there is no such device.
    """
    checked = check(config or default_config(), dict(os.environ))
    if checked.settings is None or checked.inventory is None:
        raise InputError(checked.findings)
    known = checked.inventory.devices.get(device)
    if known is None:
        raise UsageError(f"there is no device '{device}' in the inventory")
    credentials = checked.settings.credentials.get(known.watch.credentials or "")
    if credentials is None or credentials.ssh is None:
        raise UsageError(f"device '{device}' has no credentials with an ssh part")
    files = host_key_files(checked.settings, checked.folder)
    return files.learned, files.given, host_name(str(known.address), credentials.ssh.port)
