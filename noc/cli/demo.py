"""`noc demo`: see all of it on one machine, with nothing installed and nothing to configure."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from noc.app.demo import DEVICES_A_CORE, DemoOptions, demo
from noc.clock import SystemClock
from noc.simulator.counts import DEVICES
from noc.simulator.places import SITES, SITES_AT_MOST


def command(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="TCP port of the dashboard; 0 takes a free one.")] = 8080,
    sites: Annotated[int, typer.Option(min=1, max=SITES_AT_MOST, help="Sites of the world.")] = SITES,
    devices: Annotated[
        int | None, typer.Option(min=1, help="Devices of the world. Default: as many as this machine can act.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = 1,
    quiet_world: Annotated[bool, typer.Option("--quiet-world", help="Nothing fails by itself.")] = False,
    state_dir: Annotated[
        Path | None,
        typer.Option(help="Keep everything in this folder, and go on from it. Default: forgotten at the end."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what the daemon does.")] = False,
) -> None:
    """Run noc on a simulated world: real SNMP on loopback, faults that come and go, pages, mail.

    Needs no configuration, no server and no root. Ctrl-C ends it and leaves nothing behind.
    """
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    for library in ("aiosqlite", "alembic", "asyncio", "mail.log"):
        logging.getLogger(library).setLevel(logging.WARNING)
    wanted = devices if devices is not None else _as_many_as_it_can(sites)
    with tempfile.TemporaryDirectory(prefix="noc-demo-") as temporary:
        folder = state_dir if state_dir is not None else Path(temporary) / "world"
        options = DemoOptions(folder, port, sites, wanted, seed, quiet_world)
        try:
            asyncio.run(demo(options, SystemClock(), tell, announce))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None  # a signal came while it started


def _as_many_as_it_can(sites: int) -> int:
    return max(2 * sites, min(DEVICES, DEVICES_A_CORE * (os.cpu_count() or 1)))


def tell(text: str) -> None:
    """Tell people what is going on."""
    with contextlib.suppress(OSError):  # the terminal may be closed already
        print(f"noc demo: {text} …", file=sys.stderr, flush=True)  # noqa: T201 progress for people


def announce(url: str) -> None:
    """Print where the dashboard is, and how to log in."""
    print(f"noc demo: everything here is SIMULATED. Open {url}", flush=True)  # noqa: T201 the URL is data
    print("noc demo: the link logs in once; Ctrl-C ends the demo", file=sys.stderr, flush=True)  # noqa: T201 for people
