"""`noc demo`: see all of it on one machine, with nothing installed and nothing to configure."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import typer

from noc.app.demo import DEVICES_A_CORE, DemoOptions, demo
from noc.clock import SystemClock
from noc.http.tour import BREAKS, Broken
from noc.model.errors import UsageError
from noc.simulator.counts import DEVICES
from noc.simulator.places import SITES, SITES_AT_MOST
from noc.simulator.voice import LISTENER
from noc.web.qr import in_terminal


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
    listen: Annotated[
        str, typer.Option(help="IP address of the dashboard; 0.0.0.0: all, for a phone on the same network.")
    ] = LISTENER,
    broken: Annotated[
        str | None,
        typer.Option("--break", help="Break noc itself after a minute, for seven: store, collector or poller."),
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
    breaks = _breaking(broken)
    if ip_of(listen) is None:
        raise UsageError(f"--listen {listen}: is no IP address; write 0.0.0.0 for all, or one of this machine")
    wanted = devices if devices is not None else _as_many_as_it_can(sites)
    with _folder(state_dir) as folder:
        options = DemoOptions(folder, port, sites, wanted, seed, quiet_world, listen, breaks)
        try:
            asyncio.run(demo(options, SystemClock(), tell, Announcer(for_phone=not ip_address(listen).is_loopback)))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None  # a signal came while it started
    if state_dir is None:
        with contextlib.suppress(OSError):
            print(NEXT, file=sys.stderr, flush=True)  # noqa: T201 for people


def _as_many_as_it_can(sites: int) -> int:
    return max(2 * sites, min(DEVICES, DEVICES_A_CORE * (os.cpu_count() or 1)))


@contextlib.contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    """Give the folder of the demo; one that nobody named is gone at the end, as are those of demos that were killed."""
    if wanted is not None:
        yield wanted
        return
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as temporary:
        yield Path(temporary) / "world"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True


def _breaking(word: str | None) -> Broken | None:
    found = next((one for one in BREAKS if one == word), None)
    if word is not None and found is None:
        raise UsageError(f"--break {word}: write one of {', '.join(BREAKS)}")
    return found


def ip_of(text: str) -> str | None:
    """Return an IP address as it is written; None where it is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def tell(text: str) -> None:
    """Tell people what is going on."""
    with contextlib.suppress(OSError):  # the terminal may be closed already
        print(f"noc demo: {text} …", file=sys.stderr, flush=True)  # noqa: T201 progress for people


class Announcer:
    """Prints where the dashboard is, and how to log in; the first time also what to try in another terminal.

    for_phone: a phone may reach it, by a QR code.
    """

    def __init__(self, *, for_phone: bool) -> None:
        self._for_phone = for_phone
        self._first = True

    def __call__(self, url: str, config: Path) -> None:
        """Print it."""
        print(f"noc demo: everything here is SIMULATED. Open {url}", flush=True)  # noqa: T201 the URL is data
        first, self._first = self._first, False
        beside = [COMMANDS.format(config=config)] if first else []
        beside.append("noc demo: the link logs in once, and the next one comes then; Ctrl-C ends the demo")
        if self._for_phone:
            beside.append(f"{in_terminal(url)}noc demo: or scan this with a phone on the same network")
        with contextlib.suppress(OSError):
            print("\n".join(beside), file=sys.stderr, flush=True)  # noqa: T201 for people


PREFIX: Final = "noc-demo-"
COMMANDS: Final = """\
noc demo: to try in another terminal:
    noc incident list -c {config}
    noc incident ack 1 --note "on it" -c {config}
    noc report availability --period 7d --lang ar --format pdf -c {config}"""

NEXT: Final = """\
noc demo: nothing of it is left. Three steps to your own network (docs/install.md):
    write it down: copy config/noc.yaml, and a device or two into config/inventory
    noc discover sweep 192.0.2.0/24      finds the others
    noc check && noc run                 says what is wrong with the settings, then watches"""
