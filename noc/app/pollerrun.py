"""Runs a poller: start, reread nothing but what the centre sends, stop on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Final

from noc.app.memory import Memory, Rarely
from noc.app.openfiles import allow_many
from noc.app.pollerbuild import Poller
from noc.app.pollerfigures import tell_figures
from noc.app.pollerpages import PollerPages
from noc.app.pollerroot import read_root
from noc.clock import Clock
from noc.service import running
from noc.systemd import Systemd, Watchdog, handed_sockets
from noc.telemetry import Telemetry

log = logging.getLogger(__name__)

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


async def run_poller(config: Path, clock: Clock) -> None:
    """Run until a signal says stop. Raises NocError where the poller can't start."""
    allow_many()
    root = await asyncio.to_thread(read_root, config, dict(os.environ))
    poller, telemetry, systemd = Poller(root, clock, handed_sockets(os.environ)), Telemetry(), Systemd(os.environ)
    tell_figures(telemetry, poller)
    http = root.settings.http
    pages = PollerPages(http.listen, http.port, telemetry, poller.health)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: log.info("a poller's settings come from the centre by themselves"))
    for number in STOPPING:
        loop.add_signal_handler(number, stop.set)
    who = f"poller {root.identity.poller} of {root.identity.group}"
    beside = (pages, Memory(poller.clock), Watchdog(systemd, poller.clock, poller.stuck))
    async with running([Rarely(), *poller.services, *beside]):
        log.info("%s runs", who)
        systemd.ready(who)
        await stop.wait()
        log.info("stopping")
        systemd.stopping()
