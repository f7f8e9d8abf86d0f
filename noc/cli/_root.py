"""The root of the command line: finds the commands, turns errors into messages and exit codes."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from noc import __version__, plugins
from noc.cli._console import complain
from noc.cli._listing import listed
from noc.cli._loading import loading
from noc.model.errors import NocError

PACKAGE = "noc.cli"
INTERRUPTED = 130


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"noc {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Monitor a network: poll devices, keep the ledger of availability, tell the right person.

    Exit codes: 0 done · 1 done, and something is wrong with what was looked at · 2 wrong use or invalid input,
    nothing was done · 3 could not reach or log in to what was asked for · 130 interrupted.
    """


def build(arguments: Sequence[str] | None = None) -> typer.Typer:
    """Assemble the command line from the files of this package; with arguments, as much of it as they need.

    Where they name a command, only its file is imported: `noc poll` needs no database. Where they name none
    (`noc --help`), commands are only listed.
    """
    root = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    root.callback()(_root)
    names = plugins.names(PACKAGE)
    if arguments is not None:
        wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
        if wanted not in names:
            _list(root, names)
            return root
        names = [wanted]
    for name in names:
        module = plugins.load(PACKAGE, name)
        if hasattr(module, "app"):
            root.add_typer(module.app, name=name)
        else:
            root.command(name)(module.command)
    return root


def _list(root: typer.Typer, names: Sequence[str]) -> None:
    """Give a command line the names of its commands and what they are for."""
    for name in names:
        purpose, is_group = listed(PACKAGE, name)
        if is_group:
            root.add_typer(typer.Typer(), name=name, help=purpose)
        else:
            root.command(name, help=purpose)(_root)


def main() -> None:
    """Run the command line; the console script `noc` stands here."""
    is_completion = any(name.startswith("_NOC_COMPLETE") for name in os.environ)  # the shell asks, without arguments
    try:
        is_guest = gc.get_freeze_count() > 0  # another program called, and looks after its own objects
        with contextlib.nullcontext() if is_guest else loading():
            command_line = build(None if is_completion else sys.argv[1:])
        command_line(prog_name="noc")
    except NocError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        complain("interrupted")
        sys.exit(INTERRUPTED)
