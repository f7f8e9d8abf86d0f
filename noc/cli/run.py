"""`noc run`: the daemon, or a poller far from it. Each imports its own: a poller's machine may be small."""

from __future__ import annotations

import asyncio
import logging
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from noc.cli._config import Config, default_config
from noc.cli._loading import loading
from noc.clock import SystemClock

POLLER_CONFIG: Final = Path("/etc/noc-poller/poller.yaml")


class Role(StrEnum):
    """What a process does. all: everything. poller: it asks devices and sends what they answer to the centre."""

    ALL = "all"
    POLLER = "poller"


RoleOption = Annotated[
    Role, typer.Option("--role", help="all: the whole daemon. poller: a remote poller, by its own poller.yaml.")
]


def command(
    config: Config = None,
    role: RoleOption = Role.ALL,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Run the daemon: poll, judge, keep the ledger, tell people, show it all.

    The address of the dashboard is printed, with a token that logs in once.

    SIGHUP reloads the settings (a file with an error changes nothing), SIGTERM and Ctrl-C stop.

    With --role poller: poll what the centre says, keep it on disk until the centre has it. CONFIG is the poller's own
    file then, by default /etc/noc-poller/poller.yaml.
    """
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    for library in ("aiosqlite", "alembic", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("mqtt").setLevel(logging.ERROR)  # that a link is lost is told with the reason
    if role is Role.POLLER:
        with loading():
            from noc.app.pollerrun import run_poller  # noqa: PLC0415 a poller's machine may be small

        asyncio.run(run_poller(config or POLLER_CONFIG, SystemClock()))
    else:
        with loading():
            from noc.app.run import run  # noqa: PLC0415 all of noc

        asyncio.run(run(config or default_config(), SystemClock(), announce))


def announce(url: str) -> None:
    """Print where the dashboard is, and how to log in."""
    print(f"dashboard, logs in once: {url}", flush=True)  # noqa: T201 the URL is data: a script may want it
