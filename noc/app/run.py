"""Runs the daemon: start, reload by difference on SIGHUP, stop on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from noc.app.build import Daemon, build
from noc.app.check import check
from noc.app.memory import Memory, Rarely
from noc.app.openfiles import allow_many
from noc.app.reload import Reload
from noc.app.site import reporting_of, server_of
from noc.app.statefolder import make_usable
from noc.clock import Clock
from noc.service import Service, running
from noc.systemd import Systemd, Watchdog, handed_sockets

log = logging.getLogger(__name__)

Announce = Callable[[str], None]
"""Is given each URL that logs in."""

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


async def run(config: Path, clock: Clock, announce: Announce) -> None:
    """Run until a signal says stop. Raises NocError where the daemon can't start."""
    checked = await asyncio.to_thread(check, config, dict(os.environ))
    daemon = build(checked, clock, handed=handed_sockets(os.environ))
    await asyncio.to_thread(make_usable, checked)
    for finding in (*checked.findings, *checked.roster):
        log.warning("%s", finding)
    reload = Reload(config, checked, daemon)
    await live(daemon, reload, [server_of(daemon, reload, announce), reporting_of(daemon, reload)])


async def live(
    daemon: Daemon, reload: Reload, beside: Sequence[Service], is_alone: Callable[[], bool] = lambda: False
) -> None:
    """Start a daemon and what goes beside it, and run until a signal says stop. Raises NocError.

    is_alone: asked at SIGHUP; where it is, nobody sits there any more, and the signal says stop, not reload.
    """
    allow_many()
    clock, systemd = daemon.clock, Systemd(os.environ)
    stop, asked = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hung_up() -> None:
        (stop if is_alone() else asked).set()

    loop.add_signal_handler(signal.SIGHUP, hung_up)
    for number in STOPPING:
        loop.add_signal_handler(number, stop.set)
    last = Memory(clock), Watchdog(systemd, clock, daemon.stuck)
    async with running([Rarely(), *daemon.services, *beside, *last]):
        log.info("watching %s", reload.watched)
        systemd.ready(f"watching {reload.watched}")
        reloading = asyncio.create_task(_reload_for_ever(reload, asked, systemd, clock), name="reload")
        await stop.wait()
        log.info("stopping")
        systemd.stopping()
        reloading.cancel()
        await asyncio.gather(reloading, return_exceptions=True)


async def _reload_for_ever(reload: Reload, asked: asyncio.Event, systemd: Systemd, clock: Clock) -> None:
    while True:
        await asked.wait()
        asked.clear()
        systemd.reloading(clock.monotonic())
        state = "" if await reload.now() else "; the settings on disk have errors and are not in use"
        systemd.ready(f"watching {reload.watched}{state}")
