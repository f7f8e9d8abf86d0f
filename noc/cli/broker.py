"""`noc broker`: a broker for pollers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from noc.app import brokerfiles
from noc.app.brokeraccounts import rights_of_poller
from noc.app.brokerfiles import Wanted, let_in
from noc.app.enrolling import identity_in
from noc.cli._console import complain, print_json, printable
from noc.cli._state import Json
from noc.clock import SystemClock
from noc.model.errors import UsageError

app = typer.Typer(
    no_args_is_help=True, help="Write what a broker for pollers needs: Mosquitto's folder.", rich_markup_mode=None
)

TLS_PORT: Final = 8883
SERVER_DAYS: Final = 825
AT: Final = Path("/etc/mosquitto/noc")
STATE: Final = Path("/var/lib/mosquitto")

_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,251}\Z|[0-9A-Fa-f:.]{2,45}\Z")
_READER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")


@app.callback()
def group() -> None:
    """Write what a broker for pollers needs: Mosquitto's folder."""


@app.command("config")
def config_files(
    folder: Annotated[Path, typer.Argument(help="The folder to write; made if need be.", show_default=False)],
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host",
            help="Name or address by which the broker is reached; several may be given, the first is the centre's. "
            "Default: those of the certificate that is there.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where it listens for TLS.")] = TLS_PORT,
    at: Annotated[Path, typer.Option(help="Where the broker will find its files, on its machine.")] = AT,
    state: Annotated[Path, typer.Option(help="Where the broker keeps what it retains.")] = STATE,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long its certificate is valid.")] = SERVER_DAYS,
    reader: Annotated[
        list[str] | None,
        typer.Option(
            "--reader", help="Who may read states and incidents, such as a wall of screens.", show_default=False
        ),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", help="Identity of a poller that was enrolled without this folder.", show_default=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make authority and settings anew; all pollers must be enrolled again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the folder of a Mosquitto: settings with TLS, an authority of its own, who may log in, what they may do.

    Prints the lines for noc.yaml. Again in the same folder: the server's certificate is made anew, all else stays.

    `--json`: {folder, hosts, port, files, settings}.

    Exit codes: 0 written · 2 wrong use, nothing was done.
    """
    wanted = Wanted(
        tuple(map(_host, host or ())),
        port,
        _plain(at),
        _plain(state),
        days,
        tuple(map(_reader, reader or ())),
        force,
    )
    more = [identity_in(path) for path in add or ()]
    try:
        written = brokerfiles.write(folder, wanted, SystemClock().now())
        for one in more:
            let_in(folder, one.user, one.password, rights_of_poller(one.poller))
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {(error.strerror or str(error)).lower()}") from error
    if as_json:
        document = {"folder": str(folder), "hosts": list(written.hosts), "port": port, "files": list(written.files)}
        print_json({**document, "settings": written.snippet})
        return
    typer.echo(written.snippet, nl=False)
    complain(f"{folder}: {', '.join(written.files)} written; {folder / brokerfiles.README} says what to copy where")
    if force:
        complain("the authority is new: enrol every poller again, with --force")


def _host(text: str) -> str:
    if _HOST.match(text) is None:
        raise UsageError(f"--host: '{printable(text[:60])}' is no name and no address; write it without a port")
    return text


def _reader(text: str) -> str:
    if _READER.match(text) is None or text.startswith("noc-"):
        raise UsageError(f"--reader: '{text}' is no name for one; write small letters, digits, - and _, not noc-…")
    return text


def _plain(path: Path) -> Path:
    """Return a path that may stand in Mosquitto's settings, which know no quotes."""
    if any(not character.isprintable() for character in str(path)) or not path.is_absolute():
        raise UsageError(f"'{path}' is no path for the broker's settings: write one from the root, without line breaks")
    return path
