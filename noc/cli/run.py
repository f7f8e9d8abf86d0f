"""`noc run`: the daemon."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Annotated

import typer

from noc.app.run import run
from noc.cli._config import Config, default_config
from noc.clock import SystemClock


def command(
    config: Config = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Run the daemon: poll, judge, keep the ledger, tell people, show it all.

    The address of the dashboard is printed, with a token that logs in once.

    SIGHUP reloads the settings (a file with an error changes nothing), SIGTERM and Ctrl-C stop.
    """
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    for library in ("aiosqlite", "alembic", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)
    asyncio.run(run(config or default_config(), SystemClock(), announce))


def announce(url: str) -> None:
    """Print where the dashboard is, and how to log in."""
    print(f"dashboard, logs in once: {url}", flush=True)  # noqa: T201 the URL is data: a script may want it
